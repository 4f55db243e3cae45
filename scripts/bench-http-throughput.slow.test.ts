import { afterEach, expect, it } from "vitest";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

const benchThroughput = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  startScript("bench-http-throughput.js", args, env);

afterEach(endAllScripts);

it("prints one line per request type within 80 columns, and no latency", async () => {
  const { seen, code } = benchThroughput(["--connections", "3", "--duration", "200ms"]);
  expect(await code).toBe(0);
  const lines = seen.out.split("\n");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const rows = lines.filter((line) => /^(short|long)-poll\s{2,}.*\d/.test(line));
  expect(rows.map((line) => line.split(/\s{2,}/).slice(0, 2))).toEqual([
    ["short-poll", "empty poll"],
    ["short-poll", "send"],
    ["long-poll", "send"],
  ]);
  expect(seen.out).not.toMatch(/p50|p99|\bms\b/);
  expect(seen.err).toBe("");
}, 30_000);

it.each([
  [["--connections", "0"], /--connections "0" is not a whole number from 1 to 10,000/],
  [["--duration", "5"], /--duration "5" is not a duration/],
])(
  "reports the user's mistake in one sentence and exits 2: %j",
  async (args, sentence) => {
    const { seen, code } = benchThroughput(args);
    expect(await code).toBe(2);
    expect(seen.err.trim()).toMatch(sentence);
    expect(seen.err.trim()).not.toContain("\n");
  },
  20_000,
);

it("prints the finished results, ends every process and exits 130 at Ctrl-C", async () => {
  const mark = `http-throughput-${process.pid}`;
  const { child, seen, code } = benchThroughput(["--connections", "3", "--duration", "1s"], { BENCH_MARK: mark });
  await until(() => seen.out.includes("short-poll send:"), "the second measurement runs");
  child.kill("SIGINT");
  expect(await code).toBe(130);
  expect(seen.out).toMatch(/^short-poll\s+empty poll\s+[\d,]+/m);
  expect(seen.err).toBe("");
  await until(() => leftovers(mark).length === 0, "every process has ended");
}, 30_000);
