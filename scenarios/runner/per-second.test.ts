import { expect, it } from "vitest";
import { combineSnapshots, type ServerSnapshot } from "./server-snapshot.ts";
import { sortedDelivered, perSecond, mergeLargest } from "./per-second.ts";
import { secondBoundaries, windowEdges, type ProcessUsage } from "../system/process-usage.ts";

const used = (atUs: number, cpuUs: number, lateDelayUs: number): ProcessUsage => ({
  atUs,
  cpuUs,
  loop: { idle: atUs, active: cpuUs },
  rssBytes: 100 + atUs,
  gcUs: 0,
  runDelayUs: undefined,
  loopDelayP99Us: 0,
  loopDelayMaxUs: 0,
  lateDelayUs,
});
const unknown = { traffic: undefined, connectedClients: 0, received: 0, net: undefined, machineBusyUs: undefined };
const moment = (...servers: ProcessUsage[]): ServerSnapshot =>
  combineSnapshots(servers.map((usage) => ({ ...unknown, usage })));

it("a window is cut at whole seconds, and the rest is a second of its own", () => {
  expect(secondBoundaries(5e6, 7.5e6)).toEqual([5e6, 6e6, 7e6, 7.5e6]);
  expect(secondBoundaries(5e6, 7e6)).toEqual([5e6, 6e6, 7e6]);
  expect(secondBoundaries(5e6, 5.2e6)).toEqual([5e6, 5.2e6]);
});

it("the edges of a window are those of its seconds and of its slices, in order and each once", () => {
  const edge = (timeUs: number, second: boolean, slice: boolean) => ({ timeUs, second, slice });
  expect(windowEdges(5e6, 7e6, 4)).toEqual([
    edge(5e6, true, true),
    edge(5.5e6, false, true),
    edge(6e6, true, true),
    edge(6.5e6, false, true),
    edge(7e6, true, true),
  ]);
  expect(windowEdges(0, 1.5e6, 2)).toEqual([
    edge(0, true, true),
    edge(750_000, false, true),
    edge(1e6, true, false),
    edge(1.5e6, true, true),
  ]);
  expect(windowEdges(7, 100_008, 1)).toEqual([edge(7, true, true), edge(100_008, true, true)]);
});

const all = (largestLatencyUs: Float32Array) => ({ largestLatencyUs });

it("the largest latency of each message is taken over all workers, and -1 without a delivery", () => {
  expect([
    ...mergeLargest(
      [Float32Array.of(1, NaN, NaN), Float32Array.of(NaN, 5, NaN), Float32Array.of(3, 4, NaN)].map(all),
      3,
    ),
  ]).toEqual([3, 5, -1]);
});

it("a worker that has a part of the messages says which", () => {
  const part = { largestLatencyUs: Float32Array.of(7, 9), messages: Int32Array.of(0, 3) };
  expect([...mergeLargest([part, all(Float32Array.of(8, NaN, NaN, 1))], 4)]).toEqual([8, -1, -1, 9]);
});

it("latencies are sorted, without messages that nobody received", () => {
  expect([...sortedDelivered(Float32Array.of(3, -1, 0, 2, -1))]).toEqual([0, 2, 3]);
  expect([...sortedDelivered(Float32Array.of(-1))]).toEqual([]);
  expect([...sortedDelivered(Float32Array.of())]).toEqual([]);
});

it("each second has its messages, their fan-out time, and the use of servers and workers", () => {
  const window = [used(0, 0, 9), used(1e6, 250_000, 20), used(1.5e6, 300_000, 30)].map((usage) => moment(usage));
  const played = [
    [used(0, 0, 0), used(1e6, 0, 7), used(1.5e6, 0, 1)],
    [used(0, 0, 0), used(1e6, 0, 3), used(1.5e6, 0, 2)],
  ];
  const dueUs = Float64Array.of(0, 500_000, 999_999, 1_000_000);
  expect(perSecond(window, played, dueUs, Float32Array.of(10, 30, 20, -1))).toEqual([
    {
      fromS: 0,
      messages: 3,
      fanout: { p50Us: 20, maxUs: 30 },
      serverCpuPercent: 25,
      serverRssBytes: 1_000_100,
      serverLoopDelayMaxUs: 20,
      clientLoopDelayMaxUs: 7,
      dropped: 0,
    },
    {
      fromS: 1,
      messages: 1,
      fanout: undefined,
      serverCpuPercent: 10,
      serverRssBytes: 1_500_100,
      serverLoopDelayMaxUs: 30,
      clientLoopDelayMaxUs: 2,
      dropped: 0,
    },
  ]);
});

it("a second has neither the messages that were not due at a connection nor the drops of another second", () => {
  const window = [0, 1, 2].map((second) => moment(used(second * 1e6, 0, 0)));
  const played = [[used(0, 0, 0), used(1e6, 0, 0), used(2e6, 0, 0)]];
  const dueUs = Float64Array.of(0, 10, 20, 1e6, 1.5e6);
  const unknownUs = new Float32Array(5).fill(-1);
  const gone = { unplanned: [1, 4], droppedAtS: [-0.5, 0.5, 1, 1.2] };
  expect(perSecond(window, played, dueUs, unknownUs, gone)).toMatchObject([
    { messages: 2, dropped: 1 },
    { messages: 1, dropped: 2 },
  ]);
});

it("the use of servers that the harness did not start is undefined", () => {
  const window = [combineSnapshots([]), combineSnapshots([])];
  const [point] = perSecond(window, [[used(0, 0, 0), used(1e6, 0, 7)]], Float64Array.of(), Float32Array.of());
  expect(point).toMatchObject({ clientLoopDelayMaxUs: 7 });
  for (const name of ["serverCpuPercent", "serverRssBytes", "serverLoopDelayMaxUs"] as const)
    expect(point![name]).toBeUndefined();
});

it("the use of several servers is added up, and the largest loop delay is taken", () => {
  const window = [moment(used(0, 0, 1), used(10, 0, 1)), moment(used(1e6, 250_000, 20), used(1e6 + 10, 500_000, 30))];
  const played = [[used(0, 0, 0), used(1e6, 0, 7)]];
  expect(perSecond(window, played, Float64Array.of(), Float32Array.of())).toMatchObject([
    { serverCpuPercent: 75, serverRssBytes: 2_000_210, serverLoopDelayMaxUs: 30 },
  ]);
});
