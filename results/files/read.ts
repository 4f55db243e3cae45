import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { UserError } from "../../scenarios/lib/errors.ts";
import { columns, columnsFor, type Row } from "../model/columns.ts";
import { isWholeHistogram } from "../statistics/histogram.ts";
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
const mostRows = 20_000;

/** Cells that a spreadsheet keeps have at most as many characters. */
const longestSpreadsheetCell = 32_767;

/** Checks of text columns: what is wrong with a text, and what to do. */
const checks = {
  started_at: (text: string) =>
    text === "" || /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)
      ? undefined
      : "is a time that a spreadsheet has changed. Use the file that npm run bench wrote.",
  transport: (text: string) => (text === "" ? "is empty. Correct or delete the line." : undefined),
  status: (text: string) =>
    /^(valid|suspect|invalid|failed)$/.test(text)
      ? undefined
      : "is neither valid, suspect, invalid nor failed. Correct or delete the line.",
  latency_histogram(text: string) {
    if (text === "" || isWholeHistogram(text)) return undefined;
    const why =
      text.length >= longestSpreadsheetCell
        ? `ends after ${text.length.toLocaleString("en")} characters, where a spreadsheet has cut it`
        : "is damaged";
    return `${why}. Use the file that npm run bench wrote, or empty this cell to do without the latency curve.`;
  },
};

/**
 * Reads a result file and the record beside it. An incomplete last line, a row that is there twice, a missing measured
 * column and a record that cannot be read or is of another run are warnings. Throws a UserError where the file cannot be
 * read, has no rows or more than 20,000, has an unknown column, or lacks a column that pairs rows or says whether to
 * trust them.
 */
export async function readResults(path: string): Promise<ResultFileContent> {
  if (isSideFile(path))
    throw new UserError(
      `${path} is a side file of a run and has no trial rows. Name the CSV of the run, ${path.replace(/\.\w+\.csv$/, ".csv")}.`,
    );
  const warnings: ReadWarning[] = [];
  const format = { columns, required: columnsFor("match", "outcome"), mostRows, checks };
  const rows = withoutRepeated(path, await readTable<Row>(path, format, warnings), warnings);
  if (rows.length === 0)
    throw new UserError(`${path} has no rows: the run ended before its first trial did. Run it again.`);
  return { path, rows, record: readRunRecord(besideFile(path, ".json"), rows, warnings), warnings };
}

/**
 * Rows without those that are equal to an earlier one in every cell. Files that were joined have such rows. Two trials
 * never have them, because each has its own start.
 */
function withoutRepeated(path: string, rows: readonly Row[], warnings: ReadWarning[]): Row[] {
  const seen = new Set<string>();
  const different = rows.filter((row) => {
    if (row.started_at === undefined) return true;
    const digest = createHash("sha256").update(JSON.stringify(row)).digest("base64");
    return seen.size < seen.add(digest).size;
  });
  const repeated = rows.length - different.length;
  if (repeated > 0)
    warnings.push({
      id: "repeated",
      path,
      detail: repeated === 1 ? "one row" : `${repeated.toLocaleString("en")} rows`,
    });
  return different;
}

/**
 * Reads the timeline beside a result file: one point a second of each trial, none without such a file. Throws as
 * `readResults` does.
 */
export async function readTimeline(path: string): Promise<TimelinePoint[]> {
  const file = besideFile(path, ".timeline.csv");
  if (!existsSync(file)) return [];
  return readTable<TimelinePoint>(file, { columns: timelineColumns, required: [], mostRows: 100 * mostRows }, []);
}
