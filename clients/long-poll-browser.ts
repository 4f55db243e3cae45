import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { Browser } from "./lib/browser/browser.ts";
import { connectInPage } from "./lib/browser/connection.ts";
import { linksPerPage } from "../scenarios/lib/browser-pages.ts";
import { longPollTiming } from "./lib/polling/poll-timing.ts";

const browser = new Browser({ linksPerPage: linksPerPage.requests });

/** The Chromium of this process. */
export const program = browser.program;

/** HTTP long polling in a page of Chromium: it polls again with fetch as soon as it has a response. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  const { holdMs: pollMs, intervalMs } = longPollTiming(options);
  return connectInPage(browser, { kind: "poll", path: "/poll", pollMs, intervalMs }, address, handler, options);
}
