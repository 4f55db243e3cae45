import type { Options, Role } from "../../../scenarios/contract.ts";
import type { Listener } from "../hosting/listen.ts";

/** Headers of a response, by lower-case name. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** One request and its response, independent of the version of HTTP. */
export interface HttpExchange {
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** The query without its question mark; empty where there is none. */
  readonly query: string;
  /** The complete body of the request. */
  readonly body: Buffer;
  /** Returns a header of the request by its lower-case name. */
  header(name: string): string | undefined;
  /** Sets the role of the connection. Does nothing in HTTP/2, where one connection carries requests of every role. */
  assignRole(role: Exclude<Role, "duplex">): void;
  /** Bytes of request and response, once `respond` has been called; 0 where the connection carries several exchanges at a time. */
  readonly bytes: number;
  /** Sends a complete response. Does nothing where the connection has ended. */
  respond(status: number, headers?: HttpHeaders, body?: string | Buffer): void;
  /**
   * Begins a response of 200 whose body does not end; undefined where that is impossible, and then the client has got a
   * response or is cut off.
   */
  openStream(headers: HttpHeaders): ResponseStream | undefined;
  /** Calls `listener` once, when the response is complete or the connection has ended. */
  onEnd(listener: () => void): void;
}

/** The body of a response that `openStream` has begun. */
export interface ResponseStream {
  /** Writes the result of `HttpVersion.frame`. Returns false where the connection accepts no more. */
  write(framed: Buffer): boolean;
  /** Bytes that wait in this process. */
  queuedBytes(): number;
  /** Bytes that have left this process. While some wait and this number stays the same, the client does not read. */
  sentBytes(): number;
  /** Ends the body after everything that was written. */
  end(): void;
  /** Destroys the connection at once. */
  drop(): void;
}

/** A version of HTTP. */
export interface HttpVersion {
  /** Puts bytes into the form that any stream accepts. Called once, however many streams get the result. */
  frame(bytes: Buffer): Buffer;
  /**
   * Listens and calls `handle` with each complete request. A request must be complete within `handshakeMs` (408) and
   * its body may have `maxPayloadBytes` (413). A connection without requests is kept for `keepAliveMs`. Rejects when it
   * cannot listen.
   */
  listen(options: Options, keepAliveMs: number, handle: (exchange: HttpExchange) => void): Promise<Listener>;
}
