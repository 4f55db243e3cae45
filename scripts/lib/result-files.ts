import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../results/model/columns.ts";
import { besideFile, createResultFile, formatCsvLine, type ResultFile } from "../../results/files/csv.ts";
import { timelineColumns, type TimelinePoint } from "../../results/model/timeline.ts";
import { errorMessage, RunError, UserError } from "../../scenarios/lib/errors.ts";
import { userPath } from "./cli.ts";

/** The files of a run: a CSV and, beside it, a JSON record and a timeline with the same base name. */
export interface ResultFiles {
  path: string;
  /**
   * Writes one row and the timeline points of its trial to the disk. Where that fails, the row is printed to standard
   * error and a RunError ends the run.
   */
  append(row: Row, points: readonly TimelinePoint[]): void;
  /** Closes the files, and removes them where there is no row. */
  close(): void;
}

/** Creates the files. Throws a UserError where they cannot be written, or exist and `force` is not set. */
export function openOutput(path: string, record: object, force: boolean): ResultFiles {
  const file = open(() => createResultFile(path, force), path);
  const [json, timePath] = [besideFile(path, ".json"), besideFile(path, ".timeline.csv")];
  let timeline: ResultFile<TimelinePoint>;
  try {
    open(() => writeFileSync(json, `${JSON.stringify(record, undefined, 2)}\n`), json);
    timeline = open(() => createResultFile<TimelinePoint>(timePath, force, timelineColumns), timePath);
  } catch (error) {
    file.close();
    rmSync(json, { force: true });
    throw error;
  }
  return {
    path,
    append(row, points) {
      try {
        file.append(row);
        timeline.append(...points);
      } catch (error) {
        process.stderr.write(`${formatCsvLine("header")}${formatCsvLine(row)}`);
        throw new RunError(
          `Cannot write to ${path}: ${errorMessage(error)}. The row that was not written is printed above. The run ends.`,
        );
      }
    },
    close() {
      file.close();
      timeline.close();
      if (file.rows() === 0) rmSync(json, { force: true });
    },
  };
}

/** Creates a CSV with other columns than a result file. Throws a UserError as `openOutput` does. */
export function openTable<R extends object>(path: string, force: boolean, known: Record<keyof R, unknown>) {
  return open(() => createResultFile<R>(path, force, known), path);
}

/** The default path for the CSV of a run. Its folder is created. */
export function defaultPath(runId: string, scenario: string): string {
  const folder = userPath("results/runs");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${runId}-${scenario}.csv`);
}

function open<T>(create: () => T, path: string, option = "--out"): T {
  try {
    return create();
  } catch (error) {
    throw cannotWrite(path, option, error);
  }
}

/** Problem and remedy by the error code of Node. "choose another --out" follows. */
const remedies: Record<string, string> = {
  EEXIST: "it already exists: overwrite it with --force, or",
  ENOENT: "its folder does not exist: create it, or",
  EISDIR: "it is a folder:",
  EACCES: "permission denied:",
  ENOSPC: "the disk is full: free some space, or",
};

/**
 * Writes a text file. Throws a UserError where it cannot be written, or exists and `force` is not set. `option` is the
 * command line option that chose the path.
 */
export function writeText(path: string, text: string, force = false, option = "--out"): void {
  open(() => writeFileSync(path, text, { flag: force ? "w" : "wx" }), path, option);
}

function cannotWrite(path: string, option: string, error: unknown): UserError {
  const { code: reported = "", message } = error as NodeJS.ErrnoException;
  // An exclusive open of a folder reports EEXIST, and --force would not help there.
  const code = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? "EISDIR" : reported;
  return new UserError(`Cannot write ${path}: ${remedies[code] ?? `${message}:`} choose another ${option}.`, {
    cause: error,
  });
}
