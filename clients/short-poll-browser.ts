import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { Browser } from "./lib/browser/browser.ts";
import { connectInPage } from "./lib/browser/connection.ts";
import { linksPerPage } from "../scenarios/lib/browser-pages.ts";
import { shortPollTiming } from "./lib/polling/poll-timing.ts";

const browser = new Browser({ linksPerPage: linksPerPage.requests });

/** The Chromium of this process. */
export const program = browser.program;

/** HTTP short polling in a page of Chromium: it polls with fetch every `pollIntervalMs`, at the phase of this client. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  const { holdMs: pollMs, intervalMs } = shortPollTiming(options);
  return connectInPage(browser, { kind: "poll", path: "/poll", pollMs, intervalMs }, address, handler, options);
}
