import { setTimeout as delay } from "node:timers/promises";
import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { batchTypes } from "../../../servers/protocols/batch.ts";
import type { OpenChannels } from "./request-channel.ts";
import { extraHeaders } from "../http1/request-head.ts";
import type { HttpResponse } from "./undici.ts";

/** What the body of a stream tells. */
export interface StreamEvents {
  message(payload: Buffer, text: boolean): void;
  /** What a stream that breaks off after this message is gone on with. */
  id(id: string): void;
  /** How many milliseconds to wait before that. */
  retry(ms: number): void;
  /** The server has closed the link. */
  goodbye(): void;
}

/** A kind of stream: where it is, of what type, and how its body is read. A reader throws at what it cannot read. */
export interface StreamKind {
  path: string;
  type: string;
  reader(telling: StreamEvents, maxPayloadBytes: number): (chunk: Buffer) => void;
  /** The end of the body is the server's goodbye, and a stream that breaks off cannot be gone on with. */
  endsWithBody?: true;
}

/** After so many heartbeats that did not come, the server counts as gone. */
const silences = 3;

/**
 * A client of the session protocol that holds a stream open. A stream that breaks off is gone on with, after the time that the server
 * named, where its kind has that; where it cannot be, the link ends.
 */
export async function connectLibraryStream(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  openLines: OpenChannels,
  kind: StreamKind,
): Promise<Connection> {
  const { handshakeMs, heartbeatMs, maxPayloadBytes } = options;
  const extra = extraHeaders(options.extraHeaderBytes);
  const { sends, asks: polls, destroy } = await openLines(address, options);
  let state: "open" | "closing" | "closed" = "open";
  let path = kind.path;
  let lastId: string | undefined;
  let retryMs = 0;
  let silent = 0;
  let giveUp = (): void => undefined;

  async function say(method: "POST" | "DELETE", due: number, headers = {}, body?: Buffer): Promise<HttpResponse> {
    const answer = await sends.call(
      { method, path, headers: { ...extra, ...headers }, ...(body && { body }) },
      handshakeMs,
    );
    if (answer.status === due) return answer;
    throw new Error(`the server answered ${answer.status} to ${method} ${path} where ${due} was due`);
  }

  const telling: StreamEvents = {
    message(payload, text) {
      if (state === "closed") return;
      if (payload.length > maxPayloadBytes)
        throw new RangeError(`a message has ${payload.length} bytes, at most ${maxPayloadBytes} are accepted`);
      handler.receive(payload, text);
    },
    id: (id) => (lastId = id),
    retry: (ms) => (retryMs = ms),
    goodbye: () => finish(),
  };

  /** Opens a stream. Resolves when it has begun, rejects where it does not. */
  function listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const read = kind.reader(telling, maxPayloadBytes);
      let refusal: Error | undefined = new Error("the stream did not begin");
      const headers = { ...extra, accept: kind.type, ...(lastId !== undefined && { "last-event-id": lastId }) };
      giveUp = polls.read({ method: "GET", path, headers }, handshakeMs, {
        head(status, type) {
          const right = status === 200 && type === kind.type;
          refusal = right ? undefined : new Error(`the server answered ${status} ${type} where a stream was due`);
          if (right) resolve();
        },
        data(chunk) {
          if (refusal) return;
          silent = 0;
          try {
            read(chunk);
          } catch (error) {
            finish(error as Error);
          }
        },
        ended(error) {
          if (refusal) reject(error ?? refusal);
          else goOn(error).catch(finish);
        },
      });
    });
  }

  /** What is to be done when a stream has ended. */
  async function goOn(error?: Error): Promise<void> {
    if (kind.endsWithBody) return finish(error);
    await delay(retryMs);
    if (state === "open") await listen();
  }

  function finish(error?: Error): void {
    if (state === "closed") return;
    state = "closed";
    clearInterval(watch);
    destroy();
    handler.closed(error);
  }

  const watch = setInterval(() => ++silent > silences && giveUp(), heartbeatMs);
  try {
    path += `/${(await say("POST", 201)).body.toString()}`;
    await listen();
  } catch (error) {
    clearInterval(watch);
    destroy();
    throw error;
  }

  return {
    send(payload, text) {
      if (state !== "open") return;
      // A request may wait for the one before: this payload is the caller's again before that.
      say("POST", 204, { "content-type": text ? batchTypes.text : batchTypes.binary }, Buffer.from(payload)).catch(
        finish,
      );
    },
    close() {
      if (state !== "open") return;
      state = "closing";
      say("DELETE", 204).then(() => finish(), finish);
    },
  };
}
