import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { readBatch, batchTypes } from "../../../servers/protocols/batch.ts";
import type { HttpRequest, OpenChannels } from "./request-channel.ts";
import { extraHeaders } from "../http1/request-head.ts";
import type { HttpResponse } from "./undici.ts";
import { startInterval } from "../net/interval.ts";
import { formatCursor } from "../../../servers/protocols/cursor.ts";

/** How a polling client spaces its asks: `pause` resolves when the next one is due. */
export interface PollRhythm {
  holdMs: number;
  pause(): Promise<void>;
}

/** Asks every `pollIntervalMs`, at the client's phase of it. */
export function pollAtIntervals({ pollIntervalMs, phase }: Options): PollRhythm {
  let due = (): void => undefined;
  const wait = startInterval(pollIntervalMs, phase, () => due());
  return {
    holdMs: 0,
    pause: () =>
      new Promise((resolve) => {
        due = resolve;
        wait();
      }),
  };
}

/** Asks again as soon as there is an answer. */
export function pollAgainImmediately({ holdMs }: Options): PollRhythm {
  return { holdMs, pause: () => Promise.resolve() };
}

/**
 * A client of the polling protocol through a library. An ask that is cut off is repeated once; a second failure ends the link. Sends go
 * one after another and wait for no ask.
 */
export async function connectLibraryPolling(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  openLines: OpenChannels,
  { holdMs, pause }: PollRhythm,
): Promise<Connection> {
  const { handshakeMs, extraHeaderBytes } = options;
  const extra = extraHeaders(extraHeaderBytes);
  const { sends, asks: polls, destroy } = await openLines(address, options);
  let state: "open" | "closing" | "closed" = "open";
  let path = "/poll";
  let received = 0;

  async function say(method: HttpRequest["method"], due: number, headers = {}, body?: Buffer): Promise<HttpResponse> {
    const call = { method, path, headers: { ...extra, ...headers }, ...(body && { body }) };
    return expectStatus(await sends.call(call, handshakeMs), due);
  }

  try {
    path += `/${(await say("POST", 201)).body.toString()}`;
  } catch (error) {
    destroy();
    throw error;
  }

  function finish(error?: Error): void {
    if (state === "closed") return;
    state = "closed";
    destroy();
    handler.closed(error);
  }

  const ask = (): Promise<HttpResponse> =>
    polls.call(
      { method: "GET", path: `${path}?after=${formatCursor(received)}`, headers: extra },
      holdMs + handshakeMs,
    );

  async function keepAsking(): Promise<void> {
    for (;;) {
      await pause();
      if (state === "closed") return;
      const answer = await ask().catch(ask);
      if (answer.status === 410) return finish();
      if (answer.status === 204) continue;
      expectStatus(answer, 200);
      readBatch(answer.type, answer.body, (payload, text) => {
        received++;
        handler.receive(payload, text);
      });
    }
  }

  keepAsking().catch(finish);

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

function expectStatus(answer: HttpResponse, status: number): HttpResponse {
  if (answer.status === status) return answer;
  throw new Error(`the polling server answered ${answer.status} where ${status} was due: ${answer.body.toString()}`);
}
