import { closeSync, openSync } from "node:fs";
import { UserError } from "../../scenarios/lib/errors.ts";
import { columns, columnsFor, type Row } from "../model/columns.ts";
import { timelineColumns, type TimelinePoint } from "../model/timeline.ts";
import { besideFile, isSideFile } from "./csv.ts";
import { readTable } from "./read-table.ts";
import type { ReadWarning } from "./read-warnings.ts";
import { readRunRecord, type RunRecord } from "./run-record.ts";

/** The content of a result file. */
export interface ResultFileContent {
  path: string;
  rows: Row[];
  /** The record of the run beside the CSV; undefined where it is missing or not readable. */
  record: RunRecord | undefined;
  warnings: ReadWarning[];
}

/** Most rows of a file that is read. No run by hand has more. */
const mostRows = 100_000;

/**
 * Reads a result file and the record beside it. An incomplete last line, a missing measured column and an unreadable
 * record are warnings. Throws a UserError where the file cannot be read, has no rows or more than 100,000, has an
 * unknown column, or lacks a column that pairs rows or says whether to trust them.
 */
export async function readResults(path: string): Promise<ResultFileContent> {
  if (isSideFile(path))
    throw new UserError(
      `${path} is a side file of a run and has no trial rows. Name the CSV of the run, ${path.replace(/\.\w+\.csv$/, ".csv")}.`,
    );
  const warnings: ReadWarning[] = [];
  const rows = await readTable<Row>(path, { columns, required: columnsFor("match", "outcome"), mostRows }, warnings);
  if (rows.length === 0)
    throw new UserError(`${path} has no rows: the run ended before its first trial did. Run it again.`);
  return { path, rows, record: readRunRecord(besideFile(path, ".json"), warnings), warnings };
}

/**
 * Reads the timeline beside a result file: one point a second of each trial, none without such a file. Throws as
 * `readResults` does.
 */
export async function readTimeline(path: string): Promise<TimelinePoint[]> {
  const file = besideFile(path, ".timeline.csv");
  try {
    closeSync(openSync(file, "r"));
  } catch {
    return [];
  }
  return readTable<TimelinePoint>(file, { columns: timelineColumns, required: [], mostRows: 20 * mostRows }, []);
}
