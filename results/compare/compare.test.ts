import { describe, expect, it } from "vitest";
import { seededRandom } from "../../scenarios/lib/random.ts";
import type { Row } from "../model/columns.ts";
import { compare } from "./compare.ts";
import type { MetricComparison, PairComparison } from "./types.ts";
import type { NoiseFloors } from "./noise-floors.ts";
import { parseRenames } from "./pairing.ts";
import { runRecordOf, runRows, runSide } from "../testing/runs.ts";

const noFloors: NoiseFloors = { measured_on: "2025-01-02", cpu: "Pretend CPU", runs: 2, command: "", columns: {} };
const oneRun = { run_id: "one" };
const set = (before: Row[], after: Row[], floors = noFloors, pair?: string) =>
  compare(runSide(before), runSide(after, "b.csv"), { renamed: pair === undefined ? [] : parseRenames(pair), floors });
const metricIn = ({ metrics }: PairComparison, name: string): MetricComparison =>
  metrics.find(({ metric }) => metric === name)!;
const only = (before: Row[], after: Row[], floors = noFloors): PairComparison => set(before, after, floors).pairs[0]!;
const flagged = ({ pairs }: { pairs: PairComparison[] }): MetricComparison[] =>
  pairs.flatMap(({ metrics }) => metrics.filter(({ verdict }) => verdict === "worse" || verdict === "better"));

const transports = ["ws", "tcp", "socket.io", "short-poll", "long-poll"];
/** Five transports; the bytes per delivery of those that poll depend on chance. */
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

describe("two runs of the same thing", () => {
  it("flag something in at most 5 % of comparisons, over all metrics of five transports", () => {
    const times = 300;
    let wrong = 0;
    for (let seed = 1; seed <= times; seed++)
      if (flagged(set(runOf(seed * 2), runOf(seed * 2 + 1))).length > 0) wrong++;
    // Three standard errors above 5 %: a rule without Holm's correction flags in about half of them.
    expect(wrong / times).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / times));
  }, 60_000);

  it("that are one and the same are the same in every metric that is decided, whatever the repeats", () => {
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

  it("that shifted is worse, with its sign, its size and an interval around it", () => {
    const found = metricIn(only(runRows(), slower), "server_cpu_us_per_delivery");
    expect(found.verdict).toBe("worse");
    expect(found.shift).toBeCloseTo(0.2 * 12, 0);
    expect(found.low).toBeGreaterThan(0);
    expect([found.low! < found.shift!, found.shift! < found.high!]).toEqual([true, true]);
    expect(found.after! - found.before!).toBeCloseTo(found.shift!, 0);
    expect(found.coverage).toBeGreaterThanOrEqual(0.95);
    expect(found.detectable).toBeLessThan(found.shift!);
  });

  it("is better the other way round, by as much", () => {
    const [there, back] = [only(runRows(), slower), only(slower, runRows())].map((pair) =>
      metricIn(pair, "server_cpu_us_per_delivery"),
    );
    expect(back!.verdict).toBe("better");
    expect(back!.shift).toBeCloseTo(-there!.shift!, 6);
  });

  it("is the same where a difference was looked for and not found", () => {
    expect(metricIn(only(runRows(), slower), "latency_p50_us").verdict).toBe("same");
  });

  it("is undecided with so few repeats that none could be real, and says how many it takes in this comparison", () => {
    const of = (repeats: number, transport: string) => runRows({ repeats, changes: { transport } });
    const slow = (repeats: number, transport: string) =>
      runRows({ repeats, seed: 2, slower: { latency_p50_us: 9 }, changes: { transport } });
    // Of three metrics p must be below .0167: five repeats a side have .0079, four .029. Of fifteen below .0033: six have .0022.
    const alone = metricIn(set(of(4, "ws"), slow(4, "ws")).pairs[0]!, "latency_p50_us");
    expect(alone).toMatchObject({ verdict: "undecided", note: "needs 5 repeats a side", detectable: undefined });
    expect(metricIn(set(of(5, "ws"), slow(5, "ws")).pairs[0]!, "latency_p50_us").verdict).toBe("worse");
    const [before, after] = [
      transports.flatMap((transport) => of(5, transport)),
      transports.flatMap((transport) => slow(5, transport)),
    ];
    expect(metricIn(set(before, after).pairs[0]!, "latency_p50_us")).toMatchObject({
      verdict: "undecided",
      note: "needs 6 repeats a side",
    });
    expect(metricIn(only(runRows({ repeats: 1 }), runRows({ repeats: 1, seed: 2 })), "latency_p50_us")).toMatchObject({
      verdict: "undecided",
      coverage: 0,
    });
  });

  it("that a side lacks takes no part: the others need no more repeats for it, and it says why", () => {
    const without = (rows: Row[]): Row[] => rows.map(({ latency_p99_us: _none, ...rest }) => rest);
    const half = only(runRows(), without(runRows({ seed: 2 })));
    expect(metricIn(half, "latency_p99_us")).toMatchObject({
      verdict: "undecided",
      p: undefined,
      note: "empty after; a percentile is that too few messages reached",
    });
    const none = only(without(runRows()), without(slower));
    expect(metricIn(none, "latency_p99_us")).toMatchObject({ verdict: "shown", note: /empty on both sides/ });
    const [of3, of2] = [only(runRows(), slower), none].map((pair) => metricIn(pair, "server_cpu_us_per_delivery"));
    expect(of3!.p! / of2!.p!).toBeCloseTo(3 / 2, 6);
  });

  it("cannot be more sure by ties than so few repeats allow", () => {
    const fixed = (value: number, seed: number) => runRows({ seed, changes: { latency_p50_us: value } });
    const { p } = metricIn(only(fixed(100, 1), fixed(101, 2)), "latency_p50_us");
    expect(p).toBeGreaterThanOrEqual((3 * 2) / 924);
  });
});

describe("the floor", () => {
  const floors = { ...noFloors, columns: { server_cpu_us_per_delivery: 30, latency_p50_us: 1 } };
  const slow = (changes: Row) =>
    runRows({ seed: 2, slower: { server_cpu_us_per_delivery: 1.2, latency_p50_us: 1.2 }, changes });

  it("keeps back what two runs of the same thing differ by as well", () => {
    const pair = only(runRows(), slow({}), floors);
    const cpu = metricIn(pair, "server_cpu_us_per_delivery");
    expect(cpu.verdict).toBe("below floor");
    expect(cpu.floor).toBeCloseTo(0.3 * cpu.before!, 5);
    expect(cpu.detectable).toBeGreaterThanOrEqual(cpu.floor!);
    expect(metricIn(pair, "latency_p50_us").verdict).toBe("worse");
  });

  it("does not apply within one run, whose drift falls on both sides", () => {
    const { pairs, interleaved } = set(runRows({ changes: oneRun }), slow(oneRun), floors);
    expect(interleaved).toBe(true);
    expect(metricIn(pairs[0]!, "server_cpu_us_per_delivery")).toMatchObject({ verdict: "worse", floor: undefined });
  });

  it("applies where the rows do not say which run they are of", () => {
    const nameless = (rows: Row[]): Row[] => rows.map(({ run_id: _none, ...rest }) => rest);
    const { pairs, interleaved } = set(nameless(runRows()), nameless(slow({})), floors);
    expect([interleaved, metricIn(pairs[0]!, "server_cpu_us_per_delivery").verdict]).toEqual([false, "below floor"]);
  });
});

describe("bytes", () => {
  const single = (changes: Row, seed = 1) => runRows({ repeats: 1, seed, changes });

  it("are decided by equality, from one repeat a side on", () => {
    const pair = only(single({}), single({ overhead_bytes_per_send: 40.01, connect_bytes_in: 199 }, 2));
    expect(metricIn(pair, "overhead_bytes_per_send")).toMatchObject({ verdict: "worse", shift: 0.01, p: undefined });
    expect(metricIn(pair, "connect_bytes_in")).toMatchObject({ verdict: "better", shift: -1 });
    expect(metricIn(pair, "overhead_bytes_per_delivery")).toMatchObject({ verdict: "same", shift: 0, detectable: 0 });
  });

  it("are left to statistics where repeats differ, and join the family", () => {
    const varying = (seed: number) =>
      runRows({ seed }).map((row, i) => ({ ...row, overhead_bytes_per_delivery: 10 + i + seed / 10 }));
    const { p, verdict } = metricIn(only(varying(1), varying(2)), "overhead_bytes_per_delivery");
    expect(p).toBeDefined();
    expect(verdict).toBe("same");
  });

  it("of polls are never flagged from a single repeat where chance is in them, and are where it is not", () => {
    const polls = { polls_answered: 10, overhead_bytes_per_delivery: 30, overhead_bytes_per_send: 260 };
    const more = { ...polls, overhead_bytes_per_delivery: 31, overhead_bytes_per_send: 261 };
    const pair = only(single(polls), single(more, 2));
    expect(metricIn(pair, "overhead_bytes_per_delivery").verdict).toBe("undecided");
    expect(metricIn(pair, "overhead_bytes_per_send").verdict).toBe("worse");
  });
});

it("never flags any other metric, however far it is off, and leaves out what neither side has", () => {
  const pair = only(runRows({ changes: { lost: 0 } }), runRows({ seed: 2, changes: { lost: 9_999 } }));
  expect(metricIn(pair, "lost")).toMatchObject({ verdict: "shown", shift: 9_999, low: 9_999 });
  expect(pair.metrics.some(({ metric }) => metric === "polls_answered")).toBe(false);
});

it("puts what got worse first, the largest first, then what got better, and the pair with most of it before the others", () => {
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

it("refuses to compare where nothing has a partner, with the reasons in one sentence each", () => {
  expect(() => set(runRows(), runRows({ changes: { clients: 20 } }))).toThrow(
    "Nothing can be compared. ws, chat-100: clients 10 before, 20 after.",
  );
});

it("warns of rows that do not count, of doubtful ones and of floors from another machine", () => {
  const before = [...runRows(), ...runRows({ repeats: 2, seed: 3, changes: { status: "failed" } })];
  const after = runRows({ seed: 2, changes: { status: "suspect" } });
  const elsewhere = runSide(after, "b.csv", runRecordOf({}, { cpu: "Another CPU" }));
  const { warnings } = compare(runSide(before), elsewhere, { renamed: [], floors: noFloors });
  expect(warnings).toEqual([
    "What two runs differ by was measured elsewhere (Pretend CPU, 2025-01-02): measure it here with --measure-noise.",
    "2 of 8 rows before are invalid or failed and do not count.",
    "6 of 6 rows after are suspect: read why in their reasons.",
  ]);
});

it("sets a transport against another one of the same file", () => {
  const rows = runOf(1);
  const { pairs, unpaired, interleaved } = set(rows, rows, noFloors, "ws=tcp");
  expect(pairs.map(({ transport }) => transport)).toEqual([{ before: "ws", after: "tcp" }]);
  expect([unpaired, interleaved]).toEqual([[], true]);
});
