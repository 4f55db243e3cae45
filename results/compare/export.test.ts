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
      renamed: [],
      floors: { measured_on: "2025-01-02", cpu: "Pretend CPU", runs: 2, command: "", columns: {} },
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

describe("the table", () => {
  it.each([
    ["usual", usual],
    ["extreme", extreme],
    ["single", few],
  ])("fits 80 columns and has no escapes: %s", (_, comparison) => {
    for (const all of [false, true])
      for (const line of comparisonText([comparison], all).split("\n")) {
        expect(line.length).toBeLessThanOrEqual(80);
        // eslint-disable-next-line no-control-regex
        expect(line).not.toMatch(/\u001b/);
      }
  });

  it("begins with the verdict, and ends with how to read it and the warnings", () => {
    const lines = comparisonText([usual], false).split("\n");
    expect(lines[0]).toBe("3 got worse, 0 better, 18 same, 0 undecided.");
    expect(lines[0]).toBe(verdictSentence([usual]));
    const tail = lines.slice(-12).join("\n");
    expect(tail).toMatch(/Not compared: tcp, chat-100: there is no tcp before\./);
    expect(tail).toMatch(/smaller ones than sees/);
    expect(tail).toMatch(/Warning: The CPU: Pretend CPU before, Other after/);
  });

  it("shows latencies in ms, shifts in percent, and what got worse first", () => {
    const worse = comparisonText([usual], false)
      .split("\n")
      .filter((line) => line.startsWith("worse "));
    expect(worse[0]).toMatch(/^worse +p99 ms +(29\d|30\d) +5\d\d +\+\d\d\.\d% +\+\d\d\.\d\.\.\+\d\d\.\d +\d+(\.\d)?%$/);
  });

  it("shows only what is decided, and messages that went wrong; with all every metric", () => {
    expect(comparisonText([usual], false)).not.toMatch(/server_rss_mib|never flagged/);
    expect(comparisonText([usual], true)).toMatch(/never flagged[^]*server_rss_mib/);
    expect(comparisonText([extreme], false)).toMatch(/never flagged[^]*lost +0 +54,321/);
  });

  it("says what it takes where it could not decide, and why a metric is not there", () => {
    const text = comparisonText([few], false);
    expect(text).toMatch(/^p50 ms, server us\/dlv: needs 5 repeats a side\.$/m);
    expect(text).toMatch(/^p99 ms: empty after/m);
    expect(text).toMatch(/1 repeat before, 1 after$/m);
  });
});

it("JSON has everything, and null for what is not known", () => {
  const { says, comparisons } = JSON.parse(comparisonJson([few]));
  expect(says).toBe(verdictSentence([few]));
  expect(comparisons[0].pairs[0].metrics).toHaveLength(few.pairs[0]!.metrics.length);
  expect(comparisons[0].pairs[0].metrics[0]).toMatchObject({ verdict: "undecided", detectable: null });
});

it("CSV has a line per metric that can be read back, numbers with their sign", () => {
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

describe("Markdown", () => {
  const text = comparisonMarkdown([usual], false);

  it("begins with the verdict and shows what got worse before anything that is folded away", () => {
    expect(text).toMatch(/^\*\*3 got worse, .*\*\*\n\n`a\.csv, build 0123abc` → /);
    expect(text.indexOf("**worse**")).toBeLessThan(text.indexOf("<details>"));
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)!.length);
    expect(text).toContain("<summary>1 not compared</summary>");
  });

  it("has as many cells in every line of a table, whatever a transport is called", () => {
    const lines = text.split("\n").filter((line) => line.startsWith("|"));
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(line.match(/(?<!\\)\|/g)).toHaveLength(9);
    expect(text).toContain("a\\|b&lt;c>");
  });
});

it("percentages have a sign and about two digits; from 1,000 on they are multiples", () => {
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
