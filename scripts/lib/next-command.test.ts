import { afterEach, expect, it, vi } from "vitest";
import { nextCommand } from "./next-command.ts";

afterEach(() => vi.unstubAllEnvs());

it.each([
  ["/home/ann/bench/results/runs/x.csv", "Next: npm run report -- results/runs/x.csv"],
  ["/home/ann/x.csv", "Next: npm run report -- ../x.csv"],
  ["/x.csv", "Next: npm run report -- /x.csv"],
  ["/home/ann/bench/-x.csv", "Next: npm run report -- ./-x.csv"],
  ["/home/ann/bench/ann's x.csv", "Next: npm run report -- 'ann'\\''s x.csv'"],
  [`/home/ann/bench/${"x".repeat(60)}.csv`, `Next:\n  npm run report -- ${"x".repeat(60)}.csv`],
])("names the report of %s as the user would type it", (path, text) => {
  vi.stubEnv("INIT_CWD", "/home/ann/bench");
  expect(nextCommand(path)).toBe(text);
});
