import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { projectFolder } from "../results/model/environment.ts";
import { until } from "../scenarios/lib/until.ts";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";

vi.setConfig({ testTimeout: 60_000 });

const load = (duration: string, transports: string): string[] =>
  `--scenario chat-100 --clients 20 --duration ${duration} --warmup 200ms --rate 50 --transports ${transports}`.split(
    " ",
  );

/** Milliseconds in which everything must end: a second, and what a busy machine adds. */
const endMs = 2_500;

let folder: string;
let mark: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ends-"));
  mark = `ends-${process.pid}-${folder}`;
});
afterEach(() => {
  endAllScripts();
  for (const pid of leftovers(mark)) process.kill(Number(pid), "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const env = (): NodeJS.ProcessEnv => ({ ...process.env, BENCH_MARK: mark });
const out = (): string => join(folder, "out.csv");
const rows = (): Record<string, string>[] => parse(readFileSync(out()), { columns: true });

/** Starts `npm run` in a process group of its own. */
function npmRun(...args: readonly string[]) {
  const child = spawn("npm", ["run", ...args], {
    cwd: projectFolder,
    env: env(),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen = { out: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (seen.out += String(chunk)));
  return { child, seen };
}

/** Milliseconds until no process is left. */
async function untilAllEnded(): Promise<number> {
  const startMs = performance.now();
  await until(() => leftovers(mark).length === 0, "every process has ended");
  return performance.now() - startMs;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

it.each(["SIGTERM", "SIGKILL", "SIGHUP"] as const)("serve ends within a second of its npm, by %s", async (signal) => {
  const { child, seen } = npmRun("serve", "--", "--transport", "ws");
  await until(() => seen.out.includes("Measure it"), "the server listens", 30_000);
  const port = Number(/^Listening on \S+:(\d+),/m.exec(seen.out)![1]);
  child.kill(signal);
  expect(await untilAllEnded()).toBeLessThan(endMs);
  expect(await accepts(port)).toBe(false);
});

it.each(["SIGTERM", "SIGKILL", "SIGHUP"] as const)(
  "bench keeps its rows and ends within a second of its npm, by %s",
  async (signal) => {
    const { child, seen } = npmRun("bench", "--", ...load("2s", "tcp,ws"), "--out", out());
    await until(
      () => seen.out.split("✔ tcp")[1]?.includes("measuring") ?? false,
      "the second trial is under way",
      30_000,
    );
    child.kill(signal);
    expect(await untilAllEnded()).toBeLessThan(endMs);
    expect(rows().map(({ transport }) => transport)).toEqual(["tcp"]);
  },
);

it("a bench in the background of a shell goes on when that shell ends", async () => {
  const command = `nohup npm run bench -- ${load("1s", "tcp").join(" ")} --out ${out()} > /dev/null 2>&1 &`;
  spawnSync("sh", ["-c", command], { cwd: projectFolder, env: env() });
  await until(() => existsSync(out()) && leftovers(mark).length === 0, "it has ended", 40_000);
  expect(rows()).toHaveLength(1);
});

it.each([
  ["alone", []],
  ["with a baseline", ["--baseline", "."]],
])("nothing is left when the bench itself is killed, %s", async (_how, more) => {
  const { child, seen } = startScript(
    "bench.js",
    [...load("20s", "tcp"), "--out", out(), ...more],
    { BENCH_MARK: mark },
    projectFolder,
  );
  await until(
    () => leftovers(mark).length >= (more.length > 0 ? 5 : 4) && seen.out !== "",
    "the trial is under way",
    30_000,
  );
  child.kill("SIGKILL");
  expect(await untilAllEnded()).toBeLessThan(endMs);
});

it("a run says that its code changed, leaves out the row of that trial, and keeps the others", async () => {
  const copy = join(folder, "copy");
  cpSync(join(projectFolder, "dist"), join(copy, "dist"), { recursive: true });
  cpSync(join(projectFolder, "package.json"), join(copy, "package.json"));
  symlinkSync(join(projectFolder, "node_modules"), join(copy, "node_modules"));
  const child = spawn(
    process.execPath,
    [join(copy, "dist/scripts/bench.js"), ...load("2s", "tcp,ws,sse"), "--out", out()],
    { env: env() },
  );
  const seen = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (seen.out += String(chunk)));
  child.stderr.on("data", (chunk) => (seen.err += String(chunk)));
  await until(
    () => seen.out.split("✔ tcp")[1]?.includes("measuring") ?? false,
    "the second trial is under way",
    30_000,
  );
  appendFileSync(join(copy, "dist/servers/ws.js"), "\n// built again\n");
  await until(() => child.exitCode !== null, "it has ended", 30_000);
  expect(child.exitCode).toBe(2);
  expect(seen.err).toMatch(/^The code in .* changed during ws, by a build or npm ci, .*\n$/);
  expect(rows().map(({ transport }) => transport)).toEqual(["tcp"]);
  expect(seen.out).toMatch(/\nNext: npm run report -- .*out\.csv\n$/);
});

/** Runs a shell command with a command of ours as its arguments. */
function inShell(shell: string, name: string, ...args: string[]) {
  const script = join(projectFolder, "dist/scripts", `${name}.js`);
  return spawnSync("sh", ["-c", shell, "sh", process.execPath, script, ...args], {
    cwd: folder,
    env: env(),
    encoding: "utf8",
  });
}

it.each(["bench", "compare", "report", "sizing", "claims", "serve", "conformance"])(
  "%s drops a leading --, and ends quietly where nobody reads its help",
  (name) => {
    const { stdout, stderr } = inShell('{ "$@"; echo "exit $?" >&2; } | head -1', name, "--", "--help");
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^Usage: .*\n$/), "exit 0\n"]);
  },
);

it.runIf(existsSync("/dev/full"))(
  "says that its output is not complete where it goes to a full disk, and exits 2",
  () => {
    const { status, stderr } = inShell('"$@" > /dev/full', "sizing", "--model");
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^Cannot print everything: ENOSPC.*\n$/)]);
  },
);

it("a command needs no home, no standard input and no locale of ours", () => {
  const { status, stderr } = inShell('unset HOME; LC_ALL=de_DE.UTF-8 "$@" <&- > /dev/null', "sizing", "--model");
  expect([status, stderr]).toEqual([0, ""]);
});

it("two runs in the same second write two files", async () => {
  const both = [1, 2].map(() => startScript("bench.js", load("500ms", "tcp"), { INIT_CWD: folder }, folder));
  expect(await Promise.all(both.map(({ code }) => code))).toEqual([0, 0]);
  expect(
    readdirSync(join(folder, "results/runs")).filter((name) => /\d-chat-100\.csv$|Z-chat-100\.csv$/.test(name)),
  ).toHaveLength(2);
  expect(existsSync(join(folder, "results"))).toBe(true);
});
