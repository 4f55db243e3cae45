import { expect, it } from "vitest";
import type { Traffic } from "../contract.ts";
import {
  costBetween,
  cpuPerDelivery,
  isIdle,
  loadBetween,
  loadsBetween,
  rssBytes,
  memoryPerClient,
  combineSnapshots,
} from "./server-snapshot.ts";
import type { MemoryGrowth, ServerState } from "../load/server-process.ts";
import type { ProcessUsage } from "../system/process-usage.ts";

const traffic = (number: number): Traffic => ({
  wire: { up: { in: number, out: 0 }, down: { in: 0, out: number }, duplex: { in: 2 * number, out: 3 * number } },
  payloadsIn: number,
  payloadBytesIn: 10 * number,
  payloadsOut: 2 * number,
  payloadBytesOut: 20 * number,
  pollsAnswered: 4 * number,
  emptyPollBytes: 5 * number,
});

const state = (number: number, changes: Partial<ServerState> = {}): ServerState => ({
  usage: {
    atUs: 1e6 * number,
    cpuUs: 1_000 * number,
    loop: { idle: 100 * number, active: number },
    rssBytes: 50 * number,
    gcUs: number,
    runDelayUs: number,
    loopDelayP99Us: number,
    loopDelayMaxUs: 2 * number,
    lateDelayUs: number,
  },
  traffic: traffic(number),
  connectedClients: number,
  received: 0,
  net: { segments: number, retransmissions: 0, octets: 0, listenOverflows: 0, netdevBacklogDrops: 0 },
  machineBusyUs: number,
  ...changes,
});

it("the state of a single server is left as it is", () => {
  const { usage, ...rest } = state(7);
  expect(combineSnapshots([state(7)])).toEqual({ ...rest, usages: [usage], bytesCountedAt: "server" });
});

it("clients and traffic of several servers are added up, and the usage of each process is kept", () => {
  const all = combineSnapshots([state(1), state(2), state(4)]);
  expect(all).toMatchObject({ connectedClients: 7, traffic: traffic(7) });
  expect(all.usages).toEqual([state(1), state(2), state(4)].map(({ usage }) => usage));
});

it("the counters of kernel and machine, which servers share, are taken once", () => {
  expect(combineSnapshots([state(5), state(6)])).toMatchObject({ net: state(5).net, machineBusyUs: 5 });
});

it("the traffic is unknown when one server does not know its own", () => {
  expect(combineSnapshots([state(1), state(2, { traffic: undefined })]).traffic).toBeUndefined();
  expect(combineSnapshots([state(1, { traffic: undefined }), state(2)]).traffic).toBeUndefined();
});

it("the traffic is that of all clients together when the servers do not know theirs", () => {
  const counted = { traffic: traffic(3), bytesCountedAt: "clients" };
  expect(combineSnapshots([state(9, { traffic: undefined })], [traffic(1), traffic(2)])).toMatchObject(counted);
  expect(combineSnapshots([], [traffic(1), traffic(2)])).toMatchObject(counted);
  expect(combineSnapshots([state(9)], [traffic(1)])).toMatchObject({ traffic: traffic(9), bytesCountedAt: "server" });
  const hidden = combineSnapshots([], [traffic(1), undefined]);
  expect([hidden.traffic, hidden.bytesCountedAt]).toEqual([undefined, undefined]);
});

it("of servers that the harness did not start nothing is known: neither 0 nor idle", () => {
  const [nobody, unknown] = [
    combineSnapshots([]),
    combineSnapshots([state(1, { usage: undefined, connectedClients: undefined }), state(2)]),
  ];
  expect(nobody).toEqual({ usages: [], received: 0 });
  expect(unknown).toMatchObject({ usages: [], traffic: traffic(3) });
  expect(unknown.connectedClients).toBeUndefined();
  for (const moment of [nobody, unknown]) {
    expect(loadsBetween(moment, moment)).toEqual([]);
    expect(rssBytes(moment)).toBeUndefined();
  }
  expect(cpuPerDelivery(unknown, { ...unknown, traffic: traffic(5) })).toBeUndefined();
  expect(isIdle(nobody, nobody)).toBe(false);
});

it("the use of each server is the difference of two snapshots", () => {
  const [first, last] = [combineSnapshots([state(1), state(10)]), combineSnapshots([state(3), state(11)])];
  expect(loadsBetween(first, last)).toMatchObject([
    { cpuUs: 2_000, cpuPercent: 0.1, rssBytes: 150 },
    { cpuUs: 1_000, cpuPercent: 0.1, rssBytes: 550 },
  ]);
});

/** A process before and after two seconds in which each of its counters grew by a number of its own. */
const [before, after]: [ProcessUsage, ProcessUsage] = [
  {
    atUs: 7_000_000,
    cpuUs: 300_000,
    loop: { idle: 900, active: 50 },
    rssBytes: 64,
    gcUs: 4_000,
    runDelayUs: 10_000,
    loopDelayP99Us: 1,
    loopDelayMaxUs: 2,
    lateDelayUs: 3,
  },
  {
    atUs: 9_000_000,
    cpuUs: 1_300_000,
    loop: { idle: 2_400, active: 550 },
    rssBytes: 96,
    gcUs: 9_000,
    runDelayUs: 60_000,
    loopDelayP99Us: 11,
    loopDelayMaxUs: 12,
    lateDelayUs: 13,
  },
];

it("the load of a process is the growth of its counters in the time between, its memory at the end, and its delays until then", () => {
  expect(loadBetween(before, after)).toEqual({
    cpuUs: 1_000_000,
    cpuPercent: 50,
    elu: 0.25,
    rssBytes: 96,
    gcUs: 5_000,
    loopDelayP99Us: 11,
    loopDelayMaxUs: 12,
    cpuWaitPercent: 2.5,
  });
});

it("the wait for a CPU is unknown where the system does not report it", () => {
  expect(loadBetween(before, { ...after, runDelayUs: undefined }).cpuWaitPercent).toBeUndefined();
});

it("memory per client is the common slope of all servers, whatever each began with", () => {
  const grown = (from: number, perClient: number): MemoryGrowth =>
    [1, 26, 51, 76].map((clients) => [clients, from + perClient * clients] as const);
  expect(memoryPerClient([grown(5e7, 9_000)])).toBeCloseTo(9_000, 6);
  expect(memoryPerClient([grown(5e7, 9_000), grown(8e7, 9_000)])).toBeCloseTo(9_000, 6);
  expect(memoryPerClient([grown(5e7, 8_000), grown(8e7, 10_000)])).toBeCloseTo(9_000, 6);
});

it("memory per client is unknown with too few clients, and a server with too few does not count", () => {
  const few: MemoryGrowth = [[1, 100]];
  expect(memoryPerClient([few, few])).toBeUndefined();
  const many: MemoryGrowth = [1, 2, 3, 4].map((clients) => [clients, 10 * clients] as const);
  expect(memoryPerClient([few, many])).toBeCloseTo(10, 9);
});

it("memory per client is unknown up to three points, and known from four", () => {
  const points = (count: number): MemoryGrowth =>
    Array.from({ length: count }, (_, i) => [1 + 25 * i, 5e7 + 9_000 * 25 * i] as const);
  for (const count of [0, 2, 3]) expect(memoryPerClient([points(count)])).toBeUndefined();
  expect(memoryPerClient([points(2), points(3)])).toBeUndefined();
  expect(memoryPerClient([points(4)])).toBeCloseTo(9_000, 6);
});

it("CPU per delivery is over all servers, and unknown without a delivery", () => {
  const [first, last] = [combineSnapshots([state(1), state(10)]), combineSnapshots([state(3), state(12)])];
  expect(cpuPerDelivery(first, last)).toBe(4_000 / 8);
  expect(cpuPerDelivery(first, first)).toBeUndefined();
});

it("CPU per delivery counts what a server received itself, which is all where it sends nothing", () => {
  const sendsNothing = { ...traffic(1), payloadsOut: 0 };
  const at = (number: number, received: number) =>
    combineSnapshots([state(number, { traffic: sendsNothing, received })]);
  expect(cpuPerDelivery(at(1, 10), at(3, 30))).toBe(2_000 / 20);
  expect(cpuPerDelivery(at(1, 10), at(3, 10))).toBeUndefined();
  expect(costBetween(at(1, 10), at(3, 30))).toEqual({ cpuUs: 2_000, deliveries: 20 });
});

it("CPU per delivery counts both what the servers sent and what they received", () => {
  const [first, last] = [combineSnapshots([state(1)]), combineSnapshots([state(3, { received: 6 })])];
  expect(cpuPerDelivery(first, last)).toBe(2_000 / (4 + 6));
});

it("servers are idle between two snapshots when no byte passed their sockets", () => {
  const moment = combineSnapshots([state(1), state(2)]);
  expect(isIdle(moment, combineSnapshots([state(1, { connectedClients: 5 }), state(2)]))).toBe(true);
  expect(isIdle(moment, combineSnapshots([state(1), state(3)]))).toBe(false);
  expect(isIdle(undefined, moment)).toBe(false);
});
