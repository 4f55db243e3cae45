import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { Browser } from "./lib/browser/browser.ts";
import { connectInPage } from "./lib/browser/connection.ts";
import { linksPerPage } from "../scenarios/lib/browser-pages.ts";

const browser = new Browser({ linksPerPage: linksPerPage.requests });

/** The Chromium of this process. */
export const program = browser.program;

/** Server-sent events in a page of Chromium: messages arrive at an EventSource and leave with fetch. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectInPage(browser, { kind: "sse", path: "/events" }, address, handler, options);
}
