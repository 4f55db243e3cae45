import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { besideFile } from "../../../results/files/csv.ts";
import { presentNames } from "../../../results/files/older-version.ts";
import { readResults, readTimeline } from "../../../results/files/read.ts";
import { columns } from "../../../results/model/columns.ts";
import { projectFolder } from "../../../results/model/environment.ts";
import { timelineColumns } from "../../../results/model/timeline.ts";
import { failedRow } from "../../../results/rows/row.ts";
import type { Trial } from "../../../scenarios/definitions/settings.ts";
import { rowKeys } from "../../../scenarios/runner/run-metadata.ts";
import { failureReason, runSubprocess } from "../../../scenarios/system/subprocess.ts";
import type { TrialResult, TrialRunner } from "../run-trials.ts";
import { transportLabel } from "../../../scenarios/transports/load-transport.ts";
import { assertSameCode, rememberCode } from "../same-code.ts";
import { writeTrialFile } from "./trial-file.ts";

/**
 * Runs a trial as a command in the folder of its build. The trial goes there as a JSON file, and its row comes back as
 * a CSV; both are in `scratch`. Two versions of the project have to agree on these files only.
 */
export function runTrialIn(folderOf: (trial: Trial) => string, scratch: string): TrialRunner {
  const reported = new Set<string>();
  return async (trial, context, _previous, signal) => {
    const keys = await rowKeys(trial, context, new Date());
    const [file, out] = [join(scratch, "trial-settings.json"), join(scratch, "trial.csv")];
    for (const ending of [".csv", ".json", ".timeline.csv"]) rmSync(besideFile(out, ending), { force: true });
    const folder = folderOf(trial);
    rememberCode(folder);
    writeTrialFile(file, { ...trial, transport: pathIn(folder, trial.transport) });
    const exit = await runSubprocess(benchCommandIn(folder, ["--trial", file, "--out", out]), folder, signal);
    if (signal.aborted) return undefined;
    assertSameCode(folder, `a trial of ${transportLabel(trial.transport)}`);
    const measured = await readForeign(out).catch(() => undefined);
    if (!measured) return { row: failedRow(keys, failureReason(exit)), points: [] };
    const { row, points, unknown } = measured;
    const unreported = unknown.filter((name) => !reported.has(name));
    for (const name of unreported) reported.add(name);
    if (unreported.length > 0)
      console.log(`Left out of ${keys.build}'s rows, unknown to this version: ${unreported.join(", ")}.`);
    const { run_id, repeat, build } = keys;
    return { row: { ...keys, ...row, run_id, repeat, build }, points: points.map((point) => ({ ...point, run_id })) };
  };
}

/** Command line of the bench in this folder, with the options of Node that this process has. */
export function benchCommandIn(folder: string, args: readonly string[]): string[] {
  return [process.execPath, ...process.execArgv, join(folder, "dist", "scripts", "bench.js"), ...args];
}

/**
 * A transport as another folder of the project names it: a module of this project is the module of the same path there.
 */
export function pathIn(folder: string, transport: string): string {
  const path = relative(projectFolder, transport);
  const isOwn = isAbsolute(transport) && path.split(sep)[0] !== "..";
  return isOwn ? join(folder, path) : transport;
}

/**
 * The row that another version wrote, its points, and the columns that this version does not know. Rejects without a
 * row.
 */
async function readForeign(path: string): Promise<TrialResult & { unknown: string[] }> {
  const unknown = translateColumns(path, columns);
  const timeline = besideFile(path, ".timeline.csv");
  if (existsSync(timeline)) translateColumns(timeline, timelineColumns);
  const { rows } = await readResults(path);
  return { row: rows[0]!, points: await readTimeline(path), unknown };
}

/**
 * Rewrites a CSV with the columns of this version. Former names are replaced, unknown columns are left out and returned.
 * Missing ones have the value that they had before they existed, or are empty.
 */
export function translateColumns(path: string, known: typeof columns | typeof timelineColumns): string[] {
  const [written = [], ...lines]: string[][] = parse(readFileSync(path, "utf8"), { bom: true });
  const header = presentNames(written, known);
  const names = Object.keys(known);
  const positions = names.map((name) => header.indexOf(name));
  const before = Object.values<object>(known).map((column) => ("defaultBefore" in column ? column.defaultBefore : ""));
  const present = lines.map((cells) => positions.map((position, i) => cells[position] ?? before[i]));
  writeFileSync(path, stringify([names, ...present]));
  return header.filter((name) => !names.includes(name));
}
