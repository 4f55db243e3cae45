import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { columns } from "../../../results/model/columns.ts";
import { besideFile } from "../../../results/files/csv.ts";
import { presentNames } from "../../../results/files/older-version.ts";
import { projectFolder } from "../../../results/model/environment.ts";
import { readResults, readTimeline } from "../../../results/files/read.ts";
import { failedRow } from "../../../results/rows/row.ts";
import { timelineColumns } from "../../../results/model/timeline.ts";
import { rowKeys } from "../../../scenarios/runner/run-metadata.ts";
import { scenarioNamed, scenarios } from "../../../scenarios/scenarios.ts";
import { preciseByDefault, type Trial } from "../../../scenarios/definitions/settings.ts";
import { failureReason, runSubprocess } from "../../../scenarios/system/subprocess.ts";
import type { TrialRunner, TrialResult } from "../run-trials.ts";

/**
 * An attempt that runs a trial as a command in the folder of its build; what passes between the two is written to `scratch`. The command
 * line and the files are all that two versions of the project have to agree on.
 */
export function runTrialIn(folderOf: (trial: Trial) => string, scratch: string): TrialRunner {
  const told = new Set<string>();
  return async (trial, place, _taken, signal) => {
    const keys = await rowKeys(trial, place, new Date());
    const out = join(scratch, "trial.csv");
    for (const ending of [".csv", ".json", ".timeline.csv"]) rmSync(besideFile(out, ending), { force: true });
    const folder = folderOf(trial);
    const ended = await runSubprocess(runBenchIn(folder, argumentsFor(trial, folder, out)), folder, signal);
    if (signal.aborted) return undefined;
    const measured = await readForeign(out).catch(() => undefined);
    if (!measured) return { row: failedRow(keys, failureReason(ended)), points: [] };
    const { row, points, unknown } = measured;
    const news = unknown.filter((name) => !told.has(name));
    for (const name of news) told.add(name);
    if (news.length > 0) console.log(`Left out of ${keys.build}'s rows, unknown to this version: ${news.join(", ")}.`);
    const { run_id, repeat, build } = keys;
    return { row: { ...keys, ...row, run_id, repeat, build }, points: points.map((point) => ({ ...point, run_id })) };
  };
}

/** The bench of the version in this folder as a command line, with the options of Node that this process was given. */
export function runBenchIn(folder: string, args: readonly string[]): string[] {
  return [process.execPath, ...process.execArgv, join(folder, "dist", "scripts", "bench.js"), ...args];
}

/**
 * What to tell a bench for it to run just this trial. Every number is given, so that two versions do the same whatever their scenarios
 * say; only a warm-up that goes on until it is steady is left to the scenario, which no option can ask for.
 */
export function argumentsFor({ transport, settings }: Trial, folder: string, out: string): string[] {
  const { warmupMs, maxWarmupMs, ratePerS, extraHeaderBytes } = settings;
  const options: Record<string, string | number> = {
    "--scenario": settings.file ?? settings.scenario,
    "--transports": pathIn(folder, transport),
    "--repeat": 1,
    "--seed": settings.seed,
    ...(settings.trace ? { "--speed": settings.trace.speed } : numbersOf(settings)),
    "--workers": settings.workers,
    ...(!settings.trace && ratePerS > 0 && { "--rate": ratePerS }),
    ...(warmupMs === maxWarmupMs && { "--warmup": `${warmupMs}ms` }),
    ...(extraHeaderBytes > 0 && { "--extra-header-bytes": extraHeaderBytes }),
    "--out": out,
  };
  // A version without these options spins as we would by default; where something else was asked for it has to refuse.
  const precise = settings.precise === preciseByDefault(settings) ? [] : [`--${settings.precise ? "" : "no-"}precise`];
  return [...Object.entries(options).flatMap(([name, value]) => [name, String(value)]), ...precise];
}

/** What a trace says itself. A version without --payload-kind sends what the scenario does, so it is given only where that is not said. */
function numbersOf({ scenario, file, clients, payloadBytes, payloadKind, durationMs }: Trial["settings"]) {
  const usual =
    file === undefined && Object.hasOwn(scenarios, scenario) ? scenarioNamed(scenario).payloadKind : undefined;
  return {
    "--clients": clients,
    "--payload-bytes": payloadBytes,
    ...(payloadKind !== usual && { "--payload-kind": payloadKind }),
    "--duration": `${durationMs}ms`,
  };
}

/** A transport as it is named in another folder of the project: a module of this project is the other's own of the same path. */
export function pathIn(folder: string, transport: string): string {
  const path = relative(projectFolder, transport);
  const ours = isAbsolute(transport) && path.split(sep)[0] !== "..";
  return ours ? join(folder, path) : transport;
}

/** The one row that another version wrote, with its points, and the columns that this one does not know. Rejects where there is none. */
async function readForeign(path: string): Promise<TrialResult & { unknown: string[] }> {
  const unknown = translatePath(path, columns);
  const timeline = besideFile(path, ".timeline.csv");
  if (existsSync(timeline)) translatePath(timeline, timelineColumns);
  const { rows } = await readResults(path);
  return { row: rows[0]!, points: await readTimeline(path), unknown };
}

/** Gives a CSV the columns that this version has: missing ones are empty, and those that it does not know are left out and returned. */
export function translatePath(path: string, known: typeof columns | typeof timelineColumns): string[] {
  const [written = [], ...lines]: string[][] = parse(readFileSync(path, "utf8"), { bom: true });
  const header = presentNames(written, known);
  const names = Object.keys(known);
  const places = names.map((name) => header.indexOf(name));
  writeFileSync(path, stringify([names, ...lines.map((cells) => places.map((place) => cells[place] ?? ""))]));
  return header.filter((name) => !names.includes(name));
}
