import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readProc } from "../scenarios/lib/processes.ts";
import { until } from "../scenarios/lib/until.ts";
import { endAllScripts, leftovers, startScript, type Spawned } from "./lib/spawn-script.ts";

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "faults-"))));
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

const quick = "--transports ws --clients 40 --warmup 0ms --rate 20 --force".split(" ");

function bench(mark: string, ...args: string[]): Spawned {
  return startScript("bench.js", [...quick, ...args, "--out", join(folder, "a.csv")], { BENCH_MARK: mark });
}

/** True where a process with this mark is stopped by a signal. */
function isOneStopped(mark: string): boolean {
  return leftovers(mark).some((pid) => /^State:\tT/m.test(readProc(`/proc/${pid}/status`) ?? ""));
}

it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "%s while clients sleep leaves no process, stopped or not",
  async (signal) => {
    const mark = `asleep-${signal}-${process.pid}`;
    const run = bench(mark, "--scenario", "asleep", "--fault", "asleep:20s:50%@0s", "--duration", "25s");
    await until(() => isOneStopped(mark), "the clients sleep", 30_000);
    run.child.kill(signal);
    expect(await run.code).toBe(signal === "SIGKILL" ? null : 130);
    await until(() => leftovers(mark).length === 0, "every process has ended", 10_000);
  },
  60_000,
);

it("Ctrl-C while clients are away keeps the row that was measured before", async () => {
  const mark = `gone-${process.pid}`;
  const args = ["--scenario", "cut", "--fault", "gone:1s:50%@0s", "--duration", "3s", "--repeat", "2"];
  const run = bench(mark, ...args);
  await until(() => /ws #1[^\n]*noticed/.test(run.seen.out), "the first row is measured", 60_000);
  run.child.kill("SIGINT");
  expect(await run.code).toBe(130);
  const rows = parse(readFileSync(join(folder, "a.csv")), { columns: true }) as Record<string, string>[];
  expect(rows).toMatchObject([{ fault: "gone:1s:50%@0s", affected: "20", error: "" }]);
  await until(() => leftovers(mark).length === 0, "every process has ended", 10_000);
}, 120_000);

it("connections of a server of one's own are cut, and its clients are back", async () => {
  const serve = fileURLToPath(new URL("serve.js", import.meta.url));
  const target = ["--target", "ws://127.0.0.1:18462", "--start", `node ${serve} --transport ws --port 18462`];
  const run = bench("target", "--scenario", "cut", "--fault", "cut:50%@1s", "--duration", "6s", ...target);
  await run.code;
  const [row] = parse(readFileSync(join(folder, "a.csv")), { columns: true }) as Record<string, string>[];
  expect(row).toMatchObject({ affected: "20", noticed: "20", gave_up: "0", reconnect: "1s..5s", error: "" });
  expect(Number(row!["missed"])).toBeGreaterThan(0);
}, 120_000);
