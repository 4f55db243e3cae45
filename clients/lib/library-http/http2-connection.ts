import { connect, type ClientHttp2Session } from "node:http2";
import type { Address, Options } from "../../../scenarios/contract.ts";
import { http2Settings, http2WindowBytes } from "../../../servers/protocols/http2-settings.ts";
import { dial } from "../net/dial.ts";
import { urlOf } from "../net/tls-options.ts";

/**
 * The HTTP/2 connection of a client. With `Options.reconnect` it is followed by others: a request that finds it ended
 * opens the next one.
 */
export class Http2Connection {
  /** True if another connection may follow. */
  readonly isFollowed: boolean;
  private readonly address: Address;
  private readonly options: Options;
  private session: ClientHttp2Session;
  private opening: Promise<ClientHttp2Session> | undefined;
  private isDestroyed = false;

  /** Takes over a session that has just been opened. */
  constructor(address: Address, options: Options, session: ClientHttp2Session) {
    this.address = address;
    this.options = options;
    this.session = session;
    this.isFollowed = options.reconnect !== undefined;
  }

  /** The session that takes requests; undefined where it has ended. */
  get current(): ClientHttp2Session | undefined {
    return this.session.closed || this.session.destroyed ? undefined : this.session;
  }

  /** Opens the next session. All requests that come meanwhile get the same one. */
  openNext(): Promise<ClientHttp2Session> {
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return this.opening;
  }

  /** Ends a session that does not answer, where another may follow. */
  giveUp(session: ClientHttp2Session): void {
    if (this.isFollowed) session.destroy();
  }

  destroy(): void {
    this.isDestroyed = true;
    // Not while the library reads: see servers/lib/http/http2.ts.
    setImmediate(() => this.session.destroy());
  }

  private async open(): Promise<ClientHttp2Session> {
    if (!this.isDestroyed) this.session = await openHttp2Session(this.address, this.options);
    if (this.isDestroyed) this.session.destroy();
    if (this.session.closed || this.session.destroyed) throw new Error("the HTTP/2 connection has ended");
    return this.session;
  }
}

/**
 * Opens an HTTP/2 connection, over TLS or in clear text with prior knowledge. Resolves at the server's settings. Rejects
 * where the server does not send them within `handshakeMs`.
 */
export async function openHttp2Session(address: Address, { handshakeMs }: Options): Promise<ClientHttp2Session> {
  const socket = await dial(address, handshakeMs, { alpn: "h2" });
  const session = connect(urlOf("http", address), { createConnection: () => socket, settings: http2Settings });
  session.setLocalWindowSize(http2WindowBytes);
  session.on("error", () => undefined); // each stream of the session gets the error
  await receiveSettings(session, handshakeMs).catch((error: unknown) => {
    session.destroy();
    throw error;
  });
  return session;
}

/** Resolves at the server's SETTINGS frame. Rejects where the connection ends before it, or after `handshakeMs`. */
async function receiveSettings(session: ClientHttp2Session, handshakeMs: number): Promise<void> {
  let timeout: NodeJS.Timeout | undefined;
  const received = new Promise<void>((resolve, reject) => {
    timeout = setTimeout(() => reject(new Error(`no HTTP/2 settings within ${handshakeMs} ms`)), handshakeMs);
    session.once("remoteSettings", () => resolve());
    session.once("error", reject);
    session.once("close", () => reject(new Error("the server closed the connection before its HTTP/2 settings")));
  });
  await received.finally(() => clearTimeout(timeout));
}
