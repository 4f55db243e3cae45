import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unavailableTransports } from "../scenarios/definitions/compatibility.ts";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

let folder: string;
let mark: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
  mark = `program-${process.pid}-${folder}`;
});
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

/** Starts a trial of the server in another language. */
function bench(durationS: number) {
  const load = ["--clients", "20", "--rate", "50", "--warmup", "500ms", "--duration", `${durationS}s`];
  const args = ["--transports", "python-lines", ...load, "--out", "out.csv"];
  return startScript("bench.js", args, { INIT_CWD: folder, BENCH_MARK: mark }, folder);
}

/** The process of the program, once the trial is measured. */
async function program(seen: { out: string }): Promise<number> {
  await until(() => seen.out.includes("measuring"), "the trial is under way");
  const pids = leftovers(mark).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("lines.py"));
  expect(pids).toHaveLength(1);
  return Number(pids[0]);
}

const rows = (file: string): Record<string, string>[] => parse(readFileSync(join(folder, file)), { columns: true });
const row = (): Record<string, string> => rows("out.csv")[0]!;
const expectNothingLeft = (): Promise<void> => until(() => leftovers(mark).length === 0, "every process has ended");

const reason = (await unavailableTransports()).get("python-lines");

describe.skipIf(reason !== undefined)(`a server that is another program${reason ? ` (${reason})` : ""}`, () => {
  it("gets a row with the values that its clients and the system measure; the other cells are empty", async () => {
    const { code } = bench(2);
    expect(await code).toBe(0);
    const known = row();
    expect(known).toMatchObject({ transport: "python-lines", sent: "100", delivered: "2000", lost: "0" });
    for (const name of [
      "server_cpu_us_per_delivery",
      "server_cpu_percent",
      "server_rss_mib",
      "server_rss_baseline_mib",
    ] as const)
      expect(Number(known[name])).toBeGreaterThan(0);
    for (const name of ["server_elu", "server_gc_ms", "server_loop_delay_p99_ms", "server_rss_kib_per_client"] as const)
      expect(known).toMatchObject({ [name]: "" });
    expect(known).toMatchObject({
      bytes_counted_at: "clients",
      overhead_bytes_per_send: "1",
      overhead_bytes_per_delivery: "1",
      connect_bytes_in: "0",
      connect_bytes_out: "0",
    });
    expect(Number(known["wire_bytes_in"])).toBeGreaterThan(Number(known["payload_bytes_in"]));
    const [point] = rows("out.timeline.csv");
    expect(point).toMatchObject({ server_loop_delay_max_ms: "", server_rss_mib: expect.stringMatching(/^\d/) });
    await expectNothingLeft();
  }, 60_000);

  it("fails the trial when it dies, and the error is the cause of its death, not a lost connection", async () => {
    const { seen, code } = bench(30);
    process.kill(await program(seen), "SIGKILL");
    expect(await code).toBe(1);
    expect(row()["error"]).toMatch(/^the python-lines server: python3 .*lines\.py .* was killed by SIGKILL$/);
    await expectNothingLeft();
  }, 60_000);

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "ends when the bench is ended by %s",
    async (signal) => {
      const { child, seen } = bench(60);
      await program(seen);
      child.kill(signal);
      await expectNothingLeft();
    },
    60_000,
  );
});
