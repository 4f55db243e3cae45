import { Manager } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../scenarios/lib/until.ts";
import { openCuttable, type Cuttable } from "../../../scenarios/testing/cuttable.ts";
import { socketIoReconnection } from "./library-reconnection.ts";

/** The waits of the library before ten attempts in a row. */
function waitsOf(options: ReturnType<typeof socketIoReconnection>): number[] {
  const manager = new Manager("http://127.0.0.1:1", { ...options, autoConnect: false });
  const { backoff } = manager as unknown as { backoff: { duration(): number } };
  return Array.from({ length: 10 }, () => backoff.duration());
}

it("waits exactly as long as a window without a width says", () => {
  expect(new Set(waitsOf(socketIoReconnection({ minMs: 2_000, maxMs: 2_000 })))).toEqual(new Set([2_000]));
});

it.each([
  [1_000, 5_000],
  [0, 0],
  [0, 50],
  [7, 8],
])("each wait lies in the window from %d to %d ms, and is 1 ms at least", (minMs, maxMs) => {
  for (let trial = 0; trial < 100; trial++)
    for (const waitMs of waitsOf(socketIoReconnection({ minMs, maxMs }))) {
      expect(waitMs).toBeGreaterThanOrEqual(Math.max(1, minMs));
      expect(waitMs).toBeLessThanOrEqual(Math.max(1, maxMs));
    }
});

describe.each(["socket.io-library", "socket.io-polling", "socket.io-msgpack", "socket.io-recovery"])("%s", (name) => {
  let chat: Cuttable;
  beforeEach(async () => {
    chat = await openCuttable(name);
  });
  afterEach(() => chat.close());
  const soon = { minMs: 1, maxMs: 1 };

  it("is lost once and back once for each cut", async () => {
    const client = await chat.enter(soon);
    for (let cuts = 1; cuts <= 2; cuts++) {
      await until(() => client.received.length >= cuts, "the client has received something");
      chat.cut();
      await until(() => client.told.length === 2 * cuts, "the client is back");
      client.connection.send(Buffer.from(`message ${cuts}`), true);
    }
    const back = name === "socket.io-recovery" ? "resumed" : "back";
    expect(client.told).toEqual(["lost", back, "lost", back]);
    client.connection.close();
    expect(client.told.slice(4)).toEqual(["closed"]);
  });

  it("connects again after the server has disconnected it, until it is closed", async () => {
    const client = await chat.enter(soon);
    await until(() => client.received.length === 1, "the client has entered");
    await chat.close();
    await until(() => client.told.length > 0, "the client is lost");
    client.connection.close();
    expect(client.told).toEqual(["lost", "closed"]);
    chat = await openCuttable(name);
  });
});
