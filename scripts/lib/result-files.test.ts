import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Row } from "../../results/model/columns.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import { openOutput } from "./result-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-"));
  vi.stubEnv("TMPDIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const row = (repeat: number): Row => ({ transport: "tcp", repeat });

it.each([
  ["removed", (runs: string) => rmSync(runs, { recursive: true })],
  ["moved away", (runs: string) => renameSync(runs, `${runs}-old`)],
  [
    "replaced",
    (runs: string) => {
      rmSync(join(runs, "x.csv"));
      writeFileSync(join(runs, "x.csv"), "mine");
    },
  ],
])("keeps all rows elsewhere where the folder was %s during the run", (_how, spoil) => {
  const runs = join(folder, "runs");
  mkdirSync(runs);
  const files = openOutput(join(runs, "x.csv"), { run_id: "x" }, false);
  files.append(row(1), []);
  spoil(runs);
  expect(() => files.append(row(2), [])).toThrow(UserError);
  files.close();
  expect(files.path).toMatch(/transport-bench-.*\/x\.csv$/);
  const kept: Record<string, string>[] = parse(readFileSync(files.path), { columns: true });
  expect(kept.map(({ repeat }) => repeat)).toEqual(["1", "2"]);
  expect(existsSync(files.path.replace(".csv", ".json"))).toBe(true);
});

it("prints the rows where they can be kept nowhere", () => {
  vi.stubEnv("TMPDIR", join(folder, "none"));
  const printed = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const path = join(folder, "x.csv");
  const files = openOutput(path, {}, false);
  rmSync(path);
  expect(() => files.append(row(1), [])).toThrow(/^Cannot write to .*x\.csv: the file was removed.* printed above\.$/);
  expect(printed.mock.calls.flat().join("")).toMatch(/^run_id,.*\n.*tcp/);
  files.close();
  printed.mockRestore();
});

it("what is noted during a run stands in its record, each list with all of its entries", () => {
  const path = join(folder, "x.csv");
  const files = openOutput(path, { run_id: "x" }, false);
  files.append(row(1), []);
  for (const n of [1, 2]) files.note("agent_loads", { n });
  files.note("other", { n: 3 });
  files.close();
  const record: unknown = JSON.parse(readFileSync(join(folder, "x.json"), "utf8"));
  expect(record).toEqual({ run_id: "x", agent_loads: [{ n: 1 }, { n: 2 }], other: [{ n: 3 }] });
});
