import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import type { ResultFileContent } from "../files/read.ts";
import { runRecordOf, runRows } from "../testing/runs.ts";
import { splitSides } from "./baseline.ts";

const builds = (...names: string[]): Row[] =>
  names.flatMap((build, i) => runRows({ repeats: 1, seed: i, changes: { build } }));
const file = (path: string, rows: Row[], record = runRecordOf()): ResultFileContent => ({
  path,
  rows,
  record,
  warnings: [],
});
const sides = (...read: ResultFileContent[]) =>
  splitSides(read).map(({ path, build, rows }) => `${path} ${build} ${rows.length}`);

describe("the sides of a comparison", () => {
  it("are the first of several files, then each of the others", () => {
    const files = ["a.csv", "b.csv", "c.csv"].map((path, i) => file(path, builds(`build${i}`)));
    expect(sides(...files)).toEqual(["a.csv build0 1", "b.csv build1 1", "c.csv build2 1"]);
  });

  it("are the builds of a single file: the build of the first row, then the others", () => {
    expect(sides(file("a.csv", builds("old", "new", "new", "old", "new")))).toEqual(["a.csv old 2", "a.csv new 3"]);
  });

  it("begin with the recorded baseline, in any order of the rows", () => {
    const against = runRecordOf({ baseline: { build: "old" } });
    expect(sides(file("a.csv", builds("new", "old", "old"), against))).toEqual(["a.csv old 2", "a.csv new 1"]);
    const gone = runRecordOf({ baseline: { build: "gone" } });
    expect(sides(file("a.csv", builds("new", "old"), gone))).toEqual(["a.csv new 1", "a.csv old 1"]);
  });

  it("have the library versions of their build", () => {
    const older = { build: "old", environment: { libraries: { ws: "7.0.0" } } };
    const [before, after] = splitSides([file("a.csv", builds("new", "old"), runRecordOf({ baseline: older }))]);
    expect(before.record!.environment.libraries).toEqual({ ws: "7.0.0" });
    expect(after!.record!.environment.libraries).toMatchObject({ ws: "8.18.0" });
  });

  it("are refused in a single file of one build, and in several files of more builds", () => {
    expect(() => sides(file("a.csv", builds("only")))).toThrow(
      /^a\.csv has rows of one build only \(only\)\. Name a second file, or give this one twice with --pair/,
    );
    expect(() => sides(file("a.csv", builds("one")), file("b.csv", builds("two", "three")))).toThrow(
      /^b\.csv has rows of the builds two and three\. Compare these by naming this file alone/,
    );
  });
});
