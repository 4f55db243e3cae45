import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

const breaking = fileURLToPath(new URL("../scenarios/testing/breaking.js", import.meta.url));
const quick = ["--scenario", "chat-100", "--clients", "20", "--duration", "500ms", "--warmup", "200ms", "--rate", "50"];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
});
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return startScript("bench.js", [...quick, ...args, "--out", "out.csv"], { INIT_CWD: folder, ...env }, folder);
}

const rows = (): Record<string, string>[] => parse(readFileSync(join(folder, "out.csv")), { columns: true });

it.each([
  ["server killed", "the breaking server process was killed by SIGKILL"],
  ["server stopped", "the breaking server process was stopped by a signal, such as SIGSTOP, for 2 s"],
  ["worker stopped", "breaking worker 0 process was stopped by a signal, such as SIGSTOP, for 2 s"],
])(
  "writes a failed row when a trial breaks (%s), measures the other trials, and exits 1",
  async (fault, sentence) => {
    const all = ["--transports", `tcp,${breaking},ws`, "--rate", "200"];
    const { code, seen } = bench(all, { PRETEND_BREAK: fault });
    expect(await code).toBe(1);
    expect(rows().map(({ status }) => status === "failed")).toEqual([false, true, false]);
    expect(rows()[1]).toMatchObject({ error: sentence, delivered: "", latency_p50_us: "" });
    expect(seen.out.replaceAll(/\s+/g, " ")).toContain(`breaking failed: ${sentence}`);
  },
  60_000,
);

it.each(["SIGINT", "SIGTERM"] as const)(
  "keeps the rows of finished trials, ends every process and exits 130 when %s comes in a trial",
  async (signal) => {
    const mark = `${process.pid}-${signal}`;
    const { child, seen, code } = bench(["--transports", "tcp,ws"], { BENCH_MARK: mark });
    await until(
      () => seen.out.includes("✔ tcp") && seen.out.split("✔ tcp")[1]!.includes("warming up"),
      "the second trial is under way",
      30_000,
    );
    child.kill(signal);
    expect(await code).toBe(130);
    expect(rows().map(({ transport }) => transport)).toEqual(["tcp"]);
    await until(() => leftovers(mark).length === 0, "every process has ended");
  },
  60_000,
);

it("leaves no file behind when it is interrupted before the first row", async () => {
  const { child, seen, code } = bench(["--transports", "tcp", "--duration", "60s"]);
  await until(() => seen.out.includes("measuring"), "the trial is under way");
  child.kill("SIGINT");
  expect(await code).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

it("exits 5 where a threshold cannot be judged, and 0 with --allow-undecided", async () => {
  const threshold = ["--transports", "tcp", "--threshold", "latency_p99_us<1s"]; // too few messages for a p99
  const judged = bench(threshold);
  expect(await judged.code).toBe(5);
  expect(judged.seen.err).toMatch(
    /could not be checked, .*\nSo a broken threshold could go unnoticed\. Accept that with/,
  );
  expect(await bench([...threshold, "--allow-undecided", "--force"]).code).toBe(0);
}, 60_000);
