import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { testKeys, testMeasurement } from "../../results/testing/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { summaryColumns } from "../../results/rows/summary.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import { writeSummary } from "./summary-file.ts";

let folder: string;
let path: string;
let beside: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "summary-"));
  path = join(folder, "out.csv");
  beside = join(folder, "out.summary.csv");
});
afterEach(() => rmSync(folder, { recursive: true }));

const one = { ...buildRow(testKeys, testMeasurement()), status: "valid" };
const repeated = [one, { ...one, repeat: 2 }];

it("writes the summary of repeats beside the CSV, with a cell for each column", () => {
  expect(writeSummary(path, repeated, false)).toBe(beside);
  const [summary, ...others] = parse<Record<string, string>>(readFileSync(beside, "utf8"), { columns: true });
  expect(others).toEqual([]);
  expect(Object.keys(summary!)).toEqual(summaryColumns);
  expect(summary).toMatchObject({ transport: "ws", repeats: "2", repeats_failed: "0", interval_coverage: "0.5" });
  expect(summary).toMatchObject({ lost: "0", lost_low: "0", polls_answered: "", polls_answered_low: "" });
});

it("writes the summary beside a CSV of any name", () => {
  expect(writeSummary(join(folder, "mine"), repeated, false)).toBe(join(folder, "mine.summary.csv"));
});

it("writes no summary where nothing was repeated", () => {
  expect(writeSummary(path, [one, { ...one, transport: "tcp" }], false)).toBeUndefined();
  expect(existsSync(beside)).toBe(false);
});

it("refuses to overwrite an existing summary, in one sentence, and replaces it with force", () => {
  writeFileSync(beside, "precious");
  expect(() => writeSummary(path, repeated, false)).toThrow(UserError);
  expect(() => writeSummary(path, repeated, false)).toThrow(/^Cannot write the summary .*: it already exists .*\.$/);
  expect(readFileSync(beside, "utf8")).toBe("precious");
  writeSummary(path, repeated, true);
  expect(readFileSync(beside, "utf8")).toMatch(/^scenario,transport,/);
});

it("with force removes the summary of an older run where this run has no repeats", () => {
  writeFileSync(beside, "old");
  writeSummary(path, [one], false);
  expect(existsSync(beside)).toBe(true);
  writeSummary(path, [one], true);
  expect(existsSync(beside)).toBe(false);
});

it("names the CSV with the rows in the sentence about a summary that cannot be written", () => {
  mkdirSync(beside);
  for (const force of [false, true])
    expect(() => writeSummary(path, repeated, force)).toThrow(
      /^Cannot write the summary .*Every row is in .*out\.csv\.$/,
    );
  expect(() => writeSummary(join(folder, "no", "such.csv"), repeated, true)).toThrow(UserError);
});

it.skipIf(process.getuid?.() === 0)("does not remove a file without write permission", () => {
  writeFileSync(beside, "precious");
  chmodSync(beside, 0o444);
  expect(() => writeSummary(path, repeated, true)).toThrow(UserError);
  expect(readFileSync(beside, "utf8")).toBe("precious");
});
