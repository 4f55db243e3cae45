import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { columns, type Row } from "../model/columns.ts";
import { summaryColumns, type Summary } from "../rows/summary.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } = constants;

/** A CSV of rows or points that is being written. */
export interface ResultFile<R = Row> {
  path: string;
  /** Rows written so far. */
  rows(): number;
  /** Writes rows to the disk, all or none. Throws where that fails; rows that were written before stay. */
  append(...rows: readonly R[]): void;
  /** Closes the file, and removes it where it has no rows. */
  close(): void;
}

/** The path of a file beside a result file, with the same base name: `besideFile("a.csv", ".json")` is `a.json`. */
export function besideFile(path: string, ending: string): string {
  return path.replace(/(\.csv)?$/i, ending);
}

/** True for the path of a CSV beside a result file, such as `a.timeline.csv`. False for a result file. */
export function isSideFile(path: string): boolean {
  return /\.(timeline|summary|search|until)\.csv$/i.test(path); // until: older versions
}

/**
 * The result files among these paths. Side files are passed over, so that a shell pattern such as `*.csv` works. Paths
 * of side files only are returned as they are.
 */
export function withoutSideFiles(paths: readonly string[]): readonly string[] {
  const results = paths.filter((path) => !isSideFile(path));
  return results.length > 0 ? results : paths;
}

/** One line of a CSV: its header, or a row. Default columns: those of a result file. */
export function formatCsvLine<R extends object = Row>(
  row: R | "header",
  known: Record<keyof R, unknown> = columns as never,
): string {
  const names = Object.keys(known) as (keyof R & string)[];
  return cellsLine(row === "header" ? names : names.map((name) => row[name] as string | number | undefined));
}

/** The summaries of a run as a CSV with a header. */
export function summaryCsv(summaries: readonly Summary[]): string {
  const rows = summaries.map((summary) => cellsLine(summaryColumns.map((name) => summary[name])));
  return [cellsLine(summaryColumns), ...rows].join("");
}

function cellsLine(cells: readonly (string | number | undefined)[]): string {
  return stringify([[...cells]], { escape_formulas: true, cast: { number: String } });
}

/**
 * Creates a CSV with its header. Default columns: those of a result file. Throws the error of Node where that fails:
 * EEXIST where the file exists and `overwrite` is not set.
 */
export function createResultFile<R extends object = Row>(
  path: string,
  overwrite: boolean,
  known?: Record<keyof R, unknown>,
): ResultFile<R> {
  const file = openSync(path, O_WRONLY | O_CREAT | O_APPEND | (overwrite ? O_TRUNC : O_EXCL));
  const regular = fstatSync(file).isFile();
  let rows = 0;

  /** Writes a line, or nothing of it where the disk is full. */
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
