import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import type { Row } from "../../results/model/columns.ts";
import { besideFile, summaryCsv } from "../../results/files/csv.ts";
import { summarise } from "../../results/rows/summary.ts";
import { errorMessage, RunError } from "../../scenarios/lib/errors.ts";

/**
 * Writes the summary of a run beside its CSV, as `<base>.summary.csv`, and returns its path; undefined where nothing was repeated. With
 * `force` it replaces one that is there, or removes it where there is nothing to summarise, so that none of an older run stays. Throws
 * a RunError where it cannot be written; the CSV is not touched.
 */
export function writeSummary(path: string, rows: readonly Row[], force: boolean): string | undefined {
  const summaries = summarise(rows);
  const repeated = summaries.some(({ repeats = 0 }) => repeats > 1);
  return writeBeside(path, ".summary.csv", repeated ? summaryCsv(summaries) : undefined, force);
}

/**
 * Writes what sums up a run beside its CSV, with another ending, and returns its path; undefined where there is nothing to write, and
 * with `force` one of an older run is removed then. Throws a RunError where it cannot be written; the CSV is not touched.
 */
export function writeBeside(path: string, ending: string, text: string | undefined, force: boolean) {
  const file = besideFile(path, ending);
  try {
    if (text !== undefined) return write(file, text, force);
    if (force) rmSync(file, { force: true });
    return undefined;
  } catch (error) {
    const there = (error as NodeJS.ErrnoException).code === "EEXIST";
    const why = there ? "it is already there and --force was not given" : errorMessage(error);
    throw new RunError(`Cannot write the summary ${file}: ${why}. Every row is in ${path}.`, { cause: error });
  }
}

/** Half a summary is worse than none; one that could not even be opened stays as it is. */
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
