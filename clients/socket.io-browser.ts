import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { Browser } from "./lib/browser/browser.ts";
import { connectInPage } from "./lib/browser/connection.ts";
import { linksPerPage } from "../scenarios/lib/browser-pages.ts";

const browser = new Browser({
  linksPerPage: linksPerPage.webSocket,
  library: "socket.io-client/dist/socket.io.js",
});

/** The Chromium of this process. */
export const program = browser.program;

/** Socket.IO in a page of Chromium: the official client as browsers get it, over WebSocket only. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectInPage(browser, { kind: "socket.io", path: "" }, address, handler, options);
}
