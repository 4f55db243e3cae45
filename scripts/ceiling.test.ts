import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { until } from "../scenarios/conformance/kit.ts";

const ceiling = fileURLToPath(new URL("./ceiling.js", import.meta.url));
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

function start(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [ceiling, ...args], { env: { ...process.env, ...env } });
  running.add(child);
  const seen = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (seen.out += String(chunk)));
  child.stderr.on("data", (chunk) => (seen.err += String(chunk)));
  const code = new Promise<number | null>((resolve) => child.once("close", (exit) => resolve(exit)));
  return { child, seen, code };
}

/** Processes that a command marked with this value has left behind (Linux only). */
function leftovers(mark: string): string[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`BENCH_MARK=${mark}`);
    } catch {
      return false;
    }
  });
}

it("prints one line per request within 80 columns, and no latency", async () => {
  const { seen, code } = start(["--connections", "3", "--duration", "200ms"]);
  expect(await code).toBe(0);
  const lines = seen.out.split("\n");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const found = lines.filter((line) => /^(short|long)-poll\s{2,}.*\d/.test(line));
  expect(found.map((line) => line.split(/\s{2,}/).slice(0, 2))).toEqual([
    ["short-poll", "empty ask"],
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
  "takes the user's mistake with one sentence: %j",
  async (args, sentence) => {
    const { seen, code } = start(args);
    expect(await code).toBe(2);
    expect(seen.err.trim()).toMatch(sentence);
    expect(seen.err.trim()).not.toContain("\n");
  },
  20_000,
);

it("keeps what it has, leaves no process and exits 130 when Ctrl-C comes", async () => {
  const mark = `ceiling-${process.pid}`;
  const { child, seen, code } = start(["--connections", "3", "--duration", "1s"], { BENCH_MARK: mark });
  await until(() => seen.out.includes("short-poll send:"), "the second measurement is under way");
  child.kill("SIGINT");
  expect(await code).toBe(130);
  expect(seen.out).toMatch(/^short-poll\s+empty ask\s+[\d,]+/m);
  expect(seen.err).toBe("");
  await until(() => leftovers(mark).length === 0, "every process has ended");
}, 30_000);
