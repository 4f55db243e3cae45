import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { idleProcess, recordedHistogram, testMeasurement, type TestChanges } from "../testing/measurement.ts";
import { evaluateRules, retryableRules, validityRules } from "./validity-rules.ts";

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

const evaluate = (row: Row = {}, measurement: TestChanges = {}, siblings: readonly Row[] = []) =>
  evaluateRules({ ...sound, ...row }, testMeasurement(measurement), siblings);
const valid = { status: "valid", rules: [], reasons: [] };

it("every rule has a kebab-case id", () => {
  for (const id of Object.keys(validityRules)) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

it("only a state of the machine that may pass makes a trial worth a retry", () => {
  expect([...retryableRules]).toEqual(["cpu-contention", "not-steady"]);
});

describe("a row is valid", () => {
  it("when nothing is wrong", () => expect(evaluate()).toEqual(valid));

  it("when messages are lost or the server or the machine is saturated: these are results", () => {
    expect(evaluate({ lost: 99, bottleneck: "server" })).toEqual(valid);
    expect(evaluate({ duplicated: 3, reordered: 3, bottleneck: "machine" })).toEqual(valid);
  });

  it("when nothing was delivered, so that there is no latency", () => {
    const measurement = testMeasurement({ latencyUs: recordedHistogram() });
    expect(evaluateRules({ sent: 10, bottleneck: "nothing" }, measurement, [])).toEqual(valid);
  });

  it("when all percentiles are equal", () => {
    const all = { latency_min_us: 7, latency_p50_us: 7, latency_p90_us: 7, latency_p99_us: 7, latency_max_us: 7 };
    expect(evaluate({ ...all, service_p99_us: 7 })).toEqual(valid);
  });

  it("with a note when sessions failed, the most frequent reason first", () => {
    const names = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "EMFILE", "no response", "close failed"];
    const failures = new Map(names.map((name, i) => [name, i + 1]));
    const sessions = { firstSessions: 1, traffic: undefined, delayed: 0, failures };
    const { status, rules, reasons } = evaluate({}, { sessions });
    expect([status, rules]).toEqual(["valid", ["sessions-failed"]]);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^21 sessions failed: close failed \(6 times\), .* ECONNRESET \(2 times\) and 1 other reasons/,
      ),
    ]);
  });

  it("with a note when the server disconnected paused clients, whatever its memory holds for them", () => {
    const paused = { clients: 5, dropped: 2, expected: 50, delivered: 30 };
    const growing = { rssMiddleBytes: 10 * 2 ** 20 };
    const { status, rules, reasons } = evaluate({}, { paused, ...growing });
    expect([status, rules]).toEqual(["valid", ["slow-consumers-dropped"]]);
    expect(reasons[0]).toMatch(/disconnected 2 of the 5 paused clients/);
    expect(evaluate({}, growing).rules).toEqual(["memory-growth"]);
  });
});

it("one planned message that was not sent makes a row invalid", () => {
  expect(evaluate({}, { planned: 10 })).toEqual(valid);
  expect(evaluate({}, { planned: 11 })).toEqual({
    status: "invalid",
    rules: ["under-sent"],
    reasons: ["Only 10 of 11 planned messages were sent: lower --rate or use more --workers."],
  });
});

it.each<Row>([
  { latency_min_us: 501 },
  { latency_p50_us: 801 },
  { latency_p90_us: 901 },
  { latency_p99_us: 901 },
  { latency_max_us: 899 },
])("percentiles out of order make a row invalid: %o", (changes) => {
  expect(evaluate(changes)).toMatchObject({ status: "invalid", rules: ["percentiles-out-of-order"] });
});

it("sessions that waited for a slot make a row suspect", () => {
  const sessions = { firstSessions: 1, traffic: undefined, delayed: 7, failures: new Map() };
  const { status, rules, reasons } = evaluate({ clients: 3 }, { sessions });
  expect([status, rules]).toEqual(["suspect", ["session-limit-reached"]]);
  expect(reasons[0]).toMatch(/^7 sessions began late, since 3 were open/);
});

it.each([
  { p99: 4_000, allowed: 1_000 },
  { p99: 100_000, allowed: 10_000 },
])("a load generator that adds more than $allowed us to a p99 of $p99 us makes a row suspect", ({ p99, allowed }) => {
  const latency = { latency_p99_us: p99, latency_max_us: p99 };
  expect(evaluate({ ...latency, service_p99_us: p99 - allowed })).toEqual(valid);
  const { status, rules, reasons } = evaluate({
    ...latency,
    service_p99_us: p99 - allowed - 1,
    send_lag_p99_us: 1_234,
  });
  expect([status, rules]).toEqual(["suspect", ["late-sends"]]);
  expect(reasons[0]).toContain("send lag p99 1234 us");
});

it("a server that sends may be as late as its timer, and waiting for a half-duplex slot is not lateness", () => {
  const late = { latency_p99_us: 3_000, latency_max_us: 3_000, service_p99_us: 1_200, send_lag_p99_us: 1_800 };
  expect(evaluate(late, { serverSends: false }).rules).toEqual(["late-sends"]);
  expect(evaluate(late, { serverSends: true }).rules).toEqual([]);
  expect(evaluate({ ...late, send_lag_p99_us: 2_001 }, { serverSends: true }).rules).toEqual(["late-sends"]);
  const waiting = { latency_p99_us: 490_000, latency_max_us: 500_000, service_p99_us: 900 };
  expect(evaluate(waiting, { halfDuplex: false }).rules).toEqual(["late-sends"]);
  expect(evaluate(waiting, { halfDuplex: true }).rules).toEqual([]);
});

it("the worst verdict decides, and every rule that applies gives its reason", () => {
  const { status, rules, reasons } = evaluate({ bottleneck: "workers", sent: 9 });
  expect(status).toBe("invalid");
  expect(rules).toEqual(["under-sent", "generator-saturated"]);
  expect(reasons).toHaveLength(2);
});

it.each<[id: string, below: Row, above: Row]>([
  ["generator-saturated", { bottleneck: "machine" }, { bottleneck: "workers" }],
  ["receiver-queueing", { observers_p50_us: 2_000, receivers_p50_us: 3_000 }, { receivers_p50_us: 3_001 }],
  ["receiver-queueing", { observers_p50_us: 10_000, receivers_p50_us: 12_000 }, { receivers_p50_us: 12_001 }],
  ["cpu-contention", { cpu_wait_percent: 10, other_cpu_percent: 11 }, { cpu_wait_percent: 10.1 }],
  ["cores-shared", { cpu_wait_percent: 10, other_cpu_percent: 10 }, { cpu_wait_percent: 10.1 }],
  ["accept-queue-overflow", { listen_overflows: 0 }, { listen_overflows: 1 }],
  ["packets-dropped", { netdev_backlog_drops: 0 }, { netdev_backlog_drops: 1 }],
])("%s makes a row suspect, and not just below its bound", (id, below, above) => {
  expect(evaluate(below)).toEqual(valid);
  expect(evaluate({ ...below, ...above })).toMatchObject({ status: "suspect", rules: [id] });
});

it.each<[id: string, status: string, below: TestChanges, above: TestChanges]>([
  ["not-steady", "suspect", { halvesCpuUs: [10, 9] }, { halvesCpuUs: [10, 8.9] }],
  ["clock-skew", "invalid", { early: 0 }, { early: 1 }],
  ["memory-growth", "suspect", { rssMiddleBytes: 48 * 2 ** 20 }, { rssMiddleBytes: 47 * 2 ** 20 }],
])("%s makes a row %s, and not just below its bound", (id, status, below, above) => {
  expect(evaluate({}, { servers: [idleProcess], ...below })).toEqual(valid);
  expect(evaluate({}, { servers: [idleProcess], ...above })).toMatchObject({ status, rules: [id] });
});

it("idle bytes are left out, with a note, when the window could not begin between two cycles", () => {
  const idle = { cycles: 3, periodMs: 1_000, aligned: false };
  expect(evaluate({}, { idle })).toMatchObject({ status: "valid", rules: ["idle-window-unaligned"] });
  expect(evaluate({}, { idle: { ...idle, aligned: true } })).toEqual(valid);
});

describe("advice", () => {
  const { latency_p99_us: _empty, ...thin } = sound;
  const reasonsOf = (changes: Row, measurement: TestChanges = {}): string[] =>
    evaluateRules({ ...thin, ...changes }, testMeasurement(measurement), []).reasons;

  it("names a higher rate for too few samples only when no other rule says that the load was too high", () => {
    expect(reasonsOf({}).at(-1)).toMatch(/left empty: use a longer --duration or a higher --rate\.$/);
    for (const overload of [
      { sent: 9 },
      { send_lag_p99_us: 9_000 },
      { bottleneck: "workers" },
      { cpu_wait_percent: 11 },
    ])
      expect(reasonsOf(overload).at(-1)).toMatch(/left empty: use a longer --duration\.$/);
  });

  it("names no flag that a replayed trace refuses", () => {
    const trace = { traffic_pattern: "server receives, trace 0123abcd x2" };
    const troubled = { sent: 9, send_lag_p99_us: 9_000, bottleneck: "workers", cpu_wait_percent: 11 };
    const overflown = { listen_overflows: 1, netdev_backlog_drops: 1 };
    const reasons = reasonsOf({ ...trace, ...troubled, ...overflown }, { halvesCpuUs: [10, 1] });
    expect(reasons).toHaveLength(8);
    expect(reasons.join(" ")).not.toMatch(/--(rate|clients|duration)/);
    expect(reasons.join(" ")).toMatch(/lower --speed or use more --workers.* replay a longer trace\./);
  });
});

it("halves of a window that is too short are not compared", () => {
  expect(evaluate({ duration_s: 3.9 }, { servers: [idleProcess], halvesCpuUs: [10, 5] })).toEqual(valid);
});

it("a repeat that differs by more than 25 % from its siblings is suspect, once there are two of them", () => {
  const cost = (us: number): Row => ({ server_cpu_us_per_delivery: us });
  const rulesOf = (own: number, ...siblings: number[]) => evaluate(cost(own), {}, siblings.map(cost)).rules;
  expect(rulesOf(20, 10)).toEqual([]);
  expect(rulesOf(12.5, 10, 10)).toEqual([]);
  expect(rulesOf(12.6, 10, 10)).toEqual(["outlier-repeat"]);
  expect(rulesOf(7.4, 10, 10)).toEqual(["outlier-repeat"]);
});
