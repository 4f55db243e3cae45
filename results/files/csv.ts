import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { columns, type Row } from "../model/columns.ts";
import { summaryColumns, type Summary } from "../rows/summary.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } = constants;

/** A CSV that is being written, of rows or of points. */
export interface ResultFile<R = Row> {
  path: string;
  /** Rows written so far. */
  rows(): number;
  /** Writes rows through to the disk, all or none. Throws where that fails; rows written before stay. */
  append(...rows: readonly R[]): void;
  /** Closes the file; one without rows is removed. */
  close(): void;
}

/** A file beside a result file, with the same base name: `beside("a.csv", ".json")` is `a.json`. */
export function besideFile(path: string, ending: string): string {
  return path.replace(/(\.csv)?$/, ending);
}

/** Whether a file was written beside a result file, such as `a.timeline.csv`, and is none itself. */
export function isSideFile(path: string): boolean {
  return /\.(timeline|summary|until|search)\.csv$/.test(path);
}

/** The header line, or one row, as the CSV with these columns has it. */
export function formatCsvLine<R extends object = Row>(
  row: R | "header",
  known: Record<keyof R, unknown> = columns as never,
): string {
  const names = Object.keys(known) as (keyof R & string)[];
  return lineOf(row === "header" ? names : names.map((name) => row[name] as string | number | undefined));
}

/** The summaries of a run as a CSV of their own, header included. */
export function summaryCsv(summaries: readonly Summary[]): string {
  const rows = summaries.map((summary) => lineOf(summaryColumns.map((name) => summary[name])));
  return [lineOf(summaryColumns), ...rows].join("");
}

function lineOf(cells: readonly (string | number | undefined)[]): string {
  return stringify([[...cells]], { escape_formulas: true, cast: { number: String } });
}

/** Creates a result file with its header, of rows unless other columns are given. Throws Node's error where it cannot, EEXIST where it is there and `overwrite` is not set. */
export function createResultFile<R extends object = Row>(
  path: string,
  overwrite: boolean,
  known?: Record<keyof R, unknown>,
): ResultFile<R> {
  const file = openSync(path, O_WRONLY | O_CREAT | O_APPEND | (overwrite ? O_TRUNC : O_EXCL));
  const regular = fstatSync(file).isFile();
  let rows = 0;

  /** A line that does not fit on the disk leaves no half of itself behind. */
  function writeLine(line: string): void {
    const before = fstatSync(file).size;
    try {
      writeFileSync(file, line);
      if (regular) fsyncSync(file);
    } catch (error) {
      if (regular) ftruncateSync(file, before);
      throw error;
    }
  }

  function close(): void {
    closeSync(file);
    if (rows === 0 && regular) rmSync(path, { force: true });
  }

  try {
    writeLine(formatCsvLine<R>("header", known));
  } catch (error) {
    close();
    throw error;
  }
  return {
    path,
    rows: () => rows,
    append(...added) {
      if (added.length > 0) writeLine(added.map((row) => formatCsvLine(row, known)).join(""));
      rows += added.length;
    },
    close,
  };
}
