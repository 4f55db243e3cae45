import { describe, expect, it } from "vitest";
import { readWarningTexts, type ReadWarning } from "./read-warnings.ts";

const older = (path: string, detail = "clock, client_gc_ms"): ReadWarning => ({ id: "older", path, detail });

describe("the sentence about a problem of files", () => {
  it("names the file, without its folder", () => {
    expect(readWarningTexts([older("/runs/a.csv")])).toEqual([
      "a.csv was written by an older version and lacks these columns: clock, client_gc_ms. They are left empty.",
    ]);
  });

  it("is one for all files that share the problem: up to three are named, more are counted", () => {
    const files = Array.from({ length: 12 }, (_, i) => older(`${i}.csv`));
    expect(readWarningTexts(files.slice(0, 3))[0]).toMatch(/^0\.csv, 1\.csv and 2\.csv were written by an older/);
    expect(readWarningTexts(files)).toEqual([
      "12 files were written by an older version and lack these columns: clock, client_gc_ms. They are left empty.",
    ]);
  });

  it("names a file once that is given twice", () => {
    expect(readWarningTexts([older("a.csv"), older("a.csv")])[0]).toMatch(/^a\.csv was written/);
  });

  it("is another one where another column is missing, or another problem", () => {
    const warnings: ReadWarning[] = [
      older("a.csv"),
      older("b.csv", "clock"),
      { id: "cut-off", path: "a.csv" },
      { id: "no-record", path: "a.json" },
      { id: "unreadable-record", path: "b.json", detail: "Unexpected token" },
      { id: "foreign-record", path: "c.json", detail: "run_id is missing" },
    ];
    expect(readWarningTexts(warnings).slice(2)).toEqual([
      "The last line of a.csv is incomplete and is not used.",
      "a.json is missing, so the machine and the settings of the run are not known.",
      "b.json cannot be read, so the machine and the settings of the run are not known: Unexpected token.",
      "c.json is not the record of a run: run_id is missing.",
    ]);
  });
});
