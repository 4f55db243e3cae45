import type { Options, Role } from "../../../scenarios/contract.ts";
import type { Listener } from "../hosting/listen.ts";

/** Headers of an answer, by lower-case name. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** One request and what becomes of it, whichever version of HTTP carries it. The application of a server is written against this. */
export interface HttpExchange {
  readonly method: string;
  /** The path as it was sent, without a query. */
  readonly path: string;
  /** What stands behind the question mark; empty where there is none. */
  readonly query: string;
  /** The whole body. */
  readonly body: Buffer;
  /** A header of the request by its lower-case name. */
  header(name: string): string | undefined;
  /** Says what the connection is for. Where one connection carries everything, it does nothing. */
  assignRole(role: Exclude<Role, "duplex">): void;
  /** Bytes that have passed on the connection, both ways, since it was last asked about; 0 where it carries other exchanges, too. */
  bytesSince(): number;
  /** Gives the whole answer. Does nothing where nobody is left to hear it. */
  answer(status: number, headers?: HttpHeaders, body?: string | Buffer): void;
  /** Begins an answer of 200 whose body goes on; undefined where this asker cannot be given one and has been told so. */
  begin(headers: HttpHeaders): ResponseStream | undefined;
  /** Calls `told` once, when the answer has been given or nobody is left to hear it. */
  onOver(told: () => void): void;
}

/** The body of an answer that goes on. */
export interface ResponseStream {
  /** Hands over what `framed` made; false where the connection takes nothing more. */
  write(framed: Buffer): boolean;
  /** Bytes that wait in this process. */
  waitingBytes(): number;
  /** Bytes that have left it: where some wait and no more leave, nobody reads. */
  unsentBytes(): number;
  /** Says that this was all, after what was written before. */
  end(): void;
  /** Ends the whole connection at once. */
  drop(): void;
}

/** A version of HTTP. */
export interface HttpVersion {
  /** Puts bytes into the form in which any flow takes them: once, whatever the number of flows. */
  framed(bytes: Buffer): Buffer;
  /**
   * Listens and calls `take` with each request that is complete. A request has to be so within `handshakeMs` (408) and its body within
   * `maxPayloadBytes` (413); a connection without requests is kept for `keepAliveMs`. Rejects where it cannot listen.
   */
  listen(options: Options, keepAliveMs: number, take: (exchange: HttpExchange) => void): Promise<Listener>;
}
