import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { compare } from "./compare.ts";
import type { Comparison } from "./types.ts";
import { comparisonCsv, comparisonJson } from "./export.ts";
import { comparisonMarkdown } from "./markdown.ts";
import { runRecordOf, runRows, runSide } from "../testing/runs.ts";
import { comparisonText } from "./terminal.ts";
import { formatInterval, formatPercent, formatSignedPercent, verdictSentence } from "./format.ts";

const transports = ["ws", "short-poll", "a|b<c>`d`"];
const run = (seed: number, slower: number, changes: Row = {}): Row[] =>
  transports.flatMap((transport) =>
    runRows({ repeats: 7, seed, slower: { latency_p99_us: slower }, changes: { transport, ...changes } }),
  );
const set = (before: Row[], after: Row[]): Comparison =>
  compare(
    runSide(before, "a.csv", runRecordOf()),
    runSide(after, "b.csv", runRecordOf({ run_id: "2" }, { cpu: "Other" })),
    {
      renames: [],
      noiseFloor: { measured_on: "2025-01-02", cpu: "Pretend CPU", runs: 2, command: "", columns: {} },
    },
  );

const usual = set(run(1, 1), [...run(2, 1.7), ...runRows({ seed: 5, changes: { transport: "tcp" } })]);
const extreme = set(
  run(1, 1, { wire_bytes_in: 1, overhead_bytes_per_send: 0, lost: 0, connect_bytes_out: 1 }),
  run(2, 9_876, {
    wire_bytes_in: 9_876_543_210,
    overhead_bytes_per_send: 12_345.67,
    lost: 54_321,
    connect_bytes_out: 98_765,
  }),
);
const few = set(
  runRows({ repeats: 1 }),
  runRows({ repeats: 1, seed: 2 }).map(({ latency_p99_us: _none, ...row }) => row),
);

describe("the text for a terminal", () => {
  it.each([
    ["usual", usual],
    ["extreme", extreme],
    ["single", few],
  ])("fits 80 columns and has no escape sequences: %s", (_, comparison) => {
    for (const all of [false, true])
      for (const line of comparisonText([comparison], all).split("\n")) {
        expect(line.length).toBeLessThanOrEqual(80);
        // eslint-disable-next-line no-control-regex
        expect(line).not.toMatch(/\u001b/);
      }
  });

  it("begins with the verdict, and ends with the legend and the warnings", () => {
    const lines = comparisonText([usual], false).split("\n");
    expect(lines[0]).toBe("3 got worse, 0 better, 42 same, 0 undecided.");
    expect(lines[0]).toBe(verdictSentence([usual]));
    const tail = lines.slice(-20).join("\n");
    expect(tail).toMatch(/Not compared: tcp, chat-100: not measured before\./);
    expect(tail).toMatch(/smaller one than 'sees' may be missed/);
    expect(tail).toMatch(/Warning: CPU: Pretend CPU before, Other after\. Times/);
  });

  it("shows latencies in ms, shifts in percent, and worse metrics first", () => {
    const worse = comparisonText([usual], false)
      .split("\n")
      .filter((line) => line.startsWith("worse "));
    expect(worse[0]).toMatch(/^worse +p99 ms +(29\d|30\d) +5\d\d +\+\d\d\.\d% +\+\d\d\.\d\.\.\+\d\d\.\d +\d+(\.\d)?%$/);
  });

  it("shows tested metrics and messages that went wrong, or every metric with all", () => {
    expect(comparisonText([usual], false)).not.toMatch(/server_rss_mib|not tested/);
    expect(comparisonText([usual], true)).toMatch(/not tested[^]*server_rss_mib/);
    expect(comparisonText([extreme], false)).toMatch(/^worse +lost\/repeat +0 +54,321 +from 0 +exact +any$/m);
    expect(comparisonText([usual], false)).not.toMatch(/lost|duplicated|reordered/);
  });

  it("has a remark where a metric is undecided or was not measured", () => {
    const text = comparisonText([few], false);
    expect(text).toMatch(
      /^dlv\/s, p50 ms and server us\/dlv: too few repeats, measure with --repeat 5 or\n {2}more\.$/m,
    );
    expect(text).toMatch(/^p99 ms: not measured after \(too few messages/m);
    expect(text).toMatch(/^repeats {2}1 before, 1 after$/m);
  });
});

it("JSON has everything, and null for a number that is not known", () => {
  const { summary, comparisons } = JSON.parse(comparisonJson([few]));
  expect(summary).toBe(verdictSentence([few]));
  expect(comparisons[0].pairs[0].metrics).toHaveLength(few.pairs[0]!.metrics.length);
  expect(comparisons[0].pairs[0].metrics[0]).toMatchObject({ verdict: "undecided", detectable: null });
});

it("CSV has a line for each metric, with signed numbers, that can be read back", () => {
  const rows = parse<Record<string, string>>(comparisonCsv([usual]), { columns: true });
  expect(rows).toHaveLength(usual.pairs.reduce((sum, { metrics }) => sum + metrics.length, 0));
  for (const [i, metric] of usual.pairs[0]!.metrics.entries()) {
    expect(rows[i]).toMatchObject({ metric: metric.metric, verdict: metric.verdict, after_file: "b.csv" });
    for (const name of ["before", "shift", "low", "detectable", "p"] as const)
      expect(rows[i]![name]).toBe(metric[name] === undefined ? "" : String(metric[name]));
  }
  expect(new Set(rows.map((row) => row["before_transport"]))).toEqual(new Set(transports));
  expect(rows.some((row) => Number(row["shift_percent"]) < 0)).toBe(true);
});

it("a remark that trials share is printed once, with the trials or for all undecided metrics", () => {
  const two = (seed: number, changes: Row = {}): Row[] =>
    ["ws", "tcp", "sse"].flatMap((transport) => runRows({ repeats: 2, seed, changes: { transport, ...changes } }));
  const undecided = comparisonText([set(two(1), two(2))], false);
  expect(undecided.match(/too few repeats/g)).toHaveLength(1);
  expect(undecided).toMatch(/^All undecided metrics: too few repeats, measure with --repeat 6 or more\.$/m);
  const withoutP99 = two(2).map(({ latency_p99_us: _none, ...row }) => row);
  expect(comparisonText([set(two(1), withoutP99)], false)).toMatch(/^p99 ms of every trial: not measured after/m);
});

describe("Markdown", () => {
  const text = comparisonMarkdown([usual], false);

  it("begins with the verdict, and worse metrics come before anything folded", () => {
    expect(text).toMatch(/^\*\*3 got worse, .*\*\*\n\n`a\.csv, build 0123abc` → /);
    expect(text.indexOf("**worse**")).toBeLessThan(text.indexOf("<details>"));
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)!.length);
    expect(text).toContain("<summary>Not compared</summary>\n\n- tcp, chat-100: not measured before.");
  });

  it("has the same number of cells in every line of a table, with any transport name", () => {
    const lines = text.split("\n").filter((line) => line.startsWith("|"));
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(line.match(/(?<!\\)\|/g)).toHaveLength(9);
    expect(text).toContain("a\\|b&lt;c>");
  });
});

it("a percentage has a sign and about two digits, and is a multiple from 1,000 on", () => {
  expect([0, 12.34, -0.04, -123.4, 5_965, Infinity].map((value) => formatSignedPercent(value))).toEqual([
    "0.0%",
    "+12.3%",
    "-0.04%",
    "-123%",
    "x61",
    "from 0",
  ]);
  expect(formatPercent(12.34)).toBe("+12.3");
  expect(formatInterval({ ...usual.pairs[0]!.metrics[0]!, before: 100, low: -5, high: 12, coverage: 0.95 })).toBe(
    "-5.0..+12.0",
  );
});
