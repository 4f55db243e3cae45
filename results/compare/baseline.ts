import { z } from "zod";
import { UserError } from "../../scenarios/lib/errors.ts";
import type { ResultFileContent } from "../files/read.ts";
import type { ReadWarning } from "../files/read-warnings.ts";
import type { RunRecord } from "../files/run-record.ts";
import type { Row } from "../model/columns.ts";
import { joinWords } from "../text/lists.ts";
import type { ComparedSide } from "./types.ts";

/** One side with its rows and the record of its run. */
export interface RecordedRows extends ComparedSide {
  rows: Row[];
  record: RunRecord | undefined;
  warnings: readonly ReadWarning[];
}

const libraries = z.record(z.string(), z.string().nullable());

/**
 * The part of a run record that `bench --baseline` adds: which of the two builds is the baseline, and its library
 * versions.
 */
const baselineRecord = z.object({
  baseline: z.object({ build: z.string(), environment: z.looseObject({ libraries }).optional() }),
});

/**
 * The baseline, followed by the sides that are compared with it: the first file and the others, or the builds of a
 * single file. Throws a UserError where a single file has one build, or one of several files has more.
 */
export function splitSides(files: readonly ResultFileContent[]): [RecordedRows, ...RecordedRows[]] {
  const [first, ...others] = files;
  if (!first) throw new UserError("Name the CSVs to compare: the one before, then the one after.");
  return others.length === 0 ? buildSides(first) : [allRows(first), ...others.map(allRows)];
}

/**
 * All rows of a file as one side. Throws a UserError where the file has several builds: their rows are no repeats of
 * one another.
 */
export function allRows(file: ResultFileContent): RecordedRows {
  const [build, ...more] = buildNames(file.rows);
  if (more.length > 0)
    throw new UserError(
      `${file.path} has rows of the builds ${joinWords([build, ...more].map(String))}. Compare these by naming this file alone, or delete the rows of one.`,
    );
  return { ...file, build };
}

function buildSides(file: ResultFileContent): [RecordedRows, ...RecordedRows[]] {
  const { path, rows, record } = file;
  const names = buildNames(rows);
  const recorded = baselineRecord.safeParse(record).data?.baseline;
  const baseline = names.find((name) => name === recorded?.build) ?? names[0];
  const others = names.filter((name) => name !== baseline);
  if (others.length === 0)
    throw new UserError(
      `${path} has rows of one build only (${baseline ?? "without a name"}). Name a second file, or give this one twice with --pair to compare two of its transports.`,
    );
  const side = (build: string | undefined): RecordedRows => ({
    ...file,
    build,
    rows: rows.filter((row) => row.build === build),
  });
  // The record is of the other build's run; only the libraries of the baseline were recorded apart.
  const baselineLibraries = recorded?.build === baseline ? recorded?.environment?.libraries : undefined;
  const ownRecord = record && {
    ...record,
    environment: { ...record.environment, ...(baselineLibraries && { libraries: baselineLibraries }) },
  };
  return [{ ...side(baseline), record: ownRecord }, ...others.map(side)];
}

function buildNames(rows: readonly Row[]): (string | undefined)[] {
  return [...new Set(rows.map(({ build }) => build))];
}
