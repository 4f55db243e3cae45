import type { Address, Options } from "../../../scenarios/contract.ts";
import type { HttpResponse } from "./undici.ts";

/** A request of the session protocol. */
export interface HttpRequest {
  method: "GET" | "POST" | "DELETE" | "HEAD" | "PUT";
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** What becomes of an answer that goes on. */
export interface BodyReader {
  /** Its status and Content-Type have arrived. */
  head(status: number, type: string): void;
  data(chunk: Buffer): void;
  /** It has ended; with an error where it was cut off or never began. Called once. */
  ended(error?: Error): void;
}

/** Calls to one server that are made one after another. */
export interface RequestChannel {
  /** Resolves to the whole answer, whatever its status; rejects where none begins within `patienceMs` or the connection breaks. */
  call(call: HttpRequest, timeoutMs: number): Promise<HttpResponse>;
  /** Makes a call whose answer may go on for ever; what is returned gives it up. */
  read(call: HttpRequest, patienceMs: number, reader: BodyReader): () => void;
}

/** A client's two ways to its server, so that no send waits behind what is asked for. */
export interface RequestChannels {
  sends: RequestChannel;
  asks: RequestChannel;
  /** Ends all connections at once. */
  destroy(): void;
}

/** Opens both; rejects where nobody accepts or answers in this version of HTTP within `handshakeMs`. */
export type OpenChannels = (address: Address, options: Options) => Promise<RequestChannels>;
