import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

vi.setConfig({ testTimeout: 30_000 });

const quick = "--scenario chat-100 --clients 20 --duration 500ms --warmup 200ms --rate 50 --transports tcp".split(" ");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ends-"));
});
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

async function finish(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { seen, code } = startScript(script, args, { INIT_CWD: folder, ...env }, folder);
  return { code: await code, ...seen };
}

/** Runs a command whose output only `reader` reads. Returns the exit code and what is on standard error. */
function piped(name: string, args: readonly string[], reader: string) {
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const pipe = `{ "$@"; echo $? > code; } | ${reader}`;
  const { stderr } = spawnSync("sh", ["-c", pipe, "sh", process.execPath, script, ...args], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder },
    encoding: "utf8",
  });
  return { code: Number(readFileSync(join(folder, "code"), "utf8")), err: stderr };
}

it("a command drops a leading --, and ends quietly where nobody reads what it prints", () => {
  expect(piped("report", ["--", "--help"], "true")).toEqual({ code: 0, err: "" });
});

it("a run goes on without its terminal, and writes its rows", () => {
  expect(piped("bench", [...quick, "--out", "e.csv"], "head -2")).toEqual({ code: 0, err: "" });
  expect(parse(readFileSync(join(folder, "e.csv")), { columns: true })).toHaveLength(1);
});

it("a gate that npm has taken is a mistake", async () => {
  const { code, err } = await finish("compare.js", ["a.csv", "b.csv"], {
    npm_lifecycle_script: "tsc && node --enable-source-maps dist/scripts/compare.js",
    npm_config_user_agent: "npm/11.0.0 node/v20.19.0 linux x64",
    npm_config_max_regression: "5%",
  });
  expect([code, err]).toEqual([2, "npm took --max-regression for itself: put -- before the options.\n"]);
});

it.each([
  ["the folder of results", [], /runs: a file is where a folder must be: choose another --out\.\n$/],
  ["the summary", ["--out", "old.csv"], /old\.summary\.csv: it already exists: .*--out\.\n$/],
])("says in one sentence, before anything is measured, that it cannot write %s", async (_what, args, sentence) => {
  for (const name of ["results", "old.summary.csv"]) writeFileSync(join(folder, name), "");
  const { code, out, err } = await finish("bench.js", [...quick, ...args]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(sentence);
  expect(err.trim()).not.toContain("\n");
});
