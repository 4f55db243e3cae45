import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import type { SliceCost } from "../model/measurement.ts";
import {
  idleProcess,
  recordedHistogram,
  slicesOf,
  testFault,
  testMeasurement,
  type TestChanges,
} from "../testing/measurement.ts";
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
  expect([...retryableRules]).toEqual(["cpu-contention", "not-steady", "network-off", "network-behind"]);
});

describe("a row is valid", () => {
  it("when nothing is wrong", () => expect(evaluate()).toEqual(valid));

  it("when a transport that promises nothing loses messages, or the server or the machine is saturated: these are results", () => {
    expect(evaluate({ lost: 99, bottleneck: "server" }, { reliable: false })).toEqual(valid);
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
    const sessions = { firstSessions: 1, delayed: 0, failures };
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

describe("clients that were refused or dropped make a note", () => {
  const note = (gone: TestChanges["gone"], row: Row = {}) => evaluate({ clients: 100, ...row }, { gone: gone! });

  it("that says how many were refused and what they were answered", () => {
    expect(note({ refused: new Map([["the server answered 503", 40]]) })).toEqual({
      status: "valid",
      rules: ["clients-refused"],
      reasons: ["40 of 100 clients were refused: the server answered 503."],
    });
  });

  it("that says how many lost their connection, when, why, and what was lost with it", () => {
    const dropped = new Map([
      ["ECONNRESET", 1],
      ["closed", 2],
    ]);
    expect(note({ dropped, droppedAtS: [1.04, 2, 3.21], lostDeliveries: 7 }, { lost: 7 })).toEqual({
      status: "valid",
      rules: ["clients-dropped"],
      reasons: [
        "3 of 100 clients lost their connection between seconds 1.0 and 3.2 of the window: closed (2 times), ECONNRESET (1 times); " +
          "7 deliveries were lost with these connections.",
      ],
    });
    expect(note({ dropped, droppedAtS: [-1, 2, 4] }).reasons[0]).toMatch(
      /lost their connection \(1 before the window, 1 at second 2\.0 of the window, 1 after the window\): /,
    );
  });

  it("that explains sessions that are not known at a later request", () => {
    const pattern =
      /; 30 had a session that was opened and was not known at a later request, as behind a balancer without sticky sessions\.$/;
    const reasons = new Map([["the server answered 404", 30]]);
    expect(note({ dropped: reasons, droppedAtS: Array(30).fill(-1), unknownSessions: 30 }).reasons[0]).toMatch(pattern);
    expect(note({ refused: reasons, unknownSessions: 30 }).reasons[0]).toMatch(pattern);
  });

  it("that explains connections that were closed after the same silence", () => {
    const silence = { seconds: 5.04, clients: 20 };
    const dropped = new Map([["closed", 20]]);
    expect(note({ dropped, droppedAtS: Array(20).fill(3), silence }).reasons[0]).toMatch(
      /: closed; 20 after 5 s without a message, as if the server or a proxy closes a connection that is silent for 5 s\.$/,
    );
  });

  it("but what was lost otherwise is still lost", () => {
    const dropped = new Map([["closed", 1]]);
    const { status, rules, reasons } = note(
      { dropped, droppedAtS: [1], lostDeliveries: 7 },
      { lost: 9, expected: 1_000 },
    );
    expect([status, rules]).toEqual(["suspect", ["clients-dropped", "messages-lost"]]);
    expect(reasons[1]).toMatch(/^2 of 1,000 deliveries were lost/);
  });
});

describe("a lost message of a transport that promises to lose none makes a row suspect", () => {
  const lossOf = (row: Row, changes: TestChanges = {}) => evaluate({ clients: 10, expected: 1_000, ...row }, changes);
  const firstLost = { seq: 17, sender: 3, receiver: 4 };

  it("and the reason names the number of deliveries and the first of them", () => {
    expect(lossOf({ lost: 5 }, { firstLost })).toEqual({
      status: "suspect",
      rules: ["messages-lost"],
      reasons: [
        "5 of 1,000 deliveries were lost, on a transport that promises none (first: message 17 of client 3 to client 4): " +
          "lower --rate, or check the transport with npm run conformance.",
      ],
    });
    expect(lossOf({ lost: 1 }).reasons[0]).toMatch(/^1 of 1,000 .* promises none: lower/);
    expect(lossOf({ lost: 0 })).toEqual(valid);
  });

  it.each([
    [{ ...firstLost, sender: 10 }, "message 17 of the server to client 4"],
    [{ ...firstLost, receiver: -1 }, "message 17 of client 3 to the server"],
  ])("also where the server sends or receives: %j", (first, text) => {
    expect(lossOf({ lost: 5 }, { firstLost: first }).reasons[0]).toContain(`(first: ${text})`);
  });

  it("but a failed session is not blamed twice", () => {
    const sessions = { firstSessions: 1, delayed: 0, failures: new Map([["ECONNRESET", 5]]) };
    expect(lossOf({ lost: 5 }, { sessions }).rules).toEqual(["sessions-failed"]);
    expect(lossOf({ lost: 6 }, { sessions }).rules).toEqual(["sessions-failed", "messages-lost"]);
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
  expect(evaluate(changes)).toEqual({
    status: "invalid",
    rules: ["percentiles-out-of-order"],
    reasons: [
      "The latency percentiles are out of order, which is a defect of the harness: please report it with the CSV.",
    ],
  });
});

it("sessions that waited for a slot make a row suspect", () => {
  const sessions = { firstSessions: 1, delayed: 7, failures: new Map() };
  expect(evaluate({ clients: 3 }, { sessions })).toEqual({
    status: "suspect",
    rules: ["session-limit-reached"],
    reasons: [
      "7 sessions began late, since 3 were open at once, and the latency includes it: use more --clients, or lower --rate.",
    ],
  });
});

it.each([
  { p99: 4_000, allowed: 1_000 },
  { p99: 100_000, allowed: 25_000 },
])("a load generator that adds more than $allowed us to a p99 of $p99 us makes a row suspect", ({ p99, allowed }) => {
  const latency = { latency_p99_us: p99, latency_max_us: p99 };
  expect(evaluate({ ...latency, service_p99_us: p99 - allowed })).toEqual(valid);
  expect(evaluate({ ...latency, service_p99_us: p99 - allowed - 1, send_lag_p99_us: 1_234 })).toEqual({
    status: "suspect",
    rules: ["late-sends"],
    reasons: [
      "The load generator sent late (send lag p99 1234 us) and the latency includes it: lower --rate or use more --workers.",
    ],
  });
});

it.each([
  { p50: 3_000, allowed: 1_000 },
  { p50: 100_000, allowed: 10_000 },
])(
  "a load generator that adds more than $allowed us to a median of $p50 us makes a row suspect",
  ({ p50, allowed }) => {
    const rows = { latency_p50_us: p50, latency_p90_us: p50, latency_p99_us: 10 * p50, latency_max_us: 10 * p50 };
    const latency = { ...rows, service_p99_us: 10 * p50 };
    expect(evaluate({ ...latency, service_p50_us: p50 - allowed })).toEqual(valid);
    expect(evaluate({ ...latency, service_p50_us: p50 - allowed - 1 }).rules).toEqual(["late-sends"]);
  },
);

it("a send lag of more than half of the p99 makes a row suspect, since the receivers may be as late", () => {
  const latency = { latency_p99_us: 20_000, latency_max_us: 20_000, service_p99_us: 20_000 };
  expect(evaluate({ ...latency, send_lag_p99_us: 10_000 })).toEqual(valid);
  expect(evaluate({ ...latency, send_lag_p99_us: 10_001 }).rules).toEqual(["late-sends"]);
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

it.each<[id: string, below: Row, above: Row, reason: string]>([
  [
    "generator-saturated",
    { bottleneck: "machine" },
    { bottleneck: "workers" },
    "A worker process used its whole core, so the latency includes its queue: use more --workers or fewer --clients.",
  ],
  [
    "cpu-contention",
    { cpu_wait_percent: 10, other_cpu_percent: 16 },
    { cpu_wait_percent: 10.1 },
    "Other programs used the CPU (16 % of a core; a process of the trial waited 10.1 % of the time): stop them and run again.",
  ],
  [
    "cores-shared",
    { cpu_wait_percent: 30, other_cpu_percent: 15 },
    { cpu_wait_percent: 30.1 },
    "The processes of the trial share the cores (one waited 30.1 % of the time): lower --rate, or use a machine with more cores.",
  ],
  [
    "accept-queue-overflow",
    { listen_overflows: 0 },
    { listen_overflows: 1 },
    "The accept queue overflowed 1 times, so connect times are not the transport's: raise net.core.somaxconn, or use " +
      "fewer --clients.",
  ],
  [
    "packets-dropped",
    { netdev_backlog_drops: 0 },
    { netdev_backlog_drops: 1 },
    "The kernel dropped 1 packets since its queue was full, and they were sent again: raise " +
      "net.core.netdev_max_backlog, or use fewer --clients.",
  ],
])("%s makes a row suspect, says why, and does not apply just below its bound", (id, below, above, reason) => {
  expect(evaluate(below)).toEqual(valid);
  expect(evaluate({ ...below, ...above })).toEqual({ status: "suspect", rules: [id], reasons: [reason] });
});

describe("over agents the CPU of each machine is judged by itself", () => {
  const machine = (name: string, otherCpuPercent: number, cpuWaitPercent: number) => ({
    agents: [{ name, clients: 10, cpuPercent: 50, clockErrorUs: 20 }],
    cores: 2,
    cpuPercent: 50,
    otherCpuPercent,
    cpuWaitPercent,
  });
  const row = { cpu_wait_percent: 40, other_cpu_percent: 90 };

  it("what others do on one machine makes nobody wait on another", () => {
    const hosts = [machine("b1", 90, 1), machine("b2", 1, 25)];
    expect(evaluate(row, { hosts })).toEqual(valid);
  });

  it("the agent where others took the CPU is named", () => {
    const { rules, reasons } = evaluate(row, { hosts: [machine("b1", 1, 1), machine("b2", 90, 40)] });
    expect(rules).toEqual(["cpu-contention"]);
    expect(reasons[0]).toContain("Other programs used the CPU on b2 (90 % of a core");
  });

  it("the agent whose cores are too few is named", () => {
    const { rules, reasons } = evaluate(row, { hosts: [machine("b1", 1, 40), machine("b2", 90, 1)] });
    expect(rules).toEqual(["cores-shared"]);
    expect(reasons[0]).toContain("share the cores on b1 (one waited 40 %");
  });
});

/** Slices whose cost falls by this share of its mean from the beginning to the end of the window. */
const falling = (share: number) => slicesOf((slice) => 1_000 * (1 - share * ((slice - 9.5) / 20)));

it.each<[id: string, status: string, below: TestChanges, above: TestChanges, reason: string]>([
  [
    "not-steady",
    "suspect",
    { slices: falling(0.14) },
    { slices: falling(0.16) },
    "The server's CPU time at equal load fell by 16 % within the window, and that of the clients did not: use a longer --warmup, or a longer --duration.",
  ],
  [
    "clock-skew",
    "invalid",
    { early: 0 },
    { early: 1 },
    "1 deliveries seem to arrive before they were due, so no latency of this row can be believed: please report it " +
      "with the CSV.",
  ],
  [
    "clock-error",
    "valid",
    { clock: { hosts: 3, errorUs: 5_000, latencyOf: "all" } },
    { clock: { hosts: 3, errorUs: 5_000, latencyOf: "one host" } },
    "The relation of the hosts' clocks is known to 5,000 us only, so the latency is that of senders and observers on one host: " +
      "use a broker that is nearer to the agents, or hosts with less load.",
  ],
  [
    "memory-growth",
    "suspect",
    { rssMiddleBytes: 48 * 2 ** 20 },
    { rssMiddleBytes: 47 * 2 ** 20 },
    "The server's memory still grew at the end of the window (64 MiB): use a longer --warmup.",
  ],
])("%s makes a row %s, says why, and does not apply just below its bound", (id, status, below, above, reason) => {
  const row = { server_rss_mib: 64 };
  expect(evaluate(row, { servers: [idleProcess], ...below })).toEqual(valid);
  expect(evaluate(row, { servers: [idleProcess], ...above })).toEqual({ status, rules: [id], reasons: [reason] });
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
      { cpu_wait_percent: 31 },
    ])
      expect(reasonsOf(overload).at(-1)).toMatch(/left empty: use a longer --duration\.$/);
  });

  it("names no flag that a replayed trace refuses", () => {
    const trace = { traffic_pattern: "server receives, trace 0123abcd x2" };
    const troubled = { sent: 9, send_lag_p99_us: 9_000, bottleneck: "workers", cpu_wait_percent: 31 };
    const overflown = { listen_overflows: 1, netdev_backlog_drops: 1 };
    const reasons = reasonsOf({ ...trace, ...troubled, ...overflown }, { slices: falling(0.5) });
    expect(reasons).toHaveLength(8);
    expect(reasons.join(" ")).not.toMatch(/--(rate|clients|duration)/);
    expect(reasons.join(" ")).toMatch(/lower --speed or use more --workers.* replay a longer trace\./);
  });
});

it("a window is steady where its cost scatters as much as it changes, has too few slices or no deliveries", () => {
  const steady = (slices: SliceCost[]) => expect(evaluate({}, { servers: [idleProcess], slices })).toEqual(valid);
  steady(slicesOf((slice) => 1_000 + 800 * (slice % 2) + 10 * slice));
  steady(falling(0.5).slice(0, 7));
  steady(falling(0.5).map((slice) => ({ ...slice, deliveries: 0 })));
  steady([]);
  const rising = slicesOf((slice) => 1_000 + 20 * slice);
  expect(evaluate({}, { servers: [idleProcess], slices: rising }).reasons[0]).toMatch(
    /^The server's CPU time at equal load grew by 34 % within the window, and that of the clients did not: /,
  );
});

it("more than one duplicate in twenty deliveries makes a row suspect", () => {
  expect(evaluate({ delivered: 100, duplicated: 5 })).toEqual(valid);
  expect(evaluate({ delivered: 100, duplicated: 6 })).toEqual({
    status: "suspect",
    rules: ["messages-duplicated"],
    reasons: [
      "6 deliveries came more than once, and the numbers per delivery count them: find out who sends them twice: the " +
        "server, or a dialect whose cursor stands still.",
    ],
  });
});

describe("target-slowed", () => {
  const aSecond = {
    messages: 10,
    serverCpuPercent: undefined,
    serverRssBytes: undefined,
    serverLoopDelayMaxUs: undefined,
    clientLoopDelayMaxUs: 0,
    dropped: 0,
  };
  const seconds = (...p50Us: number[]) =>
    p50Us.map((us, fromS) => ({ ...aSecond, fromS, fanout: { p50Us: us, maxUs: 2 * us } }));
  const reasonsOf = (network: string, ...p50Us: number[]) =>
    evaluate({ network, offered_per_s: 10 }, { seconds: seconds(...p50Us) }).reasons;

  it("says that a target takes more than twice as long and 5 ms more at the end of the window", () => {
    expect(reasonsOf("target h", 5_000, 6_000, 7_000, 9_000, 14_000, 13_000)).toEqual([
      "The target slowed down under the load: the last receiver had a message after 5.5 ms at first, and after 14 ms at " +
        "the end: lower --rate.",
    ]);
  });

  it("is not said of our own servers, of a short window, or where it takes less", () => {
    expect(reasonsOf("loopback", 5_000, 6_000, 7_000, 9_000, 14_000, 13_000)).toEqual([]);
    expect(reasonsOf("target h", 5_000, 6_000, 7_000, 9_000, 14_000)).toEqual([]);
    expect(reasonsOf("target h", 5_000, 6_000, 7_000, 9_000, 11_000, 11_000)).toEqual([]);
    expect(reasonsOf("target h", 500, 600, 700, 900, 4_000, 5_000)).toEqual([]);
  });
});

it("a machine that changes its speed changes servers and clients, which is a note", () => {
  const slow = (slice: number) => (slice < 12 ? 1 : 1.4) * (1 + ((slice * 7) % 5) / 100);
  const slices = slicesOf(
    (slice) => 1_000 * slow(slice),
    (slice) => 700 * slow(slice),
  );
  expect(evaluate({}, { servers: [idleProcess], slices })).toEqual({
    status: "valid",
    rules: ["machine-speed-changed"],
    reasons: [
      "The CPU time of servers and clients at equal load grew by 50 % within the window: compare several repeats.",
    ],
  });
});

describe("receiver-queueing", () => {
  const reasonOf = (observersP50Us: number, receiversP50Us: number, observersP95Us: number, receiversP95Us: number) =>
    evaluate({}, { observerVsReceivers: { observersP50Us, receiversP50Us, observersP95Us, receiversP95Us } })
      .reasons[0];

  it("needs a median that is 30 % and 1 ms above the observers'", () => {
    expect([reasonOf(2_000, 3_000, 0, 0), reasonOf(10_000, 13_000, 0, 0)]).toEqual([undefined, undefined]);
    expect([reasonOf(2_000, 3_001, 0, 0), reasonOf(10_000, 13_001, 0, 0)]).toEqual(
      ["3001 us) exceeds the observers' (2000", "13001 us) exceeds the observers' (10000"].map(
        (numbers) =>
          `The median of the receivers in busy workers (${numbers} us), so the latency includes the workers' queue: ` +
          "use more --workers, or read observers_p50_us.",
      ),
    );
  });

  it("or a p95 that is a third and 2 ms above it", () => {
    expect([reasonOf(0, 0, 2_000, 4_000), reasonOf(0, 0, 10_000, 13_300)]).toEqual([undefined, undefined]);
    expect(reasonOf(0, 0, 2_000, 4_001)).toMatch(/^The p95 of the receivers in busy workers \(4001 us\) exceeds/);
    expect(reasonOf(0, 0, 10_000, 13_301)).toMatch(/^The p95 of the receivers/);
  });
});

it("a repeat whose servers or clients differ by more than 25 % is suspect, unless the machine explains it", () => {
  const both = (server: number, client: number): Row => ({
    server_cpu_us_per_delivery: server,
    client_cpu_us_per_delivery: client,
  });
  const rulesOf = (server: number, client: number) =>
    evaluate(both(server, client), {}, [both(10, 20), both(10, 20)]).rules;
  expect([rulesOf(15, 29), rulesOf(6, 12), rulesOf(12, 24), rulesOf(15, 24)]).toEqual([[], [], [], []]);
  for (const [server, client] of [
    [15, 20],
    [6, 20],
    [15, 14],
    [10, 30],
    [15, 23],
  ] as const)
    expect(rulesOf(server, client)).toEqual(["outlier-repeat"]);
});

it("a repeat that differs by more than 25 % from its siblings is suspect, once there are two of them", () => {
  const cost = (us: number): Row => ({ server_cpu_us_per_delivery: us });
  const rulesOf = (own: number, ...siblings: number[]) => evaluate(cost(own), {}, siblings.map(cost)).rules;
  expect(rulesOf(20, 10)).toEqual([]);
  expect(rulesOf(12.5, 10, 10)).toEqual([]);
  expect(rulesOf(12.6, 10, 10)).toEqual(["outlier-repeat"]);
  expect(rulesOf(7.4, 10, 10)).toEqual(["outlier-repeat"]);
});

it("a delivery that is early by more than the clocks' error makes a row invalid, and the reason names the error", () => {
  const measurement = testMeasurement({ early: 2, clock: { hosts: 2, errorUs: 66.5, latencyOf: "all" } });
  const { status, reasons } = evaluateRules({}, measurement, []);
  expect(status).toBe("invalid");
  expect(reasons.join(" ")).toContain(
    "2 deliveries seem to arrive before they were due, by more than the 67 us to which their clocks",
  );
});

it("so does one that was within the error that was known before the trial, and is beyond the one that was found after it", () => {
  const clock = { hosts: 2, errorUs: 66.5, latencyOf: "all" } as const;
  const { status, reasons } = evaluateRules({}, testMeasurement({ mostEarlyUs: 80, clock }), []);
  expect(status).toBe("invalid");
  expect(reasons.join(" ")).toContain(
    "One delivery seems to arrive 80 us before it was due, by more than the 67 us to",
  );
  expect(evaluateRules({}, testMeasurement({ mostEarlyUs: 60, clock }), []).reasons.join(" ")).not.toContain("before");
});

describe("a fault", () => {
  const fault = (changes: Partial<typeof testFault> = {}): TestChanges => ({ fault: { ...testFault, ...changes } });
  const row: Row = { affected: 50, noticed: 50, missed: 0, fault: "cut:50%@5s", heartbeat: "25s", history: "none" };
  const after = (cells: Row, changes = fault()) => evaluate({ ...row, ...cells }, changes);

  it("that was on time, was noticed and did what it does makes no note", () => {
    expect(after({ fault_late_ms: 50 })).toEqual(valid);
    expect(after({ missed: 700, lost: 700 })).toEqual(valid);
  });

  it("that was complete more than 50 ms after its time makes a row invalid", () => {
    expect(after({ fault_late_ms: 50.1 })).toEqual({
      status: "invalid",
      rules: ["fault-late"],
      reasons: [
        "The fault was complete 50.1 ms after its time: use fewer --clients or a smaller share of them, or end other programs.",
      ],
    });
  });

  it("after which the generator was busy makes a row suspect from above 90 % of a core on", () => {
    expect(after({}, fault({ generatorPeakPercent: 90 }))).toEqual(valid);
    expect(after({}, fault({ generatorPeakPercent: 93.6 }))).toEqual({
      status: "suspect",
      rules: ["storm-at-generator"],
      reasons: [
        "The worker of the affected clients used 94 % of a core in a second while they came back: " +
          "use fewer --clients, or a wider --reconnect.",
      ],
    });
  });

  it("that nobody noticed and that lost nothing makes a note", () => {
    expect(after({ noticed: 0, fault: "gone:5s:50%@5s" })).toEqual({
      status: "valid",
      rules: ["fault-not-noticed"],
      reasons: [
        "Never noticed, nothing lost: no heartbeat of 25s gave a connection up, and TCP sent again what it had lost.",
      ],
    });
    expect(after({ noticed: 0, fault: "cut:50%@5s" }).reasons).toEqual([
      "Never noticed, nothing lost: no client was waiting on its connection, and the next one goes on where it was.",
    ]);
    expect(after({ noticed: 0, affected: 0 })).toEqual(valid);
    expect(after({ noticed: 0, missed: 3, lost: 3 })).toEqual(valid);
  });

  it("that was a silence, noticed and then missed messages makes a note, and a reset makes none", () => {
    for (const kind of ["gone", "half-open", "asleep"])
      expect(after({ fault: `${kind}:5s:50%@5s`, missed: 1_200, lost: 1_200 })).toEqual({
        status: "valid",
        rules: ["noticed-too-early"],
        reasons: [
          "Noticed too early, lost what TCP would have brought: 50 clients gave their connections up and missed 1,200 messages: " +
            "lengthen --heartbeat, or resume: --history, or a transport that keeps a session.",
        ],
      });
    for (const text of ["cut:50%@5s", "restart@5s", "restart-hard@5s"])
      expect(after({ fault: text, missed: 1_200, lost: 1_200 })).toEqual(valid);
    expect(after({ fault: "gone:5s:50%@5s" })).toEqual(valid);
    expect(after({ fault: "gone:5s:50%@5s", noticed: 0, missed: 2, lost: 2 })).toEqual(valid);
  });

  it("after which messages were missed although the application keeps some makes a note, unless its server was ended", () => {
    const keeps = fault({ keepsHistory: true });
    expect(after({ history: "10" }, keeps)).toEqual(valid);
    const { status, rules, reasons } = after({ history: "10", missed: 4, lost: 4 }, keeps);
    expect([status, rules]).toEqual(["valid", ["history-short"]]);
    expect(after({ history: "10", missed: 4, lost: 4, fault: "restart-hard@5s" }, keeps)).toEqual(valid);
    expect(reasons).toEqual([expect.stringMatching(/^The history of 10 was too short for 4 .*: raise --history\.$/)]);
  });

  it("explains what was missed, and what was lost otherwise is still lost", () => {
    const { status, rules, reasons } = after({ missed: 5, lost: 8, expected: 1_000 });
    expect([status, rules]).toEqual(["suspect", ["messages-lost"]]);
    expect(reasons[0]).toMatch(/^3 of 1,000 deliveries were lost/);
  });
});
