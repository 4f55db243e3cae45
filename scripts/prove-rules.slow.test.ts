import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { injections } from "./validation/rules/disturbances.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const folder = mkdtempSync(join(tmpdir(), "prove-rules-"));
afterAll(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

async function prove(...args: string[]) {
  const { seen, code } = startScript(
    "prove-rules.js",
    ["--file", "rules.ndjson", ...args],
    { INIT_CWD: folder },
    folder,
  );
  return { code: await code, ...seen };
}

const lines = (): { injection?: string; size?: number }[] =>
  readFileSync(join(folder, "rules.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

it("prove:rules measures one row of each disturbance, goes on where it ended, and finds the largest sizes", async () => {
  const once = ["--rows", "0", "--injected-rows", "1", "--only-largest", "--most-other", "1000"];
  const first = await prove(...once, "--time-limit", "20s");
  expect(first.code).toBe(0);
  const begun = lines().length;
  expect(begun).toBeGreaterThan(0);
  expect((await prove(...once)).code).toBe(0);
  const cells = Object.entries(injections).map(([id, { sizes }]) => `${id} ${sizes.at(-1)}`);
  expect(lines().map(({ injection, size }) => `${injection} ${size}`)).toEqual(cells);
  expect(begun).toBeLessThan(cells.length);
  const { out } = await prove("--rows", "0", "--injected-rows", "0");
  // A leak, a hog and a stopped generator of the largest size are found on any machine.
  for (const id of ["leak +16", "cpu-hog +200", "slow-generator +30"])
    expect(out).toMatch(new RegExp(`^${id} .* 1 +1 of 1$`, "m"));
}, 600_000);

it("prove:rules refuses rows of a version with other measurements in one sentence", async () => {
  writeFileSync(join(folder, "old.ndjson"), '{"row":{"scenario":"chat-100","transport":"ws"},"measurement":{}}\n');
  const { code, err } = await prove("--rows", "0", "--injected-rows", "0", "--file", "old.ndjson");
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/^old\.ndjson has rows of another version .*another --file\.\n$/),
  ]);
}, 60_000);

it("prove:rules makes the folder of its file, and refuses a file that it cannot write before it measures", async () => {
  const rates = ["--rows", "0", "--injected-rows", "0"];
  expect((await prove(...rates, "--file", "new/folder/rules.ndjson", "--out", "rates.json")).code).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, "rates.json"), "utf8"))).toHaveProperty("falseAlarms");
  expect(readdirSync(join(folder, "new/folder"))).toEqual([]);
  for (const [args, sentence] of [
    [["--out", "rates.json"], /^Cannot write .*rates\.json: it already exists: overwrite it with --force/],
    [["--file", "rates.json/rules.ndjson"], /^Cannot write .*rates\.json: a file is where a folder must be: choose/],
  ] as const) {
    const { code, err, out } = await prove("--rows", "1", ...args);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(sentence)]);
  }
}, 60_000);
