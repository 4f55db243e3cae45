import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

const breaking = fileURLToPath(new URL("../scenarios/testing/breaking.js", import.meta.url));
const quick = ["--scenario", "chat-100", "--clients", "20", "--rate", "100", "--warmup", "100ms"];

let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "search-"));
  out = join(folder, "out.csv");
});

afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

const bench = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  startScript("bench.js", [...args, "--out", out], env, folder);
const read = (file: string): Record<string, string>[] => parse(readFileSync(join(folder, file)), { columns: true });

it("ends after one probe when the poll interval makes the objective impossible", async () => {
  const { code, seen } = bench([...quick, "--transports", "short-poll", "--slo", "p99=100ms"]);
  expect(await code).toBe(0);
  expect(seen.out).toMatch(/short-poll: No rate meets p99=100ms: at 100\/s trials saw p99 9\d\d ms/);
  expect(seen.out.split("\n").every((line) => line.length <= 80 || line.includes(out.slice(0, -4)))).toBe(true);
  expect(read("out.csv")).toMatchObject([{ transport: "short-poll", offered_per_s: "100", repeat: "1", lost: "0" }]);
  expect(read("out.search.csv")).toMatchObject([{ answer: "no rate", kept: "", missed: "100", trials: "1" }]);
  expect(readdirSync(folder).toSorted()).toEqual(["out.csv", "out.json", "out.search.csv", "out.timeline.csv"]);
}, 60_000);

it("raises the rate until the time limit, and exits 3 with the result so far", async () => {
  const { code, seen } = bench([...quick, "--transports", "tcp", "--slo", "p50=10s", "--time-limit", "12s"]);
  expect(await code).toBe(3);
  expect(seen.out).toContain("tcp 196/s coarse (100 kept)");
  expect(seen.out).toMatch(/tcp: Not finished: short trials, which do not decide,\s+kept\s+[\d,]+\/s\.\s+The\s+limit/);
  expect(seen.out).toMatch(/The time limit of 12 s ended the search: use a longer --time-limit\./);
  expect(read("out.search.csv")).toMatchObject([{ answer: "not finished", missed: "" }]);
  expect(new Set(read("out.csv").map((row) => row["offered_per_s"])).size).toBeGreaterThan(1);
}, 60_000);

it("exits 1 when a transport breaks at every rate, and writes a row for each trial", async () => {
  const args = ["--transports", breaking, "--rate", "1000", "--find", "clients", "--clients", "1"];
  const { code, seen } = bench([...quick, ...args, "--slo", "p99=1s"], { PRETEND_BREAK: "server killed" });
  expect(await code).toBe(1);
  expect(seen.out).toMatch(
    /breaking: Not measured: at 1 client, the lowest tried, trials failed: the\s+breaking server/,
  );
  expect(read("out.csv").map(({ status }) => status)).toEqual(["failed", "failed", "failed", "failed"]);
}, 60_000);

it("keeps the result so far, and exits 130, when it is interrupted", async () => {
  const { child, code, seen } = bench([...quick, "--transports", "tcp,ws", "--slo", "p99=1s"]);
  await until(
    () => seen.out.split("✔ tcp")[1]?.includes("measuring") === true,
    "the second trial is under way",
    30_000,
  );
  child.kill("SIGINT");
  expect(await code).toBe(130);
  expect(seen.out).toMatch(/tcp: Not finished: short trials, which do not decide,\s+kept\s+100\/s\./);
  expect(read("out.search.csv").map(({ transport, trials }) => [transport, trials])).toEqual([["tcp", "1"]]);
}, 60_000);

it.each([
  [["--slo", "p98=1s"], /^--slo "p98=1s" is not an objective: write p50, p90, p99, p99\.9 and a limit/],
  [["--slo", "p99=1s", "--repeat", "3"], /^--slo p99=1000ms repeats trials as needed: drop --repeat\.$/],
  [["--slo", "p99=1s", "--scenario", "idle-100"], /^No client sends in idle-100/],
])(
  "takes the user's mistake %j with one sentence and exit 2",
  async (args, sentence) => {
    const { code, seen } = bench([...quick, ...args]);
    expect(await code).toBe(2);
    expect(seen.err.trim()).toMatch(sentence);
    expect(seen.err.trim()).not.toContain("\n");
    expect(readdirSync(folder)).toEqual([]);
  },
  20_000,
);
