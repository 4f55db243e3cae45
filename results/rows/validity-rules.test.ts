import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { idleMeasurement, testMeasurement, recordedHistogram } from "../testing/measurement.ts";
import { evaluateRules } from "./validity-rules.ts";

const sound: Row = {
  duration_s: 4,
  sent: 10,
  lost: 0,
  bottleneck: "nothing",
  latency_min_us: 100,
  latency_p50_us: 500,
  latency_p90_us: 800,
  latency_p99_us: 900,
  latency_max_us: 900,
  service_p99_us: 850,
  send_lag_p99_us: 70,
};
const judged = (changes: Row, planned = 10) =>
  evaluateRules({ ...sound, ...changes }, testMeasurement({ planned }), []);
const valid = { status: "valid", reasons: [] };

describe("the verdict", () => {
  it("is valid where nothing is wrong", () => expect(judged({})).toEqual(valid));

  it("does not hold loss or saturation of the server or the machine against a row", () => {
    expect(judged({ lost: 99, bottleneck: "server" })).toEqual(valid);
    expect(judged({ duplicated: 3, reordered: 3, bottleneck: "machine" })).toEqual(valid);
  });

  it("is valid where nothing was delivered and so there are no latencies", () => {
    const nothing = { sent: 10, bottleneck: "nothing" };
    expect(evaluateRules(nothing, testMeasurement({ latency: recordedHistogram() }), [])).toEqual(valid);
  });

  it("is invalid from one planned message on that was not sent", () => {
    expect(judged({ sent: 10 }, 10)).toEqual(valid);
    const { status, reasons } = judged({ sent: 10 }, 11);
    expect(status).toBe("invalid");
    expect(reasons).toEqual(["Only 10 of 11 planned messages were sent: lower --rate or give more --workers."]);
  });

  it.each<Row>([
    { latency_min_us: 501 },
    { latency_p50_us: 801 },
    { latency_p90_us: 901 },
    { latency_p99_us: 901 },
    { latency_max_us: 899 },
  ])("is invalid where the percentiles are out of order: %o", (changes) => {
    const { status, reasons } = judged(changes);
    expect(status).toBe("invalid");
    expect(reasons).toEqual([expect.stringMatching(/out of order.*please report it/)]);
  });

  it("is suspect where visits waited for a place, and says what to give more of", () => {
    const visits = { scouts: 1, traffic: undefined, waited: 7, troubles: new Map() };
    const { status, reasons } = evaluateRules({ ...sound, clients: 3 }, testMeasurement({ visits }), []);
    expect(status).toBe("suspect");
    expect(reasons).toEqual([expect.stringMatching(/^7 visits began late, as 3 were still there.*more --clients/)]);
  });

  it("does not hold visits that failed against a row, and says what went wrong, most often first", () => {
    const names = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "EMFILE", "no answer", "a goodbye"];
    const troubles = new Map(names.map((name, i) => [name, i + 1]));
    const visits = { scouts: 1, traffic: undefined, waited: 0, troubles };
    expect(evaluateRules(sound, testMeasurement({ visits }), [])).toEqual({
      status: "valid",
      reasons: [
        "In 21 visits something went wrong: 6 times a goodbye, 5 times no answer, 4 times EMFILE, 3 times EPIPE, 2 times ECONNRESET and 1 other things.",
      ],
    });
  });

  it("does not hold it against a row that a server drops who was stopped, or that its memory climbs with what it holds for them", () => {
    const slow = { clients: 5, dropped: 2, expected: 50, delivered: 30 };
    const climbing = { rssMiddleBytes: 10 * 2 ** 20 };
    expect(evaluateRules(sound, testMeasurement({ slow, ...climbing }), [])).toEqual({
      status: "valid",
      reasons: [
        "The server dropped 2 of the 5 clients that were stopped: what they missed is in paused_expected alone.",
      ],
    });
    expect(evaluateRules(sound, testMeasurement(climbing), []).status).toBe("suspect");
  });

  it("is valid where all percentiles are the same", () => {
    const all = { latency_min_us: 7, latency_p50_us: 7, latency_p90_us: 7, latency_p99_us: 7, latency_max_us: 7 };
    expect(judged({ ...all, service_p99_us: 7 })).toEqual(valid);
  });

  it.each([
    { p99: 4_000, allowed: 1_000 },
    { p99: 100_000, allowed: 10_000 },
  ])("is suspect where the generator adds more than $allowed us to a p99 of $p99 us", ({ p99, allowed }) => {
    const latency = { latency_p99_us: p99, latency_max_us: p99 };
    expect(judged({ ...latency, service_p99_us: p99 - allowed })).toEqual(valid);
    const { status, reasons } = judged({ ...latency, service_p99_us: p99 - allowed - 1, send_lag_p99_us: 1_234 });
    expect(status).toBe("suspect");
    expect(reasons).toEqual([expect.stringMatching(/send lag p99 1234 us.*: lower --rate or give more --workers\.$/)]);
  });

  it("allows a hub that speaks the lateness of its timer, and takes no waiting for a turn for lateness", () => {
    const statusOf = (changes: Row, more: Parameters<typeof testMeasurement>[0]) =>
      evaluateRules({ ...sound, ...changes }, testMeasurement({ planned: 10, ...more }), []).status;
    const late = { latency_p99_us: 3_000, latency_max_us: 3_000, service_p99_us: 1_200, send_lag_p99_us: 1_800 };
    expect([false, true].map((hubSpeaks) => statusOf(late, { hubSpeaks }))).toEqual(["suspect", "valid"]);
    expect(statusOf({ ...late, send_lag_p99_us: 2_001 }, { hubSpeaks: true })).toBe("suspect");
    const waiting = { latency_p99_us: 490_000, latency_max_us: 500_000, service_p99_us: 900 };
    expect([false, true].map((turns) => statusOf(waiting, { turns }))).toEqual(["suspect", "valid"]);
  });

  it("is suspect where a worker was at its limit", () => {
    const { status, reasons } = judged({ bottleneck: "workers" });
    expect(status).toBe("suspect");
    expect(reasons).toEqual([expect.stringMatching(/: give more --workers or fewer --clients\.$/)]);
  });

  it("is the worst of all that apply, with a reason for each", () => {
    const { status, reasons } = judged({ bottleneck: "workers", sent: 9 });
    expect(status).toBe("invalid");
    expect(reasons.length).toBe(2);
  });

  it.each<[string, Row, Row, RegExp]>([
    [
      "the crowd is behind",
      { observers_p50_us: 2_000, receivers_p50_us: 3_000 },
      { receivers_p50_us: 3_001 },
      /give more --workers/,
    ],
    [
      "the crowd is far behind",
      { observers_p50_us: 10_000, receivers_p50_us: 12_000 },
      { receivers_p50_us: 12_001 },
      /observers' \(10000/,
    ],
    [
      "a process waited for a CPU",
      { cpu_wait_percent: 10, other_cpu_percent: 11 },
      { cpu_wait_percent: 10.1 },
      /Somebody else had/,
    ],
    [
      "our own share the cores",
      { cpu_wait_percent: 10, other_cpu_percent: 10 },
      { cpu_wait_percent: 10.1 },
      /Our own processes/,
    ],
    ["the accept queue was full", { listen_overflows: 0 }, { listen_overflows: 1 }, /raise net\.core\.somaxconn/],
  ])("is suspect where %s, and not just below", (_what, below, above, sentence) => {
    expect(judged(below)).toEqual(valid);
    const { status, reasons } = judged({ ...below, ...above });
    expect(status).toBe("suspect");
    expect(reasons).toEqual([expect.stringMatching(sentence)]);
  });

  it.each([
    ["the cost fell within the window", { halvesCpuUs: [10, 9] }, { halvesCpuUs: [10, 8.9] }, /longer --warmup/],
    ["a delivery seems to have come before it was due", { early: 0 }, { early: 1 }, /come before they were due/],
    ["memory was climbing", { rssMiddleBytes: 48 * 2 ** 20 }, { rssMiddleBytes: 47 * 2 ** 20 }, /still climbing/],
  ] as const)("is suspect where %s, and not just below", (_what, below, above, sentence) => {
    const of = (changes: object) =>
      evaluateRules(sound, testMeasurement({ servers: [idleMeasurement], ...changes }), []);
    expect(of(below)).toEqual(valid);
    const { status, reasons } = of(above);
    expect([status === "valid", reasons]).toEqual([false, [expect.stringMatching(sentence)]]);
  });

  it("advises a higher rate for a thin percentile only where no other reason says that the load was too much", () => {
    const { latency_p99_us: _empty, ...thin } = sound;
    const advice = (changes: Row) => evaluateRules({ ...thin, ...changes }, testMeasurement(), []).reasons.at(-1);
    expect(advice({})).toMatch(/left empty: give a longer --duration or a higher --rate\.$/);
    for (const doubt of [{ sent: 9 }, { send_lag_p99_us: 9_000 }, { bottleneck: "workers" }, { cpu_wait_percent: 11 }])
      expect(advice(doubt)).toMatch(/left empty: give a longer --duration\.$/);
  });

  it("advises nothing that a trace refuses", () => {
    const { latency_p99_us: _empty, ...thin } = { ...sound, traffic_pattern: "server receives, trace 0123abcd x2" };
    const troubled = { sent: 9, send_lag_p99_us: 9_000, bottleneck: "workers", cpu_wait_percent: 11 };
    const overflown = { listen_overflows: 1, netdev_backlog_drops: 1 };
    const { reasons } = evaluateRules(
      { ...thin, ...troubled, ...overflown },
      testMeasurement({ halvesCpuUs: [10, 1] }),
      [],
    );
    expect(reasons).toHaveLength(8);
    expect(reasons.join(" ")).not.toMatch(/--(rate|clients|duration)/);
    expect(reasons.join(" ")).toMatch(/lower --speed or give more --workers.* replay a longer trace\./);
  });

  it("does not compare halves of a window that are too short to say anything", () => {
    const short = { ...sound, duration_s: 3.9 };
    expect(evaluateRules(short, testMeasurement({ servers: [idleMeasurement], halvesCpuUs: [10, 5] }), [])).toEqual(
      valid,
    );
  });

  it("is suspect where a repeat differs from its siblings by more than a quarter, once there are two", () => {
    const cost = (us: number): Row => ({ server_cpu_us_per_delivery: us });
    const of = (own: number, siblings: Row[]) =>
      evaluateRules({ ...sound, ...cost(own) }, testMeasurement(), siblings).status;
    expect(of(20, [cost(10)])).toBe("valid");
    expect(of(12.5, [cost(10), cost(10)])).toBe("valid");
    expect(of(12.6, [cost(10), cost(10)])).toBe("suspect");
  });
});
