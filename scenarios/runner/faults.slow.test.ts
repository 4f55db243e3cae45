import { expect, it } from "vitest";
import type { FaultMeasurement, Measurement } from "../../results/model/measurement.ts";
import { parseFault } from "../definitions/fault.ts";
import { resolveSettings, type SettingsOverrides } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { runTrial } from "./run-trial.ts";

const quick = { clients: 60, ratePerS: 20, warmupMs: 300, durationMs: 8_000, reconnect: { minMs: 500, maxMs: 1_000 } };

/** What a fault did to a trial of 60 clients with 20 messages a second. */
async function measure(
  transport: string,
  fault: string,
  changes: SettingsOverrides = {},
): Promise<Measurement & { fault: FaultMeasurement }> {
  const overrides = { ...quick, fault: parseFault("fault", fault), ...changes };
  const settings = resolveSettings("cut", scenarios.cut, overrides);
  const measured = await runTrial({ transport, settings, repeat: 1 }, new AbortController().signal, () => undefined);
  return { ...measured, fault: measured.fault! };
}

const missedIn = ({ fault }: { fault: FaultMeasurement }): number =>
  fault.interruptions.reduce((sum, { missed }) => sum + missed, 0);

/** Deliveries that no interruption explains. */
const unexplained = (measured: Measurement & { fault: FaultMeasurement }): number =>
  measured.delivery.expected - measured.delivery.delivered - missedIn(measured);

it.each(["ws", "tcp", "tcp-lines", "socket.io", "mqtt", "grpc", "http-stream"])(
  "of %s, each client that was cut misses exactly what was due while it was away, but for what was on its way",
  async (transport) => {
    const measured = await measure(transport, "cut:50%@2s");
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
    expect(unexplained(measured)).toBe(0);
    expect(measured.delivery).toMatchObject({ duplicated: 0, reordered: 0, unexpected: 0, corrupted: 0 });
  },
  60_000,
);

it.each(["ws", "tcp", "tcp-lines", "socket.io", "grpc", "http-stream"])(
  "of %s with a history, no client that was cut misses a message or gets one twice",
  async (transport) => {
    const measured = await measure(transport, "cut:50%@2s", { historyMessages: 500 });
    const { interruptions } = measured.fault;
    expect(interruptions.filter(({ missed, replayed }) => missed > 0 || replayed === 0)).toEqual([]);
    expect(unexplained(measured)).toBe(0);
    expect(measured.delivery).toMatchObject({ duplicated: 0, reordered: 0, unexpected: 0, corrupted: 0 });
  },
  60_000,
);

it("a history that is too short is missed from its beginning", async () => {
  const { fault } = await measure("ws", "cut:50%@2s", { historyMessages: 3 });
  for (const { missed, possible, replayed } of fault.interruptions) {
    expect(missed).toBeGreaterThan(0);
    expect(replayed).toBeGreaterThanOrEqual(1);
    expect(missed + replayed).toBeLessThanOrEqual(possible);
  }
}, 60_000);

it.each(["short-poll", "long-poll", "sse"])(
  "the session of %s brings what a cut client has missed",
  async (transport) => {
    const measured = await measure(transport, "cut:50%@2s");
    expect(missedIn(measured)).toBe(0);
    expect(unexplained(measured)).toBe(0);
    expect(measured.delivery).toMatchObject({ duplicated: 0, reordered: 0, unexpected: 0, corrupted: 0 });
  },
  60_000,
);

it("a silence that no heartbeat meets is never noticed, and TCP brings everything", async () => {
  const measured = await measure("ws", "gone:2s:50%@2s");
  expect(measured.fault.interruptions.filter(({ detectUs }) => !Number.isNaN(detectUs))).toEqual([]);
  expect(measured.delivery.delivered).toBe(measured.delivery.expected);
}, 60_000);

it("a silence that a heartbeat meets ends connections, and loses what was sent into them", async () => {
  const { fault } = await measure("ws", "gone:4s:50%@1s", { heartbeatMs: 1_000, durationMs: 10_000 });
  expect(fault.interruptions.filter(({ detectUs }) => Number.isNaN(detectUs))).toEqual([]);
  for (const { missed } of fault.interruptions) expect(missed).toBeGreaterThan(0);
  expect(fault.serverDetectUs).toHaveLength(30);
}, 60_000);

it("half-open: what the servers send is lost, and the others hear what the affected clients would have said", async () => {
  const measured = await measure("ws", "half-open:4s:50%@1s", { heartbeatMs: 1_000, durationMs: 10_000 });
  expect(measured.fault.interruptions.filter(({ detectUs }) => Number.isNaN(detectUs))).toEqual([]);
  expect(unexplained(measured)).toBe(0);
}, 60_000);

it.each(["restart", "restart-hard"])(
  "after a %s every client is in its room again, and what senders could not say is said later",
  async (kind) => {
    const measured = await measure("ws", `${kind}@2s`);
    expect(measured.fault.interruptions).toHaveLength(60);
    expect(measured.fault.interruptions.filter(({ gaveUp, backUs }) => gaveUp || Number.isNaN(backUs))).toEqual([]);
    expect(measured.fault.unsaid).toBeGreaterThan(0);
    expect(unexplained(measured)).toBe(0);
    expect(measured.delivery.sent).toBe(measured.delivery.planned);
  },
  60_000,
);

it("clients that sleep are brought what was said meanwhile", async () => {
  const measured = await measure("tcp", "asleep:2s:10%@2s", { durationMs: 10_000 });
  expect(measured.fault.interruptions).toHaveLength(6);
  expect(measured.delivery.delivered).toBe(measured.delivery.expected);
}, 60_000);

it("a recurring cut meets each client once in each period, at the moments of the plan", async () => {
  const changes = { clients: 20, durationMs: 12_000, reconnect: { minMs: 300, maxMs: 300 } };
  const measured = await measure("ws", "cut:100%/3s@0s", changes);
  const times = new Map<number, number>();
  for (const { client } of measured.fault.interruptions) times.set(client, (times.get(client) ?? 0) + 1);
  expect(times.size).toBe(20);
  for (const count of times.values()) expect([2, 3]).toContain(count);
  expect(unexplained(measured)).toBe(0);
}, 60_000);
