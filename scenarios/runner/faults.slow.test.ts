import { expect, it } from "vitest";
import { runWithFault, missedIn, unexplainedIn } from "../testing/measured-fault.ts";

it.each(["ws", "tcp", "socket.io", "mqtt", "grpc", "http-stream"])(
  "of %s, each client that was cut misses exactly what was due while it was away, but for what was on its way",
  async (transport) => {
    const measured = await runWithFault(transport, "cut:50%@1s");
    const { interruptions } = measured.fault;
    expect(interruptions).toHaveLength(30);
    for (const { detectUs, backUs, gaveUp, missed, leastMissed, possible } of interruptions) {
      expect([detectUs, backUs].every((us) => us > 0)).toBe(true);
      expect(gaveUp).toBe(false);
      expect(leastMissed).toBeGreaterThan(5);
      // One message may be due before the connection is open and said after the client has entered.
      expect(missed).toBeGreaterThanOrEqual(leastMissed - 1);
      expect(missed).toBeLessThanOrEqual(possible);
    }
    expect(unexplainedIn(measured)).toBe(0);
    expect(measured.delivery).toMatchObject({ duplicated: 0, reordered: 0, unexpected: 0, corrupted: 0 });
  },
  60_000,
);

it.each(["ws", "tcp", "grpc", "http-stream"])(
  "of %s with a history, no client that was cut misses a message or gets one twice",
  async (transport) => {
    const measured = await runWithFault(transport, "cut:50%@1s", { historyMessages: 500 });
    const { interruptions } = measured.fault;
    expect(interruptions.filter(({ missed, replayed }) => missed > 0 || replayed === 0)).toEqual([]);
    expect(unexplainedIn(measured)).toBe(0);
    expect(measured.delivery).toMatchObject({ duplicated: 0, reordered: 0, unexpected: 0, corrupted: 0 });
  },
  60_000,
);

it("a history that is too short is missed from its beginning", async () => {
  const { fault } = await runWithFault("ws", "cut:50%@1s", { historyMessages: 3 });
  for (const { missed, possible, replayed } of fault.interruptions) {
    expect(missed).toBeGreaterThan(0);
    expect(replayed).toBeGreaterThanOrEqual(1);
    expect(missed + replayed).toBeLessThanOrEqual(possible);
  }
}, 60_000);

it.each(["short-poll", "long-poll", "sse"])(
  "the session of %s brings what a cut client has missed",
  async (transport) => {
    const measured = await runWithFault(transport, "cut:50%@1s");
    expect(missedIn(measured)).toBe(0);
    expect(unexplainedIn(measured)).toBe(0);
    expect(measured.delivery).toMatchObject({ duplicated: 0, reordered: 0, unexpected: 0, corrupted: 0 });
  },
  60_000,
);
