import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Row } from "../../results/model/columns.ts";
import { besideFile, createResultFile, formatCsvLine, type ResultFile } from "../../results/files/csv.ts";
import { timelineColumns, type TimelinePoint } from "../../results/model/timeline.ts";
import { errorMessage, UserError } from "../../scenarios/lib/errors.ts";
import { userPath } from "./cli.ts";

/** The files of a run: a CSV and, beside it, a JSON record and a timeline with the same base name. */
export interface ResultFiles {
  /** The CSV: the one that the user named, or after a failed `append` the one that has the rows instead. */
  readonly path: string;
  /**
   * Writes one row and the timeline points of its trial to the disk. Where that fails, all rows go to a file in the
   * folder for temporary files, or else to standard error, and a UserError ends the run.
   */
  append(row: Row, points: readonly TimelinePoint[]): void;
  /** Adds to a list of the record, which is written anew. */
  note(list: string, entry: object): void;
  /** Closes the files, and removes them where there is no row. */
  close(): void;
}

/** Endings of the files that a run can write beside its CSV when it ends. */
const lateEndings = [".summary.csv", ".search.csv"];

/**
 * Creates the files. Throws a UserError where they, or those that follow at the end of the run, cannot be written, or
 * exist and `force` is not set.
 */
export function openOutput(path: string, record: object, force: boolean): ResultFiles {
  for (const late of lateEndings.map((ending) => besideFile(path, ending))) assertFree(late, force);
  const file = open(() => createResultFile(path, force), path);
  const [json, timePath] = [besideFile(path, ".json"), besideFile(path, ".timeline.csv")];
  let timeline: ResultFile<TimelinePoint>;
  try {
    open(() => writeFileSync(json, recordText(record)), json);
    timeline = open(() => createResultFile<TimelinePoint>(timePath, force, timelineColumns), timePath);
  } catch (error) {
    file.close();
    rmSync(json, { force: true });
    throw error;
  }
  const [sameFile, samePoints] = [inPlace(path), inPlace(timePath)];
  const written: Row[] = [];
  const noted: Record<string, object[]> = {};
  let kept: string | undefined;
  return {
    get path() {
      return kept ?? path;
    },
    append(row, points) {
      written.push(row);
      try {
        if (!sameFile() || !samePoints()) throw new Error("the file was removed or replaced during the run");
        file.append(row);
        timeline.append(...points);
      } catch (error) {
        kept = keepElsewhere(path, record, written);
        const place = kept ?? "printed above";
        throw new UserError(
          `Cannot write to ${path}: ${reasonOf(error)}. The run ends here. Its rows so far: ${place}.`,
          { cause: error },
        );
      }
    },
    note(list, entry) {
      noted[list] = [...(noted[list] ?? []), entry];
      if (kept === undefined) writeFileSync(json, recordText({ ...record, ...noted }));
    },
    close() {
      file.close();
      timeline.close();
      if (file.rows() === 0) rmSync(json, { force: true });
    },
  };
}

function recordText(record: object): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** A function that tells whether the file that is at a path now is still there. */
function inPlace(path: string): () => boolean {
  const identity = (): string | undefined => {
    const found = statOf(path);
    return found && `${found.dev} ${found.ino}`;
  };
  const first = identity();
  return () => identity() === first;
}

/**
 * Writes rows and the record of their run to the folder for temporary files, and returns the path of the CSV. Where
 * that fails, the rows are printed to standard error.
 */
function keepElsewhere(path: string, record: object, rows: readonly Row[]): string | undefined {
  const text = [formatCsvLine("header"), ...rows.map((row) => formatCsvLine(row))].join("");
  try {
    const kept = join(mkdtempSync(join(tmpdir(), "transport-bench-")), basename(path));
    writeFileSync(kept, text);
    writeFileSync(besideFile(kept, ".json"), recordText(record));
    return kept;
  } catch {
    process.stderr.write(text);
    return undefined;
  }
}

/** Creates a CSV with other columns than a result file. Throws a UserError as `openOutput` does. */
export function openTable<R extends object>(path: string, force: boolean, known: Record<keyof R, unknown>) {
  return open(() => createResultFile<R>(path, force, known), path);
}

/** The default path for the CSV of a run. Its folder is created. Throws a UserError where that is not possible. */
export function defaultPath(runId: string, scenario: string): string {
  const folder = userPath("results/runs");
  makeFolder(folder, "--out");
  return join(folder, `${runId}-${scenario}.csv`);
}

/** Makes a folder and those above it, where they are missing. Throws a UserError where that is not possible. */
export function makeFolder(folder: string, option: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const isFile = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw cannotWrite(folder, option, isFile ? { code: "ENOTDIR" } : error);
  }
}

function open<T>(create: () => T, path: string, option = "--out"): T {
  try {
    return create();
  } catch (error) {
    throw cannotWrite(path, option, error);
  }
}

/** Reason by the error code of Node, and the remedy where there is one beside another path. */
const reasons: Record<string, readonly [reason: string, remedy?: string]> = {
  EEXIST: ["it already exists", "overwrite it with --force, or"],
  ENOENT: ["its folder does not exist", "create it, or"],
  ENOTDIR: ["a file is where a folder must be"],
  EISDIR: ["it is a folder"],
  EACCES: ["permission denied"],
  EPERM: ["permission denied"],
  EROFS: ["its folder is read-only"],
  ENOSPC: ["the disk is full", "free some space, or"],
  EDQUOT: ["the disk quota is used up", "free some space, or"],
  ENAMETOOLONG: ["its name is too long"],
  ELOOP: ["its path is a circle of links"],
  EIO: ["the disk has an error"],
};

/** What is at a path; undefined where nothing is, or nothing can be. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Why a file cannot be written, as a clause. */
export function reasonOf(error: unknown): string {
  const [reason] = reasons[(error as NodeJS.ErrnoException).code ?? ""] ?? [errorMessage(error)];
  return reason;
}

/** Throws a UserError where a file exists and must not be overwritten, or cannot be. */
export function assertFree(path: string, force: boolean, option = "--out"): void {
  const found = statOf(path);
  if (found && (!force || found.isDirectory())) throw cannotWrite(path, option, { code: "EEXIST" });
}

/**
 * Writes a text file. Throws a UserError where it cannot be written, or exists and `force` is not set. `option` is the
 * command line option that chose the path.
 */
export function writeText(path: string, text: string, force = false, option = "--out"): void {
  open(() => writeFileSync(path, text, { flag: force ? "w" : "wx" }), path, option);
}

function cannotWrite(path: string, option: string, error: unknown): UserError {
  const found = statOf(path);
  // An exclusive open of a folder reports EEXIST, and --force would not help there.
  const shown = found?.isDirectory() && (error as NodeJS.ErrnoException).code === "EEXIST" ? { code: "EISDIR" } : error;
  const [, remedy] = reasons[(shown as NodeJS.ErrnoException).code ?? ""] ?? [];
  const what = remedy === undefined ? "" : ` ${remedy}`;
  return new UserError(`Cannot write ${path}: ${reasonOf(shown)}:${what} choose another ${option}.`, { cause: error });
}
