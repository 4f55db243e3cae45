import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { Browser } from "./lib/browser/browser.ts";
import { connectInPage } from "./lib/browser/connection.ts";
import { linksPerPage } from "../scenarios/lib/browser-pages.ts";

const browser = new Browser({ linksPerPage: linksPerPage.webSocket });

/** The Chromium of this process. */
export const program = browser.program;

/** Raw WebSocket in a page of Chromium. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectInPage(browser, { kind: "ws", path: "/" }, address, handler, options);
}
