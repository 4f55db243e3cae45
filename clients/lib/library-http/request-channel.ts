import type { Address, Options } from "../../../scenarios/contract.ts";
import type { HttpResponse } from "./undici.ts";

/** A request of the session protocol. */
export interface HttpRequest {
  method: "GET" | "POST" | "DELETE" | "HEAD" | "PUT";
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** Receiver of a response whose body arrives over time. */
export interface BodyReader {
  /** The status and Content-Type have arrived. */
  head(status: number, type: string): void;
  data(chunk: Buffer): void;
  /** Called once, when the body is complete; with an error where it was cut off or never began. */
  ended(error?: Error): void;
}

/** A way to make requests to one server, one after another. */
export interface RequestChannel {
  /**
   * Resolves to the complete response, whatever its status. Rejects where none begins within `timeoutMs` or the
   * connection breaks.
   */
  call(request: HttpRequest, timeoutMs: number): Promise<HttpResponse>;
  /** Makes a request whose response may never end. The result aborts it. */
  read(request: HttpRequest, timeoutMs: number, reader: BodyReader): () => void;
}

const unsent = new WeakSet<Error>();

/** Returns the error of a request, and notes that nothing of the request has left: it can be made again without doubt. */
export function asUnsent(error: Error): Error {
  unsent.add(error);
  return error;
}

/** True for an error that `asUnsent` has returned. */
export function isUnsent(error: unknown): boolean {
  return unsent.has(error as Error);
}

/** The two channels of a client, so that no send waits for a poll or a stream. */
export interface RequestChannels {
  sends: RequestChannel;
  /** For polls, or for the stream. */
  polls: RequestChannel;
  /** Ends all connections at once. */
  destroy(): void;
}

/**
 * Opens both channels. May reject where the server does not accept, or does not speak this version of HTTP, within
 * `handshakeMs`.
 */
export type OpenChannels = (address: Address, options: Options) => Promise<RequestChannels>;
