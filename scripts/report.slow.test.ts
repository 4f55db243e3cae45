import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatCsvLine } from "../results/files/csv.ts";
import { testKeys } from "../results/testing/measurement.ts";
import { rowOf } from "../results/testing/report-rows.ts";
import { failedRow } from "../results/rows/row.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
  write("a.csv", rowOf("ws", { sent: 1_000 }), rowOf("tcp", { sent: 1_000 }));
});

afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

function write(name: string, ...rows: ReturnType<typeof rowOf>[]): void {
  writeFileSync(join(folder, name), [formatCsvLine("header"), ...rows.map((row) => formatCsvLine(row))].join(""));
}

async function report(...args: string[]) {
  const { seen, code } = startScript("report.js", args, { INIT_CWD: folder }, folder);
  return { code: await code, ...seen };
}

const text = (name: string): string => readFileSync(join(folder, name), "utf8");

it("writes the page beside the first CSV, prints its path, and overwrites an existing page only with --force", async () => {
  const { code, out, err } = await report("a.csv");
  expect([code, err, out.trim()]).toEqual([0, "", join(folder, "a.html")]);
  expect(text("a.html")).toMatch(/^<!doctype html>/);
  expect(text("a.html")).toContain("is missing, so the machine");
  writeFileSync(join(folder, "a.html"), "an existing page");
  const again = await report("a.csv");
  expect(again.err).toMatch(/a\.html: it already exists: overwrite it with --force, or choose another --out\.$/m);
  expect([again.code, text("a.html")]).toEqual([2, "an existing page"]);
  expect((await report("a.csv", "--force")).code).toBe(0);
}, 60_000);

it("compares later files with the first, and also shows files that cannot be compared", async () => {
  write("b.csv", rowOf("ws", { run_id: "later", overhead_bytes_per_delivery: 11 }));
  write("c.csv", rowOf("ws", { run_id: "latest", scenario: "another" }));
  const { code } = await report("a.csv", "b.csv", "c.csv", "--out", "all.html");
  expect(code).toBe(0);
  // A byte more per delivery over ws, and tcp is gone.
  expect(text("all.html")).toMatch(/2 got worse, 0 better/);
  expect(text("all.html")).toContain("Worse: tcp, chat-100: repeats 1 before, 0 after (not measured after).");
  expect(text("all.html")).toContain("No trials can be compared.");
}, 60_000);

it("reports on a run in which every trial failed", async () => {
  write("bad.csv", failedRow(testKeys, "the server died"));
  expect((await report("bad.csv")).code).toBe(0);
  expect(text("bad.html")).toContain("the server died");
}, 60_000);

describe("reports the user's mistake on one line, with exit code 2 and no page", () => {
  it.each([
    [[], /^Give the CSV to report on\.$/],
    [["nope.csv"], /^Cannot read .*nope\.csv: there is no such file/],
    [["empty.csv"], /empty\.csv has no rows/],
    [["a.csv", "./a.csv"], /^\.\/a\.csv appears twice/],
    [["a.csv", "--out", "a.csv", "--force"], /is the name of a result file/],
    [["a.csv", "--out", "no/such/page.html"], /its folder does not exist: create it, or choose another --out/],
    [["a.csv", "--out", "."], /^Cannot write .*: it is a folder/],
    [
      ["a.csv", "--oust", "b"],
      /^There is no option --oust\. Did you mean --out\? npm run report -- --help lists the options\.$/,
    ],
  ])(
    "%j",
    async (args, sentence) => {
      writeFileSync(join(folder, "empty.csv"), formatCsvLine("header"));
      copyFileSync(join(folder, "a.csv"), join(folder, "before.csv"));
      const { code, err } = await report(...args);
      expect(err.trim()).toMatch(sentence);
      expect(err.trim()).not.toContain("\n");
      expect(code).toBe(2);
      expect(existsSync(join(folder, "a.html"))).toBe(false);
      expect(text("a.csv")).toBe(text("before.csv"));
    },
    20_000,
  );
});
