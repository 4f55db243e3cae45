import { describe, expect, it } from "vitest";
import { seededRandom } from "../../scenarios/lib/random.ts";
import type { Row } from "../model/columns.ts";
import { compare } from "./compare.ts";
import type { MetricComparison, PairComparison } from "./types.ts";
import type { NoiseFloor } from "./noise-floor.ts";
import { parseRenames } from "./pairing.ts";
import { runRecordOf, runRows, runSide } from "../testing/runs.ts";

const noNoise: NoiseFloor = { measured_on: "2025-01-02", cpu: "Pretend CPU", runs: 2, command: "", columns: {} };
const oneRun = { run_id: "one" };
const set = (before: Row[], after: Row[], noiseFloor = noNoise, pair?: string) =>
  compare(runSide(before), runSide(after, "b.csv"), {
    renames: pair === undefined ? [] : parseRenames(pair),
    noiseFloor,
  });
const metricIn = ({ metrics }: PairComparison, name: string): MetricComparison =>
  metrics.find(({ metric }) => metric === name)!;
const only = (before: Row[], after: Row[], noiseFloor = noNoise): PairComparison =>
  set(before, after, noiseFloor).pairs[0]!;
const flagged = ({ pairs }: { pairs: PairComparison[] }): MetricComparison[] =>
  pairs.flatMap(({ metrics }) => metrics.filter(({ verdict }) => verdict === "worse" || verdict === "better"));

const transports = ["ws", "tcp", "socket.io", "short-poll", "long-poll"];
/** Rows of five transports. The bytes per delivery of the polling ones depend on chance. */
function runOf(seed: number, repeats = 6): Row[] {
  return transports.flatMap((transport, t) => {
    const chance = seededRandom(seed + 1_000_000 * (t + 1));
    const polls = (): Row => ({
      polls_answered: 100,
      overhead_bytes_per_delivery: 30 + Math.round(100 * chance()) / 100,
    });
    return runRows({ repeats, seed: seed + 1_000 * t, changes: { transport } }).map((row) => ({
      ...row,
      ...oneRun,
      ...(transport.endsWith("poll") && polls()),
    }));
  });
}

describe("a comparison of two equal builds", () => {
  it("finds a change in at most 5 % of cases, over all metrics of five transports", () => {
    const times = 300;
    let wrong = 0;
    for (let seed = 1; seed <= times; seed++)
      if (flagged(set(runOf(seed * 2), runOf(seed * 2 + 1))).length > 0) wrong++;
    // Three standard errors above 5 %. Without Holm's correction about half of the comparisons would find a change.
    expect(wrong / times).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / times));
  }, 60_000);

  it("of a run with itself finds every tested metric the same, with any number of repeats", () => {
    for (const repeats of [1, 4]) {
      const { pairs, warnings } = set(runOf(1, repeats), runOf(1, repeats));
      const verdicts = new Set(pairs.flatMap(({ metrics }) => metrics.map(({ verdict }) => verdict)));
      expect([...verdicts].toSorted()).toEqual(["same", "shown"]);
      expect(warnings[0]).toMatch(/the same trials/);
    }
  });
});

describe("a primary metric", () => {
  const slower = runRows({ seed: 2, slower: { server_cpu_us_per_delivery: 1.2 } });

  it("that shifted is worse, with the sign, the size and an interval of the shift", () => {
    const found = metricIn(only(runRows(), slower), "server_cpu_us_per_delivery");
    expect(found.verdict).toBe("worse");
    expect(found.shift).toBeCloseTo(0.2 * 12, 0);
    expect(found.low).toBeGreaterThan(0);
    expect([found.low! < found.shift!, found.shift! < found.high!]).toEqual([true, true]);
    expect(found.after! - found.before!).toBeCloseTo(found.shift!, 0);
    expect(found.coverage).toBeGreaterThanOrEqual(0.95);
    expect(found.detectable).toBeLessThan(found.shift!);
  });

  it("is better by the same amount when the sides are swapped", () => {
    const [there, back] = [only(runRows(), slower), only(slower, runRows())].map((pair) =>
      metricIn(pair, "server_cpu_us_per_delivery"),
    );
    expect(back!.verdict).toBe("better");
    expect(back!.shift).toBeCloseTo(-there!.shift!, 6);
  });

  it("is the same where no change is found", () => {
    expect(metricIn(only(runRows(), slower), "latency_p50_us").verdict).toBe("same");
  });

  it("is undecided with too few repeats, and the note has how many this comparison needs", () => {
    const of = (repeats: number, transport: string) => runRows({ repeats, changes: { transport } });
    const slow = (repeats: number, transport: string) =>
      runRows({ repeats, seed: 2, slower: { latency_p50_us: 9 }, changes: { transport } });
    // Of four metrics p must be below .0125: five repeats a side have .0079, four .029. Of twenty below .0025: six
    // have .0022.
    const alone = metricIn(set(of(4, "ws"), slow(4, "ws")).pairs[0]!, "latency_p50_us");
    expect(alone).toMatchObject({
      verdict: "undecided",
      note: "too few repeats, measure with --repeat 5 or more",
      detectable: undefined,
    });
    expect(metricIn(set(of(5, "ws"), slow(5, "ws")).pairs[0]!, "latency_p50_us").verdict).toBe("worse");
    const [before, after] = [
      transports.flatMap((transport) => of(5, transport)),
      transports.flatMap((transport) => slow(5, transport)),
    ];
    expect(metricIn(set(before, after).pairs[0]!, "latency_p50_us")).toMatchObject({
      verdict: "undecided",
      note: "too few repeats, measure with --repeat 6 or more",
    });
    expect(metricIn(only(runRows({ repeats: 1 }), runRows({ repeats: 1, seed: 2 })), "latency_p50_us")).toMatchObject({
      verdict: "undecided",
      coverage: 0,
    });
  });

  it("that a side lacks is not in the family of tests, and a note has the reason", () => {
    const without = (rows: Row[]): Row[] => rows.map(({ latency_p99_us: _none, ...rest }) => rest);
    const half = only(runRows(), without(runRows({ seed: 2 })));
    expect(metricIn(half, "latency_p99_us")).toMatchObject({
      verdict: "undecided",
      p: undefined,
      note: "not measured after (too few messages for this percentile)",
    });
    const none = only(without(runRows()), without(slower));
    expect(metricIn(none, "latency_p99_us")).toMatchObject({ verdict: "shown", note: /not measured on either side/ });
    const [of4, of3] = [only(runRows(), slower), none].map((pair) => metricIn(pair, "server_cpu_us_per_delivery"));
    expect(of4!.p! / of3!.p!).toBeCloseTo(4 / 3, 6);
  });

  it("with ties has no smaller p than so few repeats allow", () => {
    const fixed = (value: number, seed: number) => runRows({ seed, changes: { latency_p50_us: value } });
    const { p } = metricIn(only(fixed(100, 1), fixed(101, 2)), "latency_p50_us");
    expect(p).toBeGreaterThanOrEqual((3 * 2) / 924);
  });
});

describe("the noise floor", () => {
  const noiseFloor = { ...noNoise, columns: { server_cpu_us_per_delivery: 30, latency_p50_us: 1 } };
  const slow = (changes: Row) =>
    runRows({ seed: 2, slower: { server_cpu_us_per_delivery: 1.2, latency_p50_us: 1.2 }, changes });

  it("hides a change that is no larger: it is within noise", () => {
    const pair = only(runRows(), slow({}), noiseFloor);
    const cpu = metricIn(pair, "server_cpu_us_per_delivery");
    expect(cpu.verdict).toBe("within noise");
    expect(cpu.noiseFloor).toBeCloseTo(0.3 * cpu.before!, 5);
    expect(cpu.detectable).toBeGreaterThanOrEqual(cpu.noiseFloor!);
    expect(metricIn(pair, "latency_p50_us").verdict).toBe("worse");
  });

  it("hides a change of exactly its size, and no larger one", () => {
    const cpu = (value: number, seed: number) => runRows({ seed, changes: { server_cpu_us_per_delivery: value } });
    const verdict = (value: number) =>
      metricIn(only(cpu(10, 1), cpu(value, 2), noiseFloor), "server_cpu_us_per_delivery").verdict;
    expect([verdict(13), verdict(13.01), verdict(7), verdict(6.99)]).toEqual([
      "within noise",
      "worse",
      "within noise",
      "better",
    ]);
  });

  it("does not apply within one run, whose trials were interleaved", () => {
    const { pairs, interleaved } = set(runRows({ changes: oneRun }), slow(oneRun), noiseFloor);
    expect(interleaved).toBe(true);
    expect(metricIn(pairs[0]!, "server_cpu_us_per_delivery")).toMatchObject({
      verdict: "worse",
      noiseFloor: undefined,
    });
  });

  it("applies where rows have no run_id", () => {
    const nameless = (rows: Row[]): Row[] => rows.map(({ run_id: _none, ...rest }) => rest);
    const { pairs, interleaved } = set(nameless(runRows()), nameless(slow({})), noiseFloor);
    expect([interleaved, metricIn(pairs[0]!, "server_cpu_us_per_delivery").verdict]).toEqual([false, "within noise"]);
  });
});

describe("bytes", () => {
  const single = (changes: Row, seed = 1) => runRows({ repeats: 1, seed, changes });

  it("are tested by equality, with one repeat a side or more", () => {
    const pair = only(single({}), single({ overhead_bytes_per_send: 40.01, connect_bytes_in: 199 }, 2));
    expect(metricIn(pair, "overhead_bytes_per_send")).toMatchObject({ verdict: "worse", shift: 0.01, p: undefined });
    expect(metricIn(pair, "connect_bytes_in")).toMatchObject({ verdict: "better", shift: -1 });
    expect(metricIn(pair, "overhead_bytes_per_delivery")).toMatchObject({ verdict: "same", shift: 0, detectable: 0 });
  });

  it("are tested by statistics where repeats differ, as members of the family", () => {
    const varying = (seed: number) =>
      runRows({ seed }).map((row, i) => ({ ...row, overhead_bytes_per_delivery: 10 + i + seed / 10 }));
    const { p, verdict } = metricIn(only(varying(1), varying(2)), "overhead_bytes_per_delivery");
    expect(p).toBeDefined();
    expect(verdict).toBe("same");
  });

  it.each([
    ["after", [40, 40, 40, 40, 40, 40], [40, 41, 40, 42, 40, 43]],
    ["before", [40, 41, 40, 42, 40, 43], [40, 40, 40, 40, 40, 40]],
  ] as const)("are tested by statistics where the repeats of one side alone differ, those %s", (_side, was, is) => {
    const withBytes = (values: readonly number[], seed: number) =>
      runRows({ seed }).map((row, i) => ({ ...row, overhead_bytes_per_delivery: values[i]! }));
    const { p, verdict, coverage } = metricIn(only(withBytes(was, 1), withBytes(is, 2)), "overhead_bytes_per_delivery");
    expect(p).toBeGreaterThan(0.05);
    expect(verdict).toBe("same");
    expect(coverage).toBeLessThan(1);
  });

  it("of a polling transport are undecided with one repeat where they depend on chance, else tested by equality", () => {
    const polls = { polls_answered: 10, overhead_bytes_per_delivery: 30, overhead_bytes_per_send: 260 };
    const more = { ...polls, overhead_bytes_per_delivery: 31, overhead_bytes_per_send: 261 };
    const pair = only(single(polls), single(more, 2));
    expect(metricIn(pair, "overhead_bytes_per_delivery").verdict).toBe("undecided");
    expect(metricIn(pair, "overhead_bytes_per_send").verdict).toBe("worse");
  });
});

describe("deliveries that went wrong", () => {
  const losing = (lost: number[], changes: Row = {}) =>
    runRows({ repeats: lost.length, seed: 2, changes }).map((row, i) => ({ ...row, lost: lost[i]! }));
  const verdict = (before: number[], after: number[], changes: Row = {}) =>
    metricIn(only(losing(before, changes), losing(after, { ...changes, run_id: "other" })), "lost").verdict;

  it.each(["lost", "duplicated", "reordered", "corrupted", "unexpected"] as const)(
    "%s are worse with any more of them, with one repeat a side, and lead their pair",
    (metric) => {
      const of = (seed: number, value: number) => runRows({ repeats: 1, seed, changes: { [metric]: value } });
      const pair = only(of(1, 0), of(2, 1));
      expect(pair.metrics[0]).toMatchObject({ metric, verdict: "worse", exact: true, shift: 1, p: undefined });
      expect(metricIn(only(of(1, 1), of(2, 0)), metric).verdict).toBe("better");
      expect(metricIn(only(of(1, 1), of(2, 1)), metric).verdict).toBe("same");
    },
  );

  it("are compared by their mean per repeat", () => {
    const pair = only(losing([0, 0, 0, 0]), losing([0, 0, 2, 0], { run_id: "other" }));
    expect(metricIn(pair, "lost")).toMatchObject({ before: 0, after: 0.5, shift: 0.5, low: 0.5, high: 0.5 });
    const reliable = { rules: "messages-lost" };
    expect(verdict([5, 0, 0, 0], [0, 0, 2, 4], reliable)).toBe("worse");
    expect(verdict([5, 0, 0, 0], [0, 0, 2, 2], reliable)).toBe("better");
  });

  it("differ by chance where the transport may lose: the mean must leave the range before", () => {
    expect(verdict([5, 0, 1, 0], [0, 3, 2, 3])).toBe("same");
    expect(verdict([5, 0, 1, 0], [6, 5, 6, 6])).toBe("worse");
    expect(verdict([5, 4, 6, 5], [0, 0, 1, 0])).toBe("better");
    expect(verdict([5, 5, 5, 5], [5, 5, 5, 6])).toBe("worse");
  });
});

describe("repeats", () => {
  const rows = (...statuses: string[]): Row[] =>
    statuses.map((status, i) => ({
      ...runRows({ repeats: 1, changes: { repeat: i + 1, run_id: statuses.join() } })[0]!,
      status,
      ...(status === "failed" && { error: "Connection refused." }),
      ...(status === "invalid" && { reasons: "Only 1 of 9 messages were sent." }),
    }));
  const outcomes = (before: Row[], after: Row[]) =>
    only(before, after)
      .metrics.filter(({ metric }) => metric.startsWith("repeats"))
      .map(({ metric, verdict, note }) => `${metric} ${verdict}${note === "" ? "" : `: ${note}`}`);

  it("that failed or are invalid after are worse, with the first reason", () => {
    const good = rows("valid", "suspect");
    expect(outcomes(good, rows("valid", "failed"))).toEqual(["repeats_failed worse: Connection refused"]);
    expect(outcomes(good, rows("invalid", "valid"))).toEqual(["repeats_invalid worse: Only 1 of 9 messages were sent"]);
    expect(outcomes(rows("valid", "failed"), good)).toEqual(["repeats_failed better"]);
    expect(outcomes(rows("valid", "failed"), rows("failed", "valid", "valid"))).toEqual(["repeats_failed same"]);
    expect(outcomes(good, rows("suspect", "valid"))).toEqual([]);
  });

  it("of which none is left after have no other metric, and their trial comes first", () => {
    expect(only(rows("valid", "valid"), rows("failed", "invalid")).metrics).toHaveLength(2);
    const gone = set([...runRows({ changes: { transport: "tcp" } }), ...runRows()], runRows({ seed: 2 })).pairs[0]!;
    expect(gone).toMatchObject({ transport: { before: "tcp", after: "tcp" }, repeats: { before: 6, after: 0 } });
    expect(gone.metrics).toMatchObject([{ metric: "repeats", before: 6, after: 0, verdict: "worse" }]);
  });
});

it("any other metric is only shown, and one that neither side has is left out", () => {
  const pair = only(
    runRows({ changes: { latency_max_us: 1 } }),
    runRows({ seed: 2, changes: { latency_max_us: 9_999 } }),
  );
  expect(metricIn(pair, "latency_max_us")).toMatchObject({ verdict: "shown", shift: 9_998, low: 9_998 });
  expect(pair.metrics.some(({ metric }) => metric === "polls_answered")).toBe(false);
});

it("worse metrics come first, the largest change before others, then better ones; the pair with the most worse metrics comes first", () => {
  const bad = { slower: { latency_p50_us: 1.3, server_cpu_us_per_delivery: 1.6, latency_p99_us: 0.5 } };
  const [before, after] = [runOf(1), runOf(2)];
  const tcp = runRows({ seed: 2, ...bad, changes: { transport: "tcp", ...oneRun } });
  const { pairs } = set(before, [...after.filter(({ transport }) => transport !== "tcp"), ...tcp]);
  expect(pairs[0]!.transport.before).toBe("tcp");
  expect(pairs[0]!.metrics.slice(0, 3).map(({ metric, verdict }) => `${metric} ${verdict}`)).toEqual([
    "server_cpu_us_per_delivery worse",
    "latency_p50_us worse",
    "latency_p99_us better",
  ]);
  const verdicts = pairs[0]!.metrics.map(({ verdict }) => verdict);
  expect(verdicts.indexOf("shown")).toBeGreaterThan(verdicts.lastIndexOf("same"));
});

it("is refused where no trial has a partner, with the reasons", () => {
  expect(() => set(runRows(), runRows({ changes: { clients: 20 } }))).toThrow(
    "No trials can be compared. ws, chat-100: clients 10 before, 20 after.",
  );
  expect(() => set(runRows(), runRows({ changes: { transport: "tcp" } }))).toThrow(
    "No trials can be compared. tcp, chat-100: not measured before. ws, chat-100: not measured after.",
  );
});

it("warns about rows that do not count, suspect rows and a noise floor of another CPU", () => {
  const before = [...runRows(), ...runRows({ repeats: 2, seed: 3, changes: { status: "failed" } })];
  const after = runRows({ seed: 2, changes: { status: "suspect" } });
  const elsewhere = runSide(after, "b.csv", runRecordOf({}, { cpu: "Another CPU" }));
  const { warnings } = compare(runSide(before), elsewhere, { renames: [], noiseFloor: noNoise });
  expect(warnings).toEqual([
    "The noise floor was measured on another CPU (Pretend CPU, 2025-01-02). Measure it on this one with --measure-noise FILE.",
    "Rows that are invalid or failed and do not count: 2 of 8 before.",
    'Suspect rows: 6 of 6 after. Read the column "reasons" in the CSV.',
  ]);
});

it("compares two transports of the same file", () => {
  const rows = runOf(1);
  const { pairs, unpaired, interleaved } = set(rows, rows, noNoise, "ws=tcp");
  expect(pairs.map(({ transport }) => transport)).toEqual([{ before: "ws", after: "tcp" }]);
  expect([unpaired, interleaved]).toEqual([[], true]);
});
