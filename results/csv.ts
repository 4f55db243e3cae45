import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { columns, type Row } from "./columns.ts";
import { summaryColumns, type Summary } from "./summary.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } = constants;

/** A result file that is being written. */
export interface ResultFile {
  path: string;
  /** Rows written so far. */
  rows(): number;
  /** Writes one row through to the disk. Throws where that fails; rows written before stay. */
  append(row: Row): void;
  /** Closes the file; one without rows is removed. */
  close(): void;
}

/** The header line, or one row, as the CSV has it. */
export function csvLine(row: Row | "header"): string {
  const names = Object.keys(columns) as (keyof Row)[];
  return lineOf(row === "header" ? names : names.map((name) => row[name]));
}

/** The summaries of a run as a CSV of their own, header included. */
export function summaryCsv(summaries: readonly Summary[]): string {
  const rows = summaries.map((summary) => lineOf(summaryColumns.map((name) => summary[name])));
  return [lineOf(summaryColumns), ...rows].join("");
}

function lineOf(cells: readonly (string | number | undefined)[]): string {
  return stringify([[...cells]], { escape_formulas: true, cast: { number: String } });
}

/** Creates a result file with its header. Throws Node's error where it cannot, EEXIST where it is there and `overwrite` is not set. */
export function createResultFile(path: string, overwrite: boolean): ResultFile {
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
    writeLine(csvLine("header"));
  } catch (error) {
    close();
    throw error;
  }
  return {
    path,
    rows: () => rows,
    append(row) {
      writeLine(csvLine(row));
      rows++;
    },
    close,
  };
}
