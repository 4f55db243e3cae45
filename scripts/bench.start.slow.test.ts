import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { until } from "../scenarios/lib/until.ts";
import { endAllScripts, leftovers, startScript, startServeScript } from "./lib/spawn-script.ts";
import { authority } from "../scenarios/lib/addresses.ts";

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let mark: string;
let port: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "start-"));
  mark = `start-${process.pid}-${folder}`;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
});
afterEach(() => {
  endAllScripts();
  for (const pid of leftovers(mark)) process.kill(Number(pid), "SIGKILL");
  rmSync(folder, { recursive: true });
});

const quick = "--clients 20 --rate 50 --warmup 300ms --duration 1s --scenario chat-100".split(" ");
const serveScript = fileURLToPath(new URL("serve.js", import.meta.url));
const python = fileURLToPath(new URL("../../servers/lines.py", import.meta.url));
/** Command of a chat server of ours, as a user would start one. */
const serving = (transport = "tcp-lines"): string =>
  `'${process.execPath}' '${serveScript}' --transport ${transport} --port ${port}`;

/** A command that does one of these each time. The first time is the check before the run. */
const inTurn = (...commands: readonly string[]): string =>
  `echo >> times; case $(wc -l < times) in ${commands.map((each, i) => `${i + 1}) ${each};;`).join(" ")} esac`;

function bench(target: string, command: string, ...more: string[]) {
  const args = ["--target", target, "--start", command, "--transports", "tcp-lines", "--out", "out.csv"];
  return startScript("bench.js", [...quick, ...args, ...more], { INIT_CWD: folder, BENCH_MARK: mark }, folder);
}

const long = ["--repeat", "2", "--duration", "4s"];
const rows = (): Record<string, string>[] => parse(readFileSync(join(folder, "out.csv")), { columns: true });
const expectNothingLeft = (): Promise<void> => until(() => leftovers(mark).length === 0, "every process has ended");

const measured = ["server_cpu_us_per_delivery", "server_cpu_percent", "server_rss_mib", "server_rss_baseline_mib"];

describe.runIf(existsSync("/proc"))("a server of the user's own", () => {
  it("is started for each repeat, and its rows have CPU and memory and pair with those of our own servers", async () => {
    const { code } = bench(`127.0.0.1:${port}`, serving(), "--repeat", "2");
    expect(await code).toBe(0);
    expect(rows()).toHaveLength(2);
    for (const row of rows()) {
      expect(row).toMatchObject({ network: "loopback", server_processes: "1", sent: "50", lost: "0" });
      for (const name of measured) expect(Number(row[name])).toBeGreaterThan(0);
      expect(row["server_elu"]).toBe("");
    }
    const [point] = parse(readFileSync(join(folder, "out.timeline.csv")), { columns: true });
    expect(point).toMatchObject({ server_cpu_percent: expect.stringMatching(/^\d/) });
    const { trials } = JSON.parse(readFileSync(join(folder, "out.json"), "utf8"));
    expect(trials[0].target).toMatchObject({ start: serving(), addresses: [`127.0.0.1:${port}`] });
    await expectNothingLeft();
  });

  it("may be a program in another language, at all addresses", async () => {
    const command = `exec python3 '${python}' --app chat --listen 0.0.0.0:${port} --max-payload-bytes 2000000 --queue-bytes 4000000 --heartbeat-ms 25000`;
    const { code, seen } = bench(`127.0.0.1:${port}`, command);
    expect([await code, seen.err]).toEqual([0, ""]);
    expect(rows()[0]).toMatchObject({ delivered: "1000", lost: "0", network: "loopback" });
    await expectNothingLeft();
  });

  it("fails its trial when it dies, with its last words, and the next trial starts it anew", async () => {
    const dying = `${serving()} & sleep 3; echo 'Error: disk full'; kill -9 0`;
    const { code } = bench(`127.0.0.1:${port}`, inTurn(`exec ${serving()}`, dying, `exec ${serving()}`), ...long);
    expect(await code).toBe(1);
    const [first, second] = rows();
    expect(first).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/was killed by SIGKILL: Error: disk full$/),
    });
    expect(second).toMatchObject({ sent: "200", lost: "0" });
    await expectNothingLeft();
  });

  it.each([
    ["is no command", "no-such-server", /ended with code 127: .*not found\. Is the program installed/],
    ["ends at once", "echo 'Error: no config' >&2; exit 3", /ended with code 3: Error: no config\. It must accept/],
    ["goes to the background", "sleep 60 &", /ended with code 0\. It must stay in the foreground/],
  ])("is refused before the run with one sentence where it %s", async (_what, command, sentence) => {
    const { code, seen } = bench(`127.0.0.1:${port}`, command);
    expect(await code).toBe(2);
    expect(seen.err).toMatch(sentence);
    expect(existsSync(join(folder, "out.csv"))).toBe(false);
    await expectNothingLeft();
  });

  it("is a failed row where it needs a server that the network of its trial does not have", async () => {
    const needing = "echo 'Error: connect ECONNREFUSED 127.0.0.1:5432'; exit 1";
    const { code } = bench(`127.0.0.1:${port}`, inTurn(`exec ${serving()}`, needing));
    expect(await code).toBe(1);
    expect(rows()[0]).toMatchObject({
      status: "failed",
      error: expect.stringMatching(
        /try it in a shell\. A trial has a network of its own, .* give --host-network\.$/,
      ) as string,
    });
    await expectNothingLeft();
  });

  it("is a failed row where another process has its port in the network of the machine, which is left alone", async () => {
    const other = await startServeScript("--transport", "tcp-lines");
    const { code } = bench(authority(other.address), serving(), "--host-network");
    expect(await code).toBe(1);
    expect(rows()[0]!["error"]).toMatch(
      /something already listens at 127\.0\.0\.1:\d+, and --start would measure that/,
    );
    expect(other.child.exitCode).toBeNull();
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("ends when the bench is ended by %s", async (signal) => {
    const { child, seen } = bench(`127.0.0.1:${port}`, serving(), "--duration", "60s");
    await until(() => seen.out.includes("measuring"), "the trial is under way", 30_000);
    child.kill(signal);
    await expectNothingLeft();
  });

  it("is measured by its process where it runs already, with its children", async () => {
    const command = `${serving()} & wait`;
    const server = spawn("sh", ["-c", command], { env: { ...process.env, BENCH_MARK: mark }, stdio: "pipe" });
    let out = "";
    server.stdout.on("data", (chunk) => (out += String(chunk)));
    await until(() => out.includes("Measure it"), "the server listens", 30_000);
    const args = ["--target", `127.0.0.1:${port}`, "--target-pid", String(server.pid), "--transports", "tcp-lines"];
    const { code, seen } = startScript(
      "bench.js",
      [...quick, ...args, "--out", "out.csv"],
      { INIT_CWD: folder },
      folder,
    );
    expect([await code, seen.err]).toEqual([0, ""]);
    const [row] = rows();
    expect(row).toMatchObject({ network: "target 127.0.0.1", server_processes: "", lost: "0" });
    for (const name of measured) expect(Number(row![name])).toBeGreaterThan(0);
    expect(server.exitCode).toBeNull();
  });

  it("is a failed row where the process that is measured ends", async () => {
    const { child, address } = await startServeScript("--transport", "tcp-lines");
    const args = ["--target", authority(address), "--target-pid", String(child.pid), "--transports", "tcp-lines"];
    const { code, seen } = startScript(
      "bench.js",
      [...quick, ...args, "--duration", "60s", "--out", "out.csv"],
      { INIT_CWD: folder },
      folder,
    );
    await until(() => seen.out.includes("measuring"), "the trial is under way", 30_000);
    child.kill("SIGKILL");
    expect(await code).toBe(1);
    expect(rows()[0]!["error"]).toMatch(
      /the process \d+ has ended: start the server again, and give its new number to --target-pid\.$/,
    );
  });
});

it.each([
  [["--start", "node server.js"], /^--start is about a server of your own: name it/],
  [["--target-pid", "1"], /^--target-pid is about a server of your own: name it/],
  [
    ["--target", "127.0.0.1:1", "--start", "x", "--target-pid", "1"],
    /^--start <command> cannot be given together with /,
  ],
  [
    ["--target", "127.0.0.1:1", "--target-pid", "4194304", "--transports", "ws"],
    /^--target-pid 4194304: there is no such process/,
  ],
  [
    ["--target", "127.0.0.1:1", "--start", "x", "--transports", "ws,tcp"],
    /has one transport, and --transports names 2/,
  ],
  [
    ["--target", "127.0.0.1:1", "--start", "x", "--transports", "ws", "--scenario", "ticker"],
    /^ticker needs numbers that only our own/,
  ],
])("refuses %s in one sentence, with exit 2", async (args, sentence) => {
  const { code, seen } = startScript("bench.js", [...quick, ...args, "--out", join(folder, "d.csv")]);
  expect([await code, seen.err]).toEqual([2, expect.stringMatching(sentence)]);
  expect(existsSync(join(folder, "d.csv"))).toBe(false);
});
