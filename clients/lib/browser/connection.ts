import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { deliverAsOf } from "../../../scenarios/lib/clock.ts";
import { closingError } from "../websocket/closing-error.ts";
import { originOf, type Browser } from "./browser.ts";
import type { PageNote } from "./page-hub.ts";
import type { LinkRequest } from "./page-links.ts";
import type { ClientPage, LinkListener } from "./page.ts";

/** What a kind of client opens: its protocol, its path where the address has none, and its polls. */
export type LinkKind = Pick<LinkRequest, "kind"> & { path: string } & Partial<
    Pick<LinkRequest, "pollMs" | "intervalMs">
  >;

/** Numbers of links, unique in this process. Number 0 is the page itself. */
let links = 0;

/** Opens a connection of one client in a page. */
export async function connectInPage(
  browser: Browser,
  { kind, path, pollMs = 0, intervalMs = 0 }: LinkKind,
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  if (address.headers || address.socketPath !== undefined || address.tls || address.certificate !== undefined)
    throw new Error("a page can set no headers, and joins no Unix socket and no server over TLS here");
  const page = await browser.place(originOf(address));
  const request: LinkRequest = {
    kind,
    url: page.origin + (address.path ?? path),
    subprotocols: address.subprotocol?.split(",") ?? [],
    requestMs: options.handshakeMs,
    pollMs: pollMs + options.handshakeMs,
    intervalMs,
    phase: options.phase,
  };
  const connection = new PageConnection(browser, page, handler);
  return connection.open(request, options.handshakeMs);
}

/** A connection in a page, as the worker sees it. */
class PageConnection implements Connection, LinkListener {
  private readonly browser: Browser;
  private readonly page: ClientPage;
  private readonly handler: ConnectionHandler;
  private readonly link = ++links;
  private state: "opening" | "open" | "closing" | "closed" = "opening";
  private opened: ((connection: Connection) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;

  constructor(browser: Browser, page: ClientPage, handler: ConnectionHandler) {
    this.browser = browser;
    this.page = page;
    this.handler = handler;
  }

  open(request: LinkRequest, handshakeMs: number): Promise<Connection> {
    const { browser, page, link } = this;
    browser.use();
    return new Promise<Connection>((resolve, reject) => {
      const timeout = setTimeout(() => {
        page.act([link, "close"]);
        this.ended(new Error(`the server did not accept ${page.name} within ${handshakeMs} ms`));
      }, handshakeMs);
      this.opened = (connection) => {
        clearTimeout(timeout);
        resolve(connection);
      };
      this.failed = (error) => {
        clearTimeout(timeout);
        reject(error);
      };
      page.add(link, this);
      page.act([link, "open", request]);
    });
  }

  send(payload: Buffer, text: boolean): void {
    if (this.state !== "open") return;
    if (text) this.page.act([this.link, "text", payload.toString()]);
    else this.page.act([this.link, "bytes", payload.toString("base64")]);
  }

  close(): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.page.act([this.link, "close"]);
  }

  noted(note: PageNote, atUs: number): void {
    if (this.state === "closed") return;
    if (note[1] === "text") deliverAsOf(atUs, () => this.handler.receive(Buffer.from(note[2]), true));
    else if (note[1] === "bytes") deliverAsOf(atUs, () => this.handler.receive(Buffer.from(note[2], "base64"), false));
    else if (note[1] === "closed") this.ended(this.reasonOf(note[2], note[3]));
    else if (this.state === "opening") {
      this.state = "open";
      this.opened!(this);
    }
  }

  lost(reason: Error): void {
    this.ended(reason);
  }

  /** Why the link has ended. Undefined where one side closed it as its protocol says. */
  private reasonOf(reason: string, code: number): Error | undefined {
    if (code === 0) return new Error(reason);
    if (code === 1006) return new Error("the WebSocket broke without a close frame (1006)");
    return this.state === "closing" ? undefined : closingError(code, Buffer.from(reason));
  }

  private ended(error?: Error): void {
    if (this.state === "closed") return;
    const wasOpening = this.state === "opening";
    this.state = "closed";
    this.browser.release();
    if (wasOpening) this.failed!(error ?? new Error("the server closed the connection before it was ready"));
    else this.handler.closed(error);
  }
}
