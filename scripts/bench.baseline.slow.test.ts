import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runGit, projectFolder } from "../results/model/environment.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { pairTrials, resolveSettings } from "../scenarios/definitions/settings.ts";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

const parts = ["clients", "results", "scenarios", "scripts", "servers", "dist", "package.json", "package-lock.json"];
const quick = ["--scenario", "chat-100", "--transports", "tcp", "--clients", "20", "--rate", "50"];
const short = ["--duration", "500ms", "--warmup", "200ms"];

/** A copy of this project in a repository of its own: tests change it, and what this test runs from stays as it is. */
let copy: string;
let folder: string;
let out: string;
let temp: string;

const inCopy = (...args: string[]): string => {
  const who = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: copy, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
};

const withGit = runGit(projectFolder, "--version") !== null;

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), "baseline-")));
  for (const part of [...parts, "tsconfig.json"])
    cpSync(join(projectFolder, part), join(copy, part), {
      recursive: true,
      filter: (path) => !path.includes(join("results", "runs")),
    });
  // The copy's working tree carries messages over TCP with two bytes more than its commits do.
  const records = join(copy, "dist", "servers", "protocols", "records.js");
  writeFileSync(records, readFileSync(records, "utf8").replace("recordHeaderBytes = 4", "recordHeaderBytes = 6"));
  symlinkSync(join(projectFolder, "node_modules"), join(copy, "node_modules"));
  if (!withGit) return;
  writeFileSync(join(copy, ".gitignore"), "node_modules\ndist\n");
  inCopy("init", "--quiet", "--initial-branch=trunk");
  inCopy("add", ".");
  inCopy("commit", "--quiet", "--message=All");
  inCopy("tag", "v0.1.0");
}, 30_000);
afterAll(() => rmSync(copy, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
  [out, temp] = [join(folder, "out.csv"), join(folder, "temp")];
  mkdirSync(temp);
});
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

/** The copy's own bench, with a folder of its own for temporary files and a mark on its processes. */
function bench(args: string[]) {
  const script = relative(fileURLToPath(new URL(".", import.meta.url)), join(copy, "dist", "scripts", "bench.js"));
  const env = { INIT_CWD: copy, TMPDIR: temp, BENCH_MARK: folder };
  return startScript(script, [...quick, "--out", out, ...args], env, folder);
}

async function finish(args: string[]) {
  const { seen, code } = bench(args);
  return { code: await code, ...seen };
}

async function nothingIsLeft() {
  await until(() => leftovers(folder).length === 0, "every process has ended");
  expect(readdirSync(temp)).toEqual([]);
  expect(existsSync(join(copy, ".git", "worktrees"))).toBe(false);
}

describe.skipIf(!withGit)("a baseline that is a git ref", () => {
  it("is measured with the same plan into the same file, is compared, and leaves no process or file behind", async () => {
    const { code, out: output, err } = await finish([...short, "--baseline", "v0.1.0", "--max-regression", "5%"]);
    expect(err).toMatch(/^tcp\b.*: overhead_bytes_per_delivery got worse, \+50/m);
    expect(code).toBe(4);
    const rows = parse<Record<string, string>>(readFileSync(out), { columns: true });
    const commit = inCopy("rev-parse", "HEAD").slice(0, 7);
    const builds = [commit, `${commit} (baseline)`];
    expect(rows).toHaveLength(2);
    const overheads = Object.fromEntries(rows.map((row) => [row["build"], row["overhead_bytes_per_delivery"]]));
    expect(overheads).toEqual({ [builds[0]!]: "6", [builds[1]!]: "4" });
    for (const row of rows) {
      expect(row).toMatchObject({ run_id: rows[0]!["run_id"], sent: "25", expected: "500", delivered: "500" });
    }
    expect(new Set(rows.map(({ started_at }) => started_at)).size).toBe(2);
    for (const label of ["✔ tcp  p50", "✔ tcp (v0.1.0)  p50"]) expect(output).toContain(label);

    const points = parse<Record<string, string>>(readFileSync(join(folder, "out.timeline.csv")), { columns: true });
    const named = (each: Record<string, string>): string => `${each["run_id"]} ${each["started_at"]}`;
    expect(points.map(named)).toEqual(rows.map(named));
    const { baseline, trials } = JSON.parse(readFileSync(join(folder, "out.json"), "utf8"));
    expect(baseline).toMatchObject({ ref: "v0.1.0", build: builds[1], environment: { node: process.version } });
    expect(trials.map((trial: { build: string }) => trial.build)).toEqual(rows.map(({ build }) => build));
    await nothingIsLeft();
  }, 60_000);

  it.each(["while it is built", "in its trial"])(
    "exits 130 and leaves no process or file behind when Ctrl-C comes %s",
    async (when) => {
      // A seed with which the other's trial is the first.
      const first = (seed: number) =>
        pairTrials(
          [{ transport: "tcp", repeat: 1, settings: resolveSettings("", scenarios["chat-100"], { seed }) }],
          ["", "other"],
        );
      const seed = [1, 2, 3, 4, 5, 6, 7, 8].find((each) => first(each)[0]!.build === "other")!;
      const { child, seen, code } = bench(["--duration", "60s", "--baseline", "trunk", "--seed", String(seed)]);
      const many = () => leftovers(folder).length > 4 || !existsSync("/proc");
      const trial = () => many() && readdirSync(temp).some((name) => existsSync(join(temp, name, "trial.csv")));
      if (when === "in its trial") await until(trial, "its trial is under way", 60_000);
      else await until(() => seen.out.includes("Building trunk"), "it is built");
      child.kill("SIGINT");
      expect(await code).toBe(130);
      expect(seen.err).toMatch(when === "in its trial" ? /^.*tcp \(trunk\).*interrupted.*\n$/ : /^$/);
      expect(existsSync(out)).toBe(false);
      await nothingIsLeft();
    },
    90_000,
  );

  it("prints in one sentence why it cannot be built, and exits 1", async () => {
    writeFileSync(join(copy, "scripts", "broken.ts"), "export const width: number = 'wide';\n");
    inCopy("checkout", "--quiet", "-b", "broken");
    inCopy("add", ".");
    inCopy("commit", "--quiet", "--message=Break it");
    inCopy("checkout", "--quiet", "trunk");
    const { code, err } = await finish([...short, "--baseline", "broken"]);
    expect(err.trim()).toMatch(
      /^Cannot measure against broken: its build \(tsc\) failed: scripts.broken\.ts\(1,14\): error/,
    );
    expect(err.trim()).not.toContain("\n");
    expect(code).toBe(1);
    await nothingIsLeft();
  }, 30_000);
});

describe("prints one sentence and exits 2 for a wrong --baseline or --max-regression:", () => {
  it.skipIf(!withGit)(
    "a version that does not exist",
    async () => {
      const { code, err } = await finish([...short, "--baseline", "v0.1.O"]);
      expect(err.trim()).toMatch(
        /^--baseline "v0\.1\.O" is no git ref and no folder here\. Did you mean "v0\.1\.0"\? The choices/,
      );
      expect(code).toBe(2);
      await nothingIsLeft();
    },
    20_000,
  );

  it.each([
    [{}, /^--baseline ".*" has no package\.json: name a git ref or another copy of this project\.$/],
    [{ "package.json": '{ "name": "left-pad" }' }, /is the project "left-pad": name a version of "transport-bench"\.$/],
  ])(
    "a folder that has %j only",
    async (files, sentence) => {
      const strange = join(folder, "strange");
      mkdirSync(strange);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(strange, name), text);
      const { code, err } = await finish([...short, "--baseline", strange]);
      expect(err.trim()).toMatch(sentence);
      expect(code).toBe(2);
      await nothingIsLeft();
    },
    20_000,
  );

  it.each([
    [["--max-regression", "5%"], /^--max-regression needs a --baseline to compare with: name a git ref or a folder\.$/],
    [["--max-regression", "5", "--baseline", "."], /^--max-regression "5" is not a bound\. Write 5% .*\.$/],
  ])(
    "%j",
    async (args, sentence) => {
      const { code, err } = await finish([...short, ...args]);
      expect(err.trim()).toMatch(sentence);
      expect(code).toBe(2);
    },
    20_000,
  );
});

it("measures the working tree against itself without another build", async () => {
  const script = join(copy, "dist", "scripts", "bench.js");
  const before = statSync(script).mtimeMs;
  const { code, out: output, err } = await finish([...short, "--baseline", "."]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(output).not.toContain("Building");
  expect(statSync(script).mtimeMs).toBe(before);
  const builds = parse<Record<string, string>>(readFileSync(out), { columns: true }).map(({ build }) => build!);
  const [ours] = builds.toSorted((a, b) => a.length - b.length);
  expect(builds.toSorted()).toEqual([ours!, `${ours} (baseline)`]);
}, 30_000);
