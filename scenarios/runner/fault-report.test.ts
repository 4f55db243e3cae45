import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeHistogram } from "../../results/statistics/histogram.ts";
import { recordedHistogram, testFault } from "../../results/testing/measurement.ts";
import { parseFault } from "../definitions/fault.ts";
import type { WorkerFaultReport } from "../load/virtual-clients.ts";
import { trafficWith, used } from "../testing/server-states.ts";
import { bystanderWorkers, measureFault, mostWithin, readFault } from "./fault-report.ts";
import type { ServerSnapshot } from "./server-snapshot.ts";

type Parts = Parameters<typeof measureFault>[0];

/** The servers at this second: CPU time of each so far, payloads that were sent to clients and bytes of the wire. */
function edge(second: number, cpuMs: readonly number[], payloadsOut = 0, bytes = 0): ServerSnapshot {
  const nothing = { in: 0, out: 0 };
  return {
    usages: cpuMs.map((ms) => used(1e6 * second, 1_000 * ms)),
    traffic: { ...trafficWith(0), payloadsOut, wire: { up: { in: bytes, out: 0 }, down: nothing, duplex: nothing } },
    connectedClients: undefined,
    received: 0,
    net: undefined,
    machineBusyUs: undefined,
  };
}

const [one, other] = testFault.interruptions;
const worker = (changes: Partial<WorkerFaultReport> = {}): WorkerFaultReport => ({
  unsaid: 0,
  lostWithSenders: 0,
  interruptions: [],
  bystanders: "",
  ...changes,
});

/** A fault that met clients 4, 5 and 6 from 2 s to 3 s. */
function partsOf(changes: Partial<Parts["reports"]> = {}, parts: Partial<Omit<Parts, "reports">> = {}): Parts {
  const clients = [4, 5, 6];
  return {
    plan: {
      fault: parseFault("--fault", "gone:1s:30%@2s"),
      strikes: [{ atMs: 2_000, clients }],
      links: { onLoopback: true },
      keepsHistory: false,
    },
    reports: {
      times: { strikes: clients.map((client) => ({ client, beginUs: 2e6, endUs: 3e6 })), lateUs: 1_234 },
      perWorker: [worker()],
      perServer: [{ joinedUs: [], leftUs: [] }],
      ...changes,
    },
    seconds: [edge(0, [0]), edge(1, [10]), edge(2, [20]), edge(3, [30])],
    slices: [],
    affectedWorkers: [],
    ...parts,
  };
}

const measured = (...parts: Parameters<typeof partsOf>) => measureFault(partsOf(...parts));

it("the clients, the unsaid and the bystanders of all workers are together", () => {
  const { interruptions, unsaid, bystandersUs, lateUs } = measured({
    perWorker: [
      worker({ unsaid: 3, interruptions: [one!] }),
      worker({ bystanders: encodeHistogram(recordedHistogram(100, 200)) }),
      worker({ unsaid: 4, interruptions: [other!], bystanders: encodeHistogram(recordedHistogram(300)) }),
    ],
  });
  expect([interruptions, unsaid, lateUs]).toEqual([[one, other], 7, 1_234]);
  expect([bystandersUs.totalCount, bystandersUs.maxValue]).toEqual([3, 300]);
});

it("a trial says whether its application keeps a history", () => {
  for (const keepsHistory of [true, false])
    expect(measured({}, { plan: { ...partsOf().plan, keepsHistory } }).keepsHistory).toBe(keepsHistory);
});

describe("the server's detection", () => {
  const perServer = [
    { joinedUs: [], leftUs: [1_999_999, 2_300_000, 2_400_000] },
    { joinedUs: [], leftUs: [2_100_000, 2_900_000] },
  ];

  it("is the time from the fault to the first connections that the servers lost, one for each client that it met", () => {
    expect(measured({ perServer }).serverDetectUs).toEqual([100_000, 300_000, 400_000]);
  });

  it("is unknown where the fault comes again: nobody knows which loss belongs to which", () => {
    const { plan } = partsOf();
    const strikes = [...plan.strikes, { atMs: 3_000, clients: [4] }];
    expect(measured({ perServer }, { plan: { ...plan, strikes } }).serverDetectUs).toEqual([]);
  });
});

describe("the storm", () => {
  it("is the most connections in a tenth of a second after the fault began, on all servers, times ten", () => {
    const perServer = [
      { joinedUs: [100, 101, 102, 103, 104, 105, 2_050_000, 2_990_000], leftUs: [] },
      { joinedUs: [2_149_999, 2_150_000, 2_160_000], leftUs: [] },
    ];
    expect(measured({ perServer }).stormPerS).toBe(30);
    expect(measured().stormPerS).toBe(0);
  });

  it("counts any times as one by one counting does, and a span does not include its end", () => {
    expect(mostWithin([0, 99_999, 100_000], 100_000)).toBe(2);
    fc.assert(
      fc.property(fc.array(fc.nat(100)), fc.integer({ min: 1, max: 40 }), (times, span) => {
        const sorted = times.toSorted((a, b) => a - b);
        const counts = sorted.map((from) => sorted.filter((at) => at >= from && at < from + span).length);
        expect(mostWithin(sorted, span)).toBe(Math.max(0, ...counts));
      }),
    );
  });
});

describe("the peak of the servers' CPU", () => {
  it("is the largest sum of all servers in a second that ends after the fault began", () => {
    const seconds = [
      edge(0, [0, 0]),
      edge(1, [900, 0]),
      edge(2, [1_000, 50]),
      edge(3, [1_300, 450]),
      edge(4, [1_400, 500]),
    ];
    expect(measured({}, { seconds }).serverCpuPeakPercent).toBe(70);
  });

  it("is unknown where the servers' CPU is", () => {
    expect(measured({}, { seconds: [edge(0, []), edge(3, [])] }).serverCpuPeakPercent).toBeUndefined();
    expect(measured({}, { seconds: [edge(0, [0]), edge(1, [10])] }).serverCpuPeakPercent).toBeUndefined();
  });
});

describe("the recovery bytes", () => {
  it("are those from the fault on beyond what so many deliveries took before it", () => {
    // Before: 100 deliveries of 50 bytes. From 2 s on: 200 deliveries, and 12,000 bytes.
    const slices = [
      edge(0, [0], 1_000, 500),
      edge(1, [0], 1_040, 2_500),
      edge(2, [0], 1_100, 5_500),
      edge(4, [0], 1_300, 17_500),
    ];
    expect(measured({}, { slices }).recoveryBytes).toBe(2_000);
  });

  it("are unknown where nothing was delivered before, or where the bytes are", () => {
    const [first, fault, last] = [edge(0, [0], 10, 500), edge(2, [0], 20, 900), edge(4, [0], 30, 1_300)];
    const bytesOf = (...slices: ServerSnapshot[]) => measured({}, { slices }).recoveryBytes;
    expect(bytesOf(first, fault, last)).toBe(0);
    expect(bytesOf(first, { ...fault, traffic: first.traffic }, last)).toBeUndefined();
    expect(bytesOf(edge(2.5, [0], 20, 900), last)).toBeUndefined();
    expect(bytesOf()).toBeUndefined();
    for (const changed of [first, fault, last])
      expect(
        bytesOf(...[first, fault, last].map((each) => (each === changed ? { ...each, traffic: undefined } : each))),
      ).toBeUndefined();
  });
});

it("the peak of the generator is of the worst worker of affected clients, in a second that lasted half or more", () => {
  const affectedWorkers = [
    [used(0, 0), used(1e6, 200_000), used(2e6, 1_100_000)],
    // A worker that was stopped for a second reads two edges at once.
    [used(0, 0), used(2e6, 100_000), used(2.01e6, 110_000)],
  ];
  expect(measured({}, { affectedWorkers }).generatorPeakPercent).toBe(90);
  expect(measured().generatorPeakPercent).toBe(0);
});

it("a fault with very many strikes, or with none, is measured as well", () => {
  const strikes = Array.from({ length: 300_000 }, (_, client) => ({ client, beginUs: 2e6 + client, endUs: 3e6 }));
  const perServer = [{ joinedUs: [1_999_999, 2e6], leftUs: [] }];
  expect(measured({ times: { strikes, lateUs: 0 }, perServer }).stormPerS).toBe(10);
  expect(measured({ times: { strikes: [], lateUs: 0 }, perServer })).toMatchObject({
    stormPerS: 0,
    serverDetectUs: [],
  });
});

it("every worker and every server is asked about the fault, and the workers are told when it met whom", async () => {
  const asked: unknown[] = [];
  type Processes = Parameters<typeof readFault>[0];
  const processes = {
    callWorkers: async (...call: unknown[]) => (asked.push(call), [worker()]),
    callServers: async (...call: unknown[]) => (asked.push(call), [{ joinedUs: [1], leftUs: [] }]),
  } as unknown as Processes;
  const { times } = partsOf().reports;
  expect(await readFault(processes, times)).toEqual({
    times,
    perWorker: [worker()],
    perServer: [{ joinedUs: [1], leftUs: [] }],
  });
  expect(asked).toEqual([
    ["faultReport", times.strikes],
    ["attendance", undefined],
  ]);
});

it("bystanders are the workers whose clients are neither paused nor met by the fault", () => {
  type Plan = Parameters<typeof bystanderWorkers>[0];
  type Processes = Parameters<typeof bystanderWorkers>[1];
  const processes = { workers: ["first", "second", "last"] } as unknown as Processes;
  const bystandersOf = (pausedClients: number[], affectedClients: number[]): unknown => {
    const assignment = { pausedClients, affectedClients, clientsByWorker: [[1, 2], [3], [4, 5]] };
    return bystanderWorkers({ assignment } as unknown as Plan, processes);
  };
  expect(bystandersOf([], [])).toEqual(["first", "second", "last"]);
  expect(bystandersOf([4, 5], [])).toEqual(["first", "second"]);
  expect(bystandersOf([], [4, 5])).toEqual(["first", "second"]);
  expect(bystandersOf([], [1, 2, 3, 4, 5])).toEqual([]);
});
