import { expect, it } from "vitest";
import type { NetworkConditions } from "../lib/network-conditions.ts";
import type { PathState } from "../system/trial-network.ts";
import { measureNetwork, probeNetwork } from "./network-check.ts";
import type { TrialProcesses } from "./trial-processes.ts";

const conditions: NetworkConditions = {
  rttMs: 80,
  jitterMs: 10,
  lossShare: 0.01,
  queueMs: 100,
  congestionControl: "cubic",
};
const network = { text: "rtt=80ms", title: "far", conditions };

/** The path at this second, with so much CPU time used, and packets in multiples of `unit`. */
const pathAt = (second: number, cpuUs: number, unit: number): PathState => ({
  atUs: 1e6 * second,
  cpuUs,
  offered: 1_000 * unit,
  lost: 10 * unit,
  dropped: 3 * unit,
  links: 41,
  overrun: 2 * unit,
  refused: 5 * unit,
  lateP99Us: 70 * unit,
});
const reports = {
  rttsUs: [81_000, 95_000, 80_000],
  atT0: pathAt(10, 400_000, 1),
  atT1: pathAt(20, 1_400_000, 2),
  atEnd: pathAt(40, 9_000_000, 3),
};

it("the packets are those of the whole trial, CPU and lateness those of the window, and the probe is no client", () => {
  expect(measureNetwork({ network }, reports)).toEqual({
    conditions,
    by: "tun",
    rttUs: 81_000,
    packets: { offered: 3_000, lost: 30, dropped: 9, unkept: 21 },
    links: 40,
    lateP99Us: 140,
    cpuPercent: 10,
  });
  expect(measureNetwork({ network: { ...network, by: "netem" } }, reports)).toMatchObject({ by: "netem" });
});

it("without a path, or without its reports, there is no network", () => {
  expect(measureNetwork({}, reports)).toBeUndefined();
  expect(measureNetwork({ network }, undefined)).toBeUndefined();
});

/** Processes of a trial whose probe has these round trips, and the calls to them. */
function probing(rttsUs: readonly number[]) {
  const calls: [string, unknown][] = [];
  const process = (answers: Record<string, unknown>) => ({
    call: (name: string, argument: unknown) => (calls.push([name, argument]), Promise.resolve(answers[name])),
  });
  const echo = { host: "10.77.0.1", port: 7_777 };
  const path = { reach: (addresses: object[]) => Promise.resolve(addresses) };
  const processes = {
    servers: [process({ openEcho: echo })],
    workers: [process({ probePath: rttsUs })],
    network: path,
  };
  return { processes: processes as unknown as TrialProcesses, calls };
}

it("the probe waits for a round trip with its jitter, and a tenth of a second beyond", async () => {
  const { processes, calls } = probing([80_000]);
  expect(await probeNetwork(processes, { network })).toEqual([80_000]);
  expect(calls.map(([name]) => name)).toEqual(["openEcho", "probePath", "closeEcho"]);
  expect(calls[1]![1]).toMatchObject({ to: { port: 7_777 }, waitMs: 190, intervalMs: 5 });
});

it("a probe without an answer is an error, and without a path nobody is asked", async () => {
  await expect(probeNetwork(probing([]).processes, { network })).rejects.toThrow(
    "no probe came back through the network rtt=80ms",
  );
  const { processes, calls } = probing([]);
  expect(await probeNetwork(processes, {})).toEqual([]);
  expect(calls).toEqual([]);
});
