import type { Address, Inbox, Link, Options } from "../../scenarios/contract.ts";
import { readBatch, types } from "../../servers/lib/batch.ts";
import { cursor } from "../../servers/lib/mailbox.ts";
import { extraHeaders } from "./http-requests.ts";
import { connection, exchange, type Answer } from "./http.ts";

/** How a polling client spaces its asks: `pause` resolves when the next one is due. */
export interface Rhythm {
  holdMs: number;
  pause(): Promise<void>;
}

/**
 * A client of the polling protocol through undici. It keeps two connections, as a browser would: on one it asks, on the other it
 * sends, so that no send waits behind a held ask. An ask that is cut off is repeated once; a second failure ends the link.
 */
export async function connectPolling(
  address: Address,
  inbox: Inbox,
  options: Options,
  { holdMs, pause }: Rhythm,
): Promise<Link> {
  const sends = connection(address, options, options.handshakeMs);
  const asks = connection(address, options, holdMs + options.handshakeMs);
  let state: "open" | "closing" | "closed" = "open";
  let received = 0;
  const extra = extraHeaders(options.extraHeaderBytes);

  const joined = await exchange(sends, { method: "POST", path: "/poll", headers: extra })
    .then((answer) => expectStatus(answer, 201))
    .catch((error: Error) => {
      discard();
      throw error;
    });
  const path = `/poll/${joined.body.toString()}`;

  function discard(): void {
    void sends.destroy();
    void asks.destroy();
  }

  function finish(error?: Error): void {
    if (state === "closed") return;
    state = "closed";
    discard();
    inbox.closed(error);
  }

  const ask = (): Promise<Answer> =>
    exchange(asks, { method: "GET", path: `${path}?after=${cursor(received)}`, headers: extra });

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
        inbox.receive(payload, text);
      });
    }
  }

  keepAsking().catch(finish);

  return {
    send(payload, text) {
      if (state !== "open") return;
      const headers = { ...extra, "content-type": text ? types.text : types.binary };
      // A request may wait for the one before: this payload is the caller's again before that.
      exchange(sends, { method: "POST", path, headers, body: Buffer.from(payload) })
        .then((answer) => expectStatus(answer, 204))
        .catch(finish);
    },
    close() {
      if (state !== "open") return;
      state = "closing";
      exchange(sends, { method: "DELETE", path, headers: extra }).then(() => finish(), finish);
    },
  };
}

function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`the polling server answered ${answer.status} where ${status} was due: ${answer.body.toString()}`);
}
