import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { allRows } from "../results/compare/baseline.ts";
import { compare } from "../results/compare/compare.ts";
import { settingsDiff } from "../results/compare/settings-diff.ts";
import { readNoiseFloor } from "../results/compare/noise-floor.ts";
import { besideFile, createResultFile, isSideFile } from "../results/files/csv.ts";
import { readResults, readTimeline } from "../results/files/read.ts";
import { projectFolder } from "../results/model/environment.ts";
import { groupRepeats } from "../results/rows/summary.ts";
import { resolveSettings, type Settings, type Trial } from "../scenarios/definitions/settings.ts";
import { trafficPatternOf } from "../scenarios/definitions/traffic-pattern.ts";
import { describeRun, newRunContext } from "../scenarios/runner/run-metadata.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { readSearchCsv } from "./lib/bench/search-results.ts";

/** Runs of older versions, which are not rewritten when a name changes. */
const reference = join(projectFolder, "results", "reference");
const all = (readdirSync(reference, { recursive: true }) as string[]).filter((name) => name.endsWith(".csv"));
const runs = all.filter((name) => !isSideFile(name));

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "reference-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** The record that a run of these trials has today. */
async function recordToday(trials: readonly object[]) {
  const planned = (trials as Trial[]).map((trial) => ({ ...trial, settings: settingsToday(trial.settings) }));
  return JSON.parse(JSON.stringify(await describeRun(newRunContext(), [], planned)));
}

function settingsToday({ scenario, clients, ratePerS, workers, through }: Settings): Settings {
  return resolveSettings(scenario, scenarioNamed(scenario), {
    clients,
    ratePerS,
    workers,
    ...(through && { through }),
  });
}

describe.each(runs)("the reference run %s", (name) => {
  const path = join(reference, name);

  it("is read with its record and its timeline, and its age is the only warning", async () => {
    const { rows, record, warnings } = await readResults(path);
    expect(rows.length).toBeGreaterThan(0);
    expect(record?.trials.length).toBeGreaterThan(0);
    expect(warnings.filter(({ id }) => id !== "older")).toEqual([]);
    const hasTimeline = all.includes(besideFile(name, ".timeline.csv"));
    expect((await readTimeline(path)).length > 0).toBe(hasTimeline);
  });

  it("has the same names of scenarios, settings and options as a new run", async () => {
    const { rows, record } = await readResults(path);
    const differences = settingsDiff(record!, await recordToday(record!.trials), []);
    expect(differences.filter((sentence) => /not (set|known) (before|after)/.test(sentence))).toEqual([]);
    const patterns = record!.trials.map(({ settings }) => trafficPatternOf(settings as unknown as Settings));
    expect(new Set(rows.map((row) => row.traffic_pattern))).toEqual(new Set(patterns));
  });

  it("equals the same rows in the present format: all rows that did not fail are paired, and no setting differs", async () => {
    const read = await readResults(path);
    const older = { ...read, rows: read.rows.filter(({ status }) => status !== "failed") };
    const rewritten = join(folder, "today.csv");
    const file = createResultFile(rewritten, false);
    file.append(...older.rows.map((row) => ({ ...row, run_id: "another run" })));
    file.close();
    const record = { ...older.record!, run_id: "another run" };
    writeFileSync(besideFile(rewritten, ".json"), JSON.stringify(record));
    const newer = await readResults(rewritten);
    expect(newer.warnings).toEqual([]);
    const options = { renames: [], noiseFloor: readNoiseFloor() };
    const { pairs, unpaired, warnings } = compare(allRows(older), allRows(newer), options);
    expect([pairs.length, unpaired]).toEqual([groupRepeats(older.rows).length, []]);
    expect(warnings.filter((warning) => /setting|option/i.test(warning))).toEqual([]);
  });
});

it("reads a search file of an older version, with its bottleneck", () => {
  const text = readFileSync(join(reference, "capacity.search.csv"), "utf8");
  const older = join(folder, "older.until.csv");
  writeFileSync(older, text.replace("missed_bottleneck", "missed_limited_by"));
  expect(readSearchCsv(older)).toEqual(readSearchCsv(join(reference, "capacity.search.csv")));
  expect(readSearchCsv(older).map((each) => each.missed_bottleneck)).toContain("workers");
});
