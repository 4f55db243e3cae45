import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { microTasks } from "./microbench/tasks.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-micro-"));
const file = join(folder, "costs.json");
const micro = (...args: string[]) => startScript("bench-micro.js", ["--duration", "10ms", ...args]);

afterEach(endAllScripts);
afterAll(() => rmSync(folder, { recursive: true }));

it("prints one line per task within 80 columns", async () => {
  const { seen, code } = micro();
  expect(await code).toBe(0);
  const lines = seen.out.split("\n");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const names = lines.filter((line) => /\s{2,}[\d.,]+[KM]?\s{2,}/.test(line)).map((line) => line.split(/\s{2,}/)[0]);
  expect(names).toEqual(microTasks.map(({ name }) => name));
  expect(seen.err).toBe("");
}, 30_000);

it("times only the tasks of --only, and writes the results to --json", async () => {
  const { seen, code } = micro("--only", "stamp", "--json", file);
  expect(await code).toBe(0);
  expect(seen.out).toMatch(/^2 tasks/);
  const { costs, environment } = JSON.parse(readFileSync(file, "utf8"));
  expect(costs.map(({ name }: { name: string }) => name)).toEqual(["stamp: write", "stamp: read"]);
  expect(environment).toHaveProperty("cpu");
  const again = micro("--only", "stamp", "--json", file);
  expect(await again.code).toBe(2);
  expect(again.seen.err).toMatch(/already exists: overwrite it with --force, or choose another --json\.$/m);
}, 30_000);

it("reports a --only without a match in one sentence that lists all tasks", async () => {
  const { seen, code } = micro("--only", "sending");
  expect(await code).toBe(2);
  expect(seen.err.trim()).toMatch(/^No task has "sending" in its name\. The tasks are: frame: record, .*\.$/);
}, 20_000);
