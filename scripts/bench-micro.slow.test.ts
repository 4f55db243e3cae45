import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { microTasks } from "./microbench/tasks.ts";
import { endAllScripts, startScript } from "./lib/testing/spawn-script.ts";

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
  const found = lines.filter((line) => /\s{2,}[\d.,]+[KM]?\s{2,}/.test(line)).map((line) => line.split(/\s{2,}/)[0]);
  expect(found).toEqual(microTasks.map(({ name }) => name));
  expect(seen.err).toBe("");
}, 30_000);

it("times only what is asked for, and keeps the figures", async () => {
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

it("takes an unknown task with one sentence that names them all", async () => {
  const { seen, code } = micro("--only", "sending");
  expect(await code).toBe(2);
  expect(seen.err.trim()).toMatch(/^No task has "sending" in its name: choose from frame: record, .*\.$/);
}, 20_000);
