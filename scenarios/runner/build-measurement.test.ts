import { availableCores } from "../../results/model/cores.ts";
import { describe, expect, it } from "vitest";
import { encodeHistogram } from "../../results/statistics/histogram.ts";
import { recordedHistogram, recordedValues } from "../../results/testing/measurement.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { emptyTally } from "../load/delivery-ledger.ts";
import { noneMissing } from "../load/missing-deliveries.ts";
import type { Histograms } from "../load/recorder.ts";
import type { SessionCounts, WindowResult } from "../load/virtual-clients.ts";
import { scenarios } from "../scenarios.ts";
import { trafficWith, used } from "../testing/server-states.ts";
import type { ProcessUsage } from "../system/process-usage.ts";
import type { GoneClient } from "../workload/gone-client.ts";
import { buildMeasurement, type AtEdges, type ProcessReports } from "./build-measurement.ts";
import type { ServerSnapshot } from "./server-snapshot.ts";

const net = (unit: number) => ({
  segments: unit,
  retransmissions: 2 * unit,
  octets: 3 * unit,
  listenOverflows: 4 * unit,
  netdevBacklogDrops: 5 * unit,
});

/** One server at this second. It has used so much CPU time, and its other counters are multiples of `unit`. */
const moment = (
  second: number,
  cpuUs: number,
  unit: number,
  changes: Partial<ServerSnapshot> = {},
): ServerSnapshot => ({
  usages: [used(second * 1e6, cpuUs, 1_000 * unit)],
  traffic: trafficWith(unit),
  bytesCountedAt: "server",
  connectedClients: 4,
  received: unit,
  net: net(unit),
  machineBusyUs: 100_000 * second,
  ...changes,
});

const encoded = (...values: number[]): string => encodeHistogram(recordedHistogram(...values));

/** Histograms whose values begin with `first`. */
const histogramsOf = (first: number, ...largestUs: number[]): Histograms => ({
  connect: encoded(first),
  latency: encoded(first + 1),
  service: encoded(first + 2),
  sendLag: encoded(first + 3),
  largestLatencyUs: Float32Array.from(largestUs),
});

const sent = (number: number) => ({ sent: number });

/** What a worker did in the window. */
const worker = (sessions?: SessionCounts): WindowResult => ({ ...sent(1), ...(sessions && { sessions }) });

/** A worker that used so much CPU time in the window of three seconds. */
const workerUsage = (cpuUs: number): AtEdges<ProcessUsage> => ({
  seconds: [used(0, 500), used(1e6, 600), used(2e6, 700), used(3e6, 500 + cpuUs)],
  slices: [used(0, 500), used(1.5e6, 650), used(3e6, 500 + cpuUs)],
});

/** No fault and no paused client. */
const nobodyApart = { clientsByWorker: [], affectedClients: [] };

/** The reports of a trial with one server and two workers, and a window of three seconds. */
function reportsOf(changes: Partial<ProcessReports> = {}): ProcessReports {
  return {
    plan: {
      dueUs: Float64Array.of(0, 1_500_000, 2_500_000),
      target: undefined,
      polls: false,
      reliable: true,
      fault: undefined,
      idle: undefined,
      settings: resolveSettings("chat-100", scenarios["chat-100"], {}),
      assignment: { ...nobodyApart, serverSenders: [], hasSenderWorker: false },
    },
    isolated: true,
    atStart: moment(-9, 0, 1),
    connects: [
      { fromUs: 300, toUs: 900 },
      { fromUs: 200, toUs: 800 },
    ],
    afterConnect: moment(-8, 0, 2),
    beforeLoad: moment(-7, 0, 3),
    warmupStartUs: 1_000,
    idleBefore: undefined,
    t0Us: 5_000,
    window: {
      seconds: [
        moment(0, 1_000, 10),
        moment(1, 5_000, 110),
        moment(2, 6_000, 200, { traffic: undefined }),
        moment(3, 31_000, 1_010),
      ],
      slices: [moment(0, 1_000, 10), moment(1.5, 5_000, 110), moment(3, 31_000, 1_010)],
    },
    idleAfter: undefined,
    windowResults: [worker(), worker()],
    workerUsages: [workerUsage(30_000), workerUsage(60_000)],
    sends: [sent(1), sent(2)],
    tally: { ...emptyTally, delivered: 29, windowDeliveries: 28, duplicated: 3 },
    paused: undefined,
    gone: [],
    expected: { expected: 30, pausedExpected: 0, unplanned: [] },
    missing: noneMissing,
    workerHistograms: [histogramsOf(10, 5, NaN, 9), histogramsOf(20, 7, NaN, 8)],
    serverHistograms: [],
    memoryGrowth: [[1, 26, 51, 76].map((clients) => [clients, 300 * clients] as const)],
    afterDrain: moment(4, 40_000, 2_000),
    ...changes,
  };
}

/** The reports with one edge of a slice changed. */
const withEdge = (edge: number, changes: Partial<ServerSnapshot>): ProcessReports => {
  const { seconds, slices } = reportsOf().window;
  const changed = slices.map((each, i) => (i === edge ? { ...each, ...changes } : each));
  return reportsOf({ window: { seconds, slices: changed } });
};

const withPlan = (changes: Partial<ProcessReports["plan"]>): ProcessReports => {
  const reports = reportsOf();
  return { ...reports, plan: { ...reports.plan, ...changes } };
};

it("the traffic of the window is that between T0 and T1", () => {
  expect(buildMeasurement(reportsOf()).wire).toMatchObject({ traffic: trafficWith(1_000), receivedByServer: 1_000 });
});

it("the traffic of the window is unknown where that of T0 or T1 is", () => {
  for (const edge of [0, 2])
    expect(buildMeasurement(withEdge(edge, { traffic: undefined })).wire.traffic).toBeUndefined();
});

it("traffic that the servers counted has no part outside the window", () => {
  expect(buildMeasurement(reportsOf()).wire).toMatchObject({ countedAt: "server", uncut: undefined });
});

it("traffic that the clients counted is also known from before the load to after the last delivery", () => {
  const slices = reportsOf().window.slices.map((each) => ({ ...each, bytesCountedAt: "clients" as const }));
  const { wire, servers } = buildMeasurement(reportsOf({ window: { seconds: reportsOf().window.seconds, slices } }));
  expect(wire).toMatchObject({ countedAt: "clients", traffic: trafficWith(1_000), uncut: trafficWith(2_000 - 3) });
  expect(servers.slices.map(({ deliveries }) => deliveries)).toEqual([300, 2_700]);
});

it("traffic that nobody counted is unknown, and so is where", () => {
  const slices = reportsOf().window.slices.map(({ bytesCountedAt: _counted, ...each }) => ({
    ...each,
    traffic: undefined,
  }));
  const { wire } = buildMeasurement(reportsOf({ window: { seconds: reportsOf().window.seconds, slices } }));
  expect([wire.traffic, wire.countedAt, wire.uncut]).toEqual([undefined, undefined, undefined]);
});

it("the packets of the window are those between T0 and T1, and are unknown where others share the counters", () => {
  const packets = { segments: 1_000, retransmissions: 2_000, octets: 3_000 };
  expect(buildMeasurement(reportsOf()).wire.packets).toEqual(packets);
  expect(buildMeasurement(reportsOf({ isolated: false })).wire.packets).toBeUndefined();
  for (const edge of [0, 2]) expect(buildMeasurement(withEdge(edge, { net: undefined })).wire.packets).toBeUndefined();
});

it("what the kernel dropped counts from before the first client to after the last delivery", () => {
  const dropped = { listenOverflows: 4 * 1_999, netdevBacklogDrops: 5 * 1_999 };
  expect(buildMeasurement(reportsOf()).wire).toMatchObject(dropped);
  expect(buildMeasurement(reportsOf({ isolated: false })).wire).toMatchObject(dropped);
  const { wire } = buildMeasurement(reportsOf({ afterDrain: moment(4, 0, 2, { net: undefined }) }));
  expect([wire.listenOverflows, wire.netdevBacklogDrops]).toEqual([undefined, undefined]);
  const all = { listenOverflows: 4 * 2_000, netdevBacklogDrops: 5 * 2_000 };
  expect(buildMeasurement(reportsOf({ atStart: moment(0, 0, 1, { net: undefined }) })).wire).toMatchObject(all);
});

it("the CPU time of the servers is that between T0 and T1, and of each slice with its deliveries and the workers' time", () => {
  const { loads, slices } = buildMeasurement(reportsOf()).servers;
  expect(loads).toMatchObject([{ cpuUs: 30_000, cpuPercent: 1 }]);
  // A delivery is a payload out, or a message that the server itself receives.
  expect(slices).toEqual([
    { cpuUs: 4_000, clientCpuUs: 150 + 150, deliveries: 3 * 100 },
    { cpuUs: 26_000, clientCpuUs: 29_850 + 59_850, deliveries: 3 * 900 },
  ]);
});

it("there are no slices where the CPU time of the servers is not known", () => {
  const { seconds } = reportsOf().window;
  const slices = reportsOf().window.slices.map((each) => ({ ...each, usages: [] }));
  expect(buildMeasurement(reportsOf({ window: { seconds, slices } })).servers.slices).toEqual([]);
});

it("the memory of the servers is from before the first client, per client, and from the middle of the window", () => {
  const { rssBaselineBytes, rssPerClientBytes, rssMiddleBytes } = buildMeasurement(reportsOf()).servers;
  expect([rssBaselineBytes, rssMiddleBytes]).toEqual([1_000, 110_000]);
  expect(rssPerClientBytes).toBeCloseTo(300, 6);
});

it("the use of the workers is that between T0 and T1", () => {
  expect(buildMeasurement(reportsOf()).workers).toMatchObject([
    { cpuUs: 30_000, cpuPercent: 1 },
    { cpuUs: 60_000, cpuPercent: 2 },
  ]);
});

it("the CPU time of other programs is what the machine was busy with, without the servers and the workers", () => {
  expect(buildMeasurement(reportsOf()).machine).toEqual({
    otherCpuPercent: expect.closeTo(10 - 1 - 1 - 2, 9),
    cores: availableCores(),
  });
  expect(buildMeasurement(reportsOf({ workerUsages: [workerUsage(600_000)] })).machine.otherCpuPercent).toBe(0);
});

it("the CPU time of other programs is unknown where that of the machine or of the servers is", () => {
  for (const edge of [0, 2])
    expect(buildMeasurement(withEdge(edge, { machineBusyUs: undefined })).machine.otherCpuPercent).toBeUndefined();
  const { seconds } = reportsOf().window;
  const slices = reportsOf().window.slices.map((each) => ({ ...each, usages: [] }));
  expect(buildMeasurement(reportsOf({ window: { seconds, slices } })).machine.otherCpuPercent).toBeUndefined();
});

it("connecting lasts from the first connect of any worker to the last ready connection of any", () => {
  const { spanUs, timesUs } = buildMeasurement(reportsOf()).connect;
  expect(spanUs).toBe(700);
  expect(recordedValues(timesUs)).toEqual([10, 20]);
});

it("the bytes of connecting are all bytes until then; of clients that poll, those of their sends", () => {
  expect(buildMeasurement(reportsOf()).connect.bytes).toEqual({ in: 2 * (1 + 4 + 16), out: 2 * (2 + 8 + 32) });
  expect(buildMeasurement(withPlan({ polls: true })).connect.bytes).toEqual({ in: 2, out: 4 });
});

it("the bytes of connecting are unknown where polls cannot be told apart, or where the traffic is not known", () => {
  const reports = withPlan({ polls: true });
  const { wire, ...traffic } = trafficWith(2);
  const together = { ...traffic, wire: { ...wire, up: { in: 0, out: 0 } } };
  for (const afterConnect of [
    moment(0, 0, 0, { traffic: together }),
    moment(0, 0, 0, { traffic: undefined }),
    undefined,
  ])
    expect(buildMeasurement({ ...reports, afterConnect }).connect.bytes).toBeUndefined();
});

it("the warm-up lasts from the start of the load to T0", () => {
  expect(buildMeasurement(reportsOf()).warmupUs).toBe(4_000);
});

it("messages are planned by the schedule, and sent and expected by all processes together", () => {
  expect(buildMeasurement(reportsOf({ sends: [sent(1), sent(2), sent(4)] })).delivery).toEqual({
    ...reportsOf().tally,
    planned: 3,
    sent: 7,
    expected: 30,
    paused: undefined,
    reliable: true,
    firstLost: undefined,
  });
  const first = { message: 0, seq: 1, sender: 2, receiver: 3 };
  expect(buildMeasurement(reportsOf({ missing: { ...noneMissing, first } })).delivery.firstLost).toBe(first);
});

it("messages of a sender that was gone are neither planned nor sent, and its end belongs to its second", () => {
  const dropped = (client: number, atUs: number): GoneClient => ({
    client,
    how: "dropped",
    atUs,
    reason: "reset",
    sessionUnknown: false,
    silentUs: 0,
  });
  const { delivery, gone, seconds } = buildMeasurement(
    reportsOf({
      gone: [dropped(3, 5_000 + 1_200_000), dropped(1, 4_000), dropped(2, 5_000 + 3_000_000)],
      expected: { expected: 20, pausedExpected: 0, unplanned: [1] },
      missing: { first: undefined, withConnections: 2 },
    }),
  );
  expect(delivery).toMatchObject({ planned: 2, sent: 2, expected: 20 });
  expect(gone).toMatchObject({ dropped: new Map([["reset", 3]]), droppedAtS: [-0.001, 1.2, 3], lostDeliveries: 2 });
  expect(seconds).toMatchObject([
    { messages: 1, dropped: 0 },
    { messages: 0, dropped: 1 },
    { messages: 1, dropped: 0 },
  ]);
});

it("latencies are of all workers, and of the servers that receive", () => {
  const { latency } = buildMeasurement(reportsOf({ serverHistograms: [histogramsOf(30, NaN, 1, 99)] }));
  expect(recordedValues(latency.latencyUs)).toEqual([11, 21, 31]);
  expect(recordedValues(latency.serviceUs)).toEqual([12, 22, 32]);
  expect(recordedValues(latency.sendLagUs)).toEqual([13, 23, 33]);
  expect([...latency.largestUs]).toEqual([1, 7, 99]);
});

it("what a paused client receives is apart: its deliveries, its latencies and the use of its worker", () => {
  const { delivery, latency, workers, connect, seconds } = buildMeasurement(
    reportsOf({
      sends: [sent(1), sent(2)],
      expected: { expected: 30, pausedExpected: 9, unplanned: [] },
      paused: { clients: 3, dropped: 1, tally: { ...emptyTally, delivered: 9, windowDeliveries: 2, duplicated: 1 } },
    }),
  );
  expect(delivery).toEqual({
    ...reportsOf().tally,
    planned: 3,
    sent: 3,
    expected: 30,
    delivered: 20,
    windowDeliveries: 26,
    paused: { clients: 3, dropped: 1, expected: 9, delivered: 9 },
    reliable: true,
    firstLost: undefined,
  });
  expect(recordedValues(latency.latencyUs)).toEqual([11]);
  expect([...latency.largestUs]).toEqual([5, 9]);
  expect(workers).toMatchObject([{ cpuUs: 30_000 }]);
  expect(recordedValues(connect.timesUs)).toEqual([10, 20]);
  expect(seconds).toHaveLength(3);
});

it("observers are the first worker where it has the senders, and receivers are the others", () => {
  const assignment = { ...nobodyApart, serverSenders: [], hasSenderWorker: true };
  const reports = { ...withPlan({ assignment }), serverHistograms: [histogramsOf(900, 1, 1, 1)] };
  const three = [...reports.workerHistograms, histogramsOf(20, 1, 1, 1)];
  const { latency } = buildMeasurement({ ...reports, workerHistograms: three });
  expect(latency.observerVsReceivers).toEqual({
    observersP50Us: 11,
    receiversP50Us: 21,
    observersP95Us: 11,
    receiversP95Us: 21,
  });
  expect(buildMeasurement(reportsOf()).latency.observerVsReceivers).toBeUndefined();
  for (const nobody of [0, 1]) {
    const workerHistograms = reports.workerHistograms.map((each, i) =>
      i === nobody ? { ...each, latency: encoded() } : each,
    );
    expect(buildMeasurement({ ...reports, workerHistograms }).latency.observerVsReceivers).toBeUndefined();
  }
});

it("the measurement knows whether the server sends, and whether messages wait for a slot", () => {
  expect(buildMeasurement(reportsOf()).latency).toMatchObject({ serverSends: false, halfDuplex: false });
  const { settings } = reportsOf().plan;
  const assignment = { ...nobodyApart, serverSenders: [4], hasSenderWorker: false };
  const other = withPlan({ assignment, settings: { ...settings, halfDuplexSlotMs: 50 } });
  expect(buildMeasurement(other).latency).toMatchObject({ serverSends: true, halfDuplex: true });
});

it("the seconds of the window have the messages that were due in them, and the largest latencies", () => {
  expect(buildMeasurement(reportsOf()).seconds).toMatchObject([
    { fromS: 0, messages: 1, fanout: { maxUs: 7 } },
    { fromS: 1, messages: 1, fanout: undefined },
    { fromS: 2, messages: 1, fanout: { maxUs: 9 } },
  ]);
});

it("short sessions of all workers are added up, and their connects are those of the window", () => {
  const sessionsOf = (fromUs: number, toUs: number, delayed: number, failures: [string, number][]): SessionCounts => ({
    connecting: { fromUs, toUs },
    delayed,
    failures: new Map(failures),
  });
  const [one, other] = [
    sessionsOf(5_000, 7_000, 2, [["refused", 3]]),
    sessionsOf(5_100, 7_500, 1, [
      ["reset", 1],
      ["refused", 4],
    ]),
  ];
  const { sessions, connect, servers, wire } = buildMeasurement(
    reportsOf({ windowResults: [worker(one), worker(other)] }),
  );
  expect(wire.uncut).toEqual(trafficWith(2_000 - 3));
  expect(sessions).toEqual({
    firstSessions: 2,
    delayed: 3,
    failures: new Map([
      ["refused", 7],
      ["reset", 1],
    ]),
  });
  expect(connect.spanUs).toBe(2_500);
  expect(servers.rssPerClientBytes).toBeUndefined();
  expect(buildMeasurement(reportsOf()).sessions).toBeUndefined();
});

it("an idle window is aligned where nothing passed from before T0 to T0, and from T1 to after it", () => {
  const idle = { cycles: 4, periodMs: 500, cycleMs: 600 };
  const reports = withPlan({ idle });
  const [still, busy] = [moment(0, 0, 10), moment(0, 0, 11)];
  const [quiet, loud] = [moment(0, 0, 1_010), moment(0, 0, 1_011)];
  const idleOf = (idleBefore: ServerSnapshot | undefined, idleAfter: ServerSnapshot | undefined) =>
    buildMeasurement({ ...reports, idleBefore, idleAfter }).idle;
  expect(idleOf(still, quiet)).toEqual({ cycles: 4, periodMs: 500, aligned: true });
  for (const [before, after] of [
    [busy, quiet],
    [still, loud],
    [undefined, quiet],
    [still, undefined],
  ])
    expect(idleOf(before, after)).toMatchObject({ aligned: false });
  expect(buildMeasurement(reportsOf({ idleBefore: still, idleAfter: quiet })).idle).toBeUndefined();
});

describe("the latency of a trial over several hosts", () => {
  const clock = { hosts: 3, errorUs: 5_000 };
  const assignment = { ...nobodyApart, serverSenders: [], hasSenderWorker: true };
  const measured = (reports: ProcessReports, changes: Partial<ProcessReports> = {}) =>
    buildMeasurement({ ...reports, clock, ...changes });
  const timesOf = ({ latency }: ReturnType<typeof buildMeasurement>) => [
    recordedValues(latency.latencyUs),
    recordedValues(latency.serviceUs),
    [...latency.largestUs],
  ];

  it("is that of the sender worker where the clocks are known too coarsely for the others", () => {
    const one = measured(withPlan({ assignment }));
    expect(one.clock).toEqual({ ...clock, latencyOf: "one host" });
    expect(timesOf(one)).toEqual([[11], [12], [5, 9]]);
    expect(recordedValues(one.latency.sendLagUs)).toEqual([13, 23]);
    expect(one.latency.observerVsReceivers).toBeUndefined();
  });

  it("is that of everybody where the error is small, and where all processes have one clock", () => {
    for (const each of [
      measured(withPlan({ assignment }), { clock: { ...clock, errorUs: 100 } }),
      buildMeasurement(withPlan({ assignment })),
    ])
      expect(timesOf(each)).toEqual([
        [11, 21],
        [12, 22],
        [7, 9],
      ]);
  });

  it("is empty where no process has pairs: without a sender worker, or if the server sends or receives", () => {
    const { settings } = reportsOf().plan;
    for (const reports of [
      reportsOf(),
      withPlan({ assignment: { ...nobodyApart, ...assignment, serverSenders: [100] } }),
      withPlan({ assignment, settings: { ...settings, app: "ingest" } }),
    ]) {
      const none = measured(reports);
      expect(none.clock?.latencyOf).toBe("none");
      expect(timesOf(none)).toEqual([[], [], []]);
      expect(recordedValues(none.latency.sendLagUs)).toEqual([13, 23]);
    }
  });

  it("is that of everybody in an echo, whatever the clocks", () => {
    const { settings } = reportsOf().plan;
    const echo = measured(withPlan({ settings: { ...settings, app: "echo" } }));
    expect([echo.clock?.latencyOf, timesOf(echo)[0]]).toEqual(["all", [11, 21]]);
  });
});

describe("the machines of a trial over several hosts", () => {
  const host = (name: string, cores: number) => ({
    name,
    clock: { errorUs: 7 },
    description: { limits: { cores }, machine: name },
  });
  const ofWorker = [host("b2", 2), host("b2", 2)];
  const hosts = { server: host("b1", 8), ofWorker, clientsOfWorker: [10, 20] } as unknown as ProcessReports["hosts"];
  /** A worker on a machine of which one core is half busy. */
  const onBusyMachine = (cpuUs: number): AtEdges<ProcessUsage> => {
    const { seconds, slices } = workerUsage(cpuUs);
    return { seconds, slices: slices.map((each) => ({ ...each, machineBusyUs: each.atUs / 2 })) };
  };

  it("are each charged with their own load, and the smallest and the most disturbed one count for the row", () => {
    const workerUsages = [onBusyMachine(30_000), onBusyMachine(60_000)];
    const { machine } = buildMeasurement(reportsOf({ hosts, workerUsages }));
    expect(machine).toMatchObject({ cores: 2, otherCpuPercent: 47 });
    expect(machine.hosts).toMatchObject([
      { cores: 8, cpuPercent: 1, otherCpuPercent: 9, agents: [{ name: "b1", clients: 0, clockErrorUs: 7 }] },
      { cores: 2, cpuPercent: 3, otherCpuPercent: 47, agents: [{ name: "b2", clients: 30, cpuPercent: 3 }] },
    ]);
  });

  it("are unknown together where one is", () => {
    const { machine } = buildMeasurement(reportsOf({ hosts }));
    expect(machine.otherCpuPercent).toBeUndefined();
    expect(machine.hosts!.map(({ otherCpuPercent }) => otherCpuPercent)).toEqual([9, undefined]);
  });
});
