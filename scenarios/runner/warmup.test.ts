import { expect, it } from "vitest";
import { virtualClock, type VirtualClock } from "../testing/virtual-clock.ts";
import type { ServerSnapshot } from "./server-snapshot.ts";
import { isStable, waitUntilIdle, waitUntilStable } from "./warmup.ts";

it("a cost is stable once two consecutive slices agree within 10 % of the later one", () => {
  expect(isStable([])).toBe(false);
  expect(isStable([10])).toBe(false);
  expect(isStable([11, 10])).toBe(true);
  expect(isStable([11.1, 10])).toBe(false);
  expect(isStable([10, 10, 20, 10])).toBe(false);
  expect(isStable([30, 10, 9.5])).toBe(true);
});

it("the difference is relative to the later slice, whichever of the two is larger", () => {
  expect(isStable([9, 10])).toBe(true);
  expect(isStable([8.9, 10])).toBe(false);
  expect(isStable([10, 9])).toBe(false);
  expect(isStable([10, 11.1])).toBe(true);
});

it("a load without deliveries is not stable", () => {
  expect(isStable([undefined, undefined])).toBe(false);
  expect(isStable([10, undefined])).toBe(false);
  expect(isStable([undefined, 10])).toBe(false);
});

const s = 1e6;

/** Servers that have used this CPU time for so many deliveries since they started, and whose sockets passed so many bytes. */
const serversWith = (cpuUs: number, deliveries: number, bytes = 0): ServerSnapshot => {
  const used = { atUs: 0, cpuUs, loop: { idle: 0, active: 0 }, rssBytes: 0, gcUs: 0, runDelayUs: undefined };
  const none = { in: 0, out: 0 };
  return {
    usages: [{ ...used, loopDelayP99Us: 0, loopDelayMaxUs: 0, lateDelayUs: 0 }],
    traffic: {
      wire: { up: none, down: none, duplex: { in: bytes, out: 0 } },
      payloadsIn: 0,
      payloadBytesIn: 0,
      payloadsOut: deliveries,
      payloadBytesOut: 0,
      pollsAnswered: 0,
      emptyPollBytes: 0,
    },
    connectedClients: 1,
    received: 0,
    net: undefined,
    machineBusyUs: undefined,
  };
};

/** Servers that are read on a clock, and the times at which they were. */
function readOn(clock: VirtualClock, at: (nowUs: number) => ServerSnapshot) {
  const readAtUs: number[] = [];
  return {
    readAtUs,
    snapshot: () => {
      readAtUs.push(clock.nowUs());
      return Promise.resolve(at(clock.nowUs()));
    },
  };
}

/**
 * Warms up from 0 until stable. `costs` are the CPU microseconds per delivery in each slice of 2 s, the last of them
 * for ever. Returns the time at the end, and the times of the readings.
 */
async function warmUp(costs: readonly number[], minMs: number, maxMs: number, startUs = 0) {
  const clock = virtualClock();
  const cpuUntil = (nowUs: number): number => {
    let cpuUs = 0;
    for (let slice = 0; slice * 2 * s < nowUs; slice++)
      cpuUs += (costs[slice] ?? costs.at(-1)!) * 1_000 * Math.min(1, nowUs / (2 * s) - slice);
    return cpuUs;
  };
  const servers = readOn(clock, (nowUs) => serversWith(cpuUntil(nowUs), (1_000 * nowUs) / (2 * s)));
  await waitUntilStable(servers, startUs, minMs, maxMs, clock);
  return { endUs: clock.nowUs(), readAtUs: servers.readAtUs };
}

it("a warm-up ends with the second of two slices of two seconds that agree", async () => {
  expect(await warmUp([10], 0, 60_000)).toEqual({ endUs: 4 * s, readAtUs: [0, 2 * s, 4 * s] });
});

it("each slice has the cost of its own time, and not that since the start", async () => {
  expect((await warmUp([90, 10], 0, 60_000)).endUs).toBe(6 * s);
  expect((await warmUp([90, 50, 30, 20, 10], 0, 60_000)).endUs).toBe(12 * s);
  // The cost since the start would agree after two slices: 10 and 10.75.
  expect((await warmUp([10, 11.5, 13.2, 15.2, 17.5], 0, 60_000)).endUs).toBe(12 * s);
});

it("a stable load is warmed up for its shortest time, to the end of a slice", async () => {
  expect((await warmUp([10], 6_000, 60_000)).endUs).toBe(6 * s);
  expect((await warmUp([10], 6_001, 60_000)).endUs).toBe(8 * s);
  expect((await warmUp([10], 5_999, 60_000)).endUs).toBe(6 * s);
});

it("a load that was stable once must still be stable at the shortest time", async () => {
  expect((await warmUp([10, 10, 10, 30], 8_000, 60_000)).endUs).toBe(10 * s);
});

it("the shortest and the longest time count from the start of the load, which may be later than now", async () => {
  expect((await warmUp([10], 5_000, 60_000, 2 * s)).endUs).toBe(8 * s);
  expect((await warmUp([1, 2, 4, 8, 16, 32], 0, 5_000, 2 * s)).endUs).toBe(7 * s);
});

it("a load that is never stable is warmed up for its longest time, and its last slice is shorter", async () => {
  const { endUs, readAtUs } = await warmUp([1, 2, 4, 8, 16, 32], 0, 7_000);
  expect([endUs, readAtUs]).toEqual([7 * s, [0, 2 * s, 4 * s, 6 * s, 7 * s]]);
});

it("a load whose CPU is not known is warmed up for its longest time", async () => {
  const clock = virtualClock();
  await waitUntilStable(
    readOn(clock, () => ({ ...serversWith(0, 0), usages: [], traffic: undefined })),
    0,
    1_000,
    9_000,
    clock,
  );
  expect(clock.nowUs()).toBe(9 * s);
});

it("a warm-up of one length takes it, and reads no server", async () => {
  expect(await warmUp([10], 3_000, 3_000, 0.5 * s)).toEqual({ endUs: 3.5 * s, readAtUs: [] });
});

/** Waits for silence on servers whose sockets have passed so many bytes at a time. */
async function silence(bytesAt: (nowUs: number) => number, cycleMs: number) {
  const clock = virtualClock();
  const servers = readOn(clock, (nowUs) => serversWith(0, 0, bytesAt(nowUs)));
  const found = await waitUntilIdle(servers, cycleMs, clock);
  return { endUs: clock.nowUs(), bytes: found?.traffic?.wire.duplex.in, readAtUs: servers.readAtUs };
}

it("connections are idle after a quarter of a cycle without traffic, and after a second at most", async () => {
  expect(await silence(() => 5, 1_000)).toMatchObject({ endUs: 0.25 * s, bytes: 5 });
  expect(await silence(() => 5, 3_600)).toMatchObject({ endUs: 0.9 * s, bytes: 5 });
  expect(await silence(() => 5, 25_000)).toMatchObject({ endUs: 1 * s, bytes: 5 });
});

it("the sockets are read five times in that time", async () => {
  expect((await silence(() => 5, 4_000)).readAtUs).toEqual([0, 0.2 * s, 0.4 * s, 0.6 * s, 0.8 * s, 1 * s]);
});

it("the silence counts from the last reading that found traffic, and the servers are as they were then", async () => {
  const burst = (nowUs: number): number => Math.min(nowUs, 1.5 * s);
  expect(await silence(burst, 4_000)).toMatchObject({ endUs: 2.6 * s, bytes: 1.5 * s });
  const late = (nowUs: number): number => (nowUs < 0.9 * s ? 1 : 2);
  expect(await silence(late, 4_000)).toMatchObject({ endUs: 2 * s, bytes: 2 });
});

it("connections that are never idle are given up after ten seconds, or after three cycles if that is longer", async () => {
  expect(await silence((nowUs) => nowUs, 1_000)).toMatchObject({ endUs: 10.05 * s, bytes: undefined });
  expect(await silence((nowUs) => nowUs, 4_000)).toMatchObject({ endUs: 12.2 * s, bytes: undefined });
});

it("connections whose traffic is not known are given up at once", async () => {
  const clock = virtualClock();
  const servers = readOn(clock, () => ({ ...serversWith(0, 0), traffic: undefined }));
  expect(await waitUntilIdle(servers, 1_000, clock)).toBeUndefined();
  expect(servers.readAtUs).toEqual([0]);
  expect(clock.nowUs()).toBe(0);
});
