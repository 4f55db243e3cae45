import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import type { Row } from "../../results/model/columns.ts";
import { besideFile, summaryCsv } from "../../results/files/csv.ts";
import { summarise } from "../../results/rows/summary.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import { reasonOf } from "./result-files.ts";

/**
 * Writes the summary of a run beside its CSV, as `<base>.summary.csv`, and returns its path. Returns undefined where
 * nothing was repeated. Writes as `writeBeside` does.
 */
export function writeSummary(path: string, rows: readonly Row[], force: boolean): string | undefined {
  const summaries = summarise(rows);
  const repeated = summaries.some(({ repeats = 0 }) => repeats > 1);
  return writeBeside(path, ".summary.csv", repeated ? summaryCsv(summaries) : undefined, force);
}

/**
 * Writes a text beside the CSV of a run, with another ending, and returns its path. `force` replaces the file of an
 * older run; without a text it removes that file. Throws a UserError where the file cannot be written; the CSV is not
 * touched.
 */
export function writeBeside(path: string, ending: string, text: string | undefined, force: boolean) {
  const file = besideFile(path, ending);
  try {
    if (text !== undefined) return write(file, text, force);
    if (force) rmSync(file, { force: true });
    return undefined;
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    const why = exists ? "it already exists and --force was not given" : reasonOf(error);
    throw new UserError(`Cannot write the summary ${file}: ${why}. Every row is in ${path}.`, { cause: error });
  }
}

/** A file that is written in part is removed. A file that could not be opened stays unchanged. */
function write(path: string, text: string, force: boolean): string {
  const file = openSync(path, force ? "w" : "wx");
  try {
    writeFileSync(file, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return path;
}
