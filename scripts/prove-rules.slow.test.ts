import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
  const first = await prove("--rows", "0", "--injected-rows", "1", "--time-limit", "20s");
  expect(first.code).toBe(0);
  const begun = lines().length;
  expect(begun).toBeGreaterThan(0);
  expect((await prove("--rows", "0", "--injected-rows", "1")).code).toBe(0);
  const cells = Object.entries(injections).flatMap(([id, { sizes }]) => sizes.map((size) => `${id} ${size}`));
  expect(lines().map(({ injection, size }) => `${injection} ${size}`)).toEqual(cells);
  expect(begun).toBeLessThan(cells.length);
  const { out } = await prove("--rows", "0", "--injected-rows", "0");
  // A leak, a hog and a stopped generator of the largest size are found on any machine.
  for (const id of ["leak +16", "cpu-hog +200", "slow-generator +30"])
    expect(out).toMatch(new RegExp(`^${id} .* 1 +1 of 1$`, "m"));
}, 600_000);
