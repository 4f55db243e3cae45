import { expect, it } from "vitest";
import { runWithFault, unexplainedIn } from "../testing/measured-fault.ts";

it("a silence that no heartbeat meets is never noticed, and TCP brings everything", async () => {
  const measured = await runWithFault("ws", "gone:2s:50%@1s");
  expect(measured.fault.interruptions.filter(({ detectUs }) => !Number.isNaN(detectUs))).toEqual([]);
  expect(measured.delivery.delivered).toBe(measured.delivery.expected);
}, 60_000);

it("a silence that a heartbeat meets ends connections, and loses what was sent into them", async () => {
  const { fault } = await runWithFault("ws", "gone:4s:50%@1s", { heartbeatMs: 1_000, durationMs: 9_000 });
  expect(fault.interruptions.filter(({ detectUs }) => Number.isNaN(detectUs))).toEqual([]);
  for (const { missed } of fault.interruptions) expect(missed).toBeGreaterThan(0);
  expect(fault.serverDetectUs).toHaveLength(30);
}, 60_000);

it("half-open: what the servers send is lost, and the others hear what the affected clients would have said", async () => {
  const measured = await runWithFault("ws", "half-open:4s:50%@1s", { heartbeatMs: 1_000, durationMs: 9_000 });
  expect(measured.fault.interruptions.filter(({ detectUs }) => Number.isNaN(detectUs))).toEqual([]);
  expect(unexplainedIn(measured)).toBe(0);
}, 60_000);

it.each(["restart", "restart-hard"])(
  "after a %s every client is in its room again, and what senders could not say is said later",
  async (kind) => {
    const measured = await runWithFault("ws", `${kind}@1s`);
    expect(measured.fault.interruptions).toHaveLength(60);
    expect(measured.fault.interruptions.filter(({ gaveUp, backUs }) => gaveUp || Number.isNaN(backUs))).toEqual([]);
    expect(measured.fault.unsaid).toBeGreaterThan(0);
    expect(unexplainedIn(measured)).toBe(0);
    expect(measured.delivery.sent).toBe(measured.delivery.planned);
  },
  60_000,
);

it("clients that sleep are brought what was said meanwhile", async () => {
  const measured = await runWithFault("tcp", "asleep:2s:10%@1s", { durationMs: 7_000 });
  expect(measured.fault.interruptions).toHaveLength(6);
  expect(measured.delivery.delivered).toBe(measured.delivery.expected);
}, 60_000);

it("a recurring cut meets each client once in each period, at the moments of the plan", async () => {
  const changes = { clients: 20, durationMs: 12_000, reconnect: { minMs: 300, maxMs: 300 } };
  const measured = await runWithFault("ws", "cut:100%/3s@0s", changes);
  const times = new Map<number, number>();
  for (const { client } of measured.fault.interruptions) times.set(client, (times.get(client) ?? 0) + 1);
  expect(times.size).toBe(20);
  for (const count of times.values()) expect([2, 3]).toContain(count);
  expect(unexplainedIn(measured)).toBe(0);
}, 60_000);
