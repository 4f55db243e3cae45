import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { columns } from "../../../results/model/columns.ts";
import { formatCsvLine } from "../../../results/files/csv.ts";
import { projectFolder } from "../../../results/model/environment.ts";
import { testKeys, testMeasurement } from "../../../results/testing/measurement.ts";
import { readResults } from "../../../results/files/read.ts";
import { buildRow } from "../../../results/rows/row.ts";
import type { RunContext } from "../../../scenarios/runner/run-metadata.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import { loadScenario } from "../../../scenarios/definitions/scenario-file.ts";
import { resolveSettings, type SettingsOverrides, type Trial } from "../../../scenarios/definitions/settings.ts";
import { loadTrace } from "../../../scenarios/definitions/trace.ts";
import { withBaselineTrials, type OtherBuild } from "./baseline-build.ts";
import { pathIn, runTrialIn, translateColumns } from "./run-in-build.ts";
import { readTrialFile, writeTrialFile } from "./trial-file.ts";
import { failureReason } from "../../../scenarios/system/subprocess.ts";

const sound = buildRow(testKeys, testMeasurement());
const trialOf = (scenario: keyof typeof scenarios, changes: SettingsOverrides = {}, transport = "ws"): Trial => ({
  transport,
  repeat: 1,
  settings: resolveSettings(scenario, scenarios[scenario], changes),
});

describe("a trial file", () => {
  it("is read with the same settings as it was written", () => {
    const folder = mkdtempSync(join(tmpdir(), "trial-"));
    const path = join(folder, "trial.json");
    const trial = trialOf("chat-1k", { seed: 7, workers: 2, ratePerS: 2.5, payloadKind: "binary" });
    writeTrialFile(path, { ...trial, build: "theirs" });
    expect(readTrialFile(path)).toEqual(trial);
    rmSync(folder, { recursive: true });
  });

  it("keeps the trace that the trial replays", () => {
    const folder = mkdtempSync(join(tmpdir(), "trial-"));
    const [recorded, path] = [join(folder, "talk.csv"), join(folder, "trial.json")];
    writeFileSync(recorded, "time,room,sender,text\n0,a,ann,hello\n0.5,a,bob,hi\n2,b,cy,good morning to all\n");
    const { name, file, scenario } = loadScenario(recorded, 2.5, (user) => user);
    const settings = { ...resolveSettings(name, scenario, { seed: 3 }), file: file! };
    const trial: Trial = { transport: "tcp", repeat: 2, settings };
    writeTrialFile(path, trial);
    const read = readTrialFile(path);
    expect(read).toEqual(trial);
    expect(read.settings.trace).toMatchObject({ path: recorded, speed: 2.5, listeners: 0 });
    expect(loadTrace(read.settings)).toEqual(loadTrace(settings));
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["nonsense", /^--trial: cannot read .*trial\.json: /],
    ["[]", /is not a trial: it is missing or of another kind\.$/],
    ['{ "transport": "ws", "repeat": 1, "settings": {} }', /settings\.scenario is missing or of another kind\.$/],
  ])("with the content %s is refused with one sentence", (text, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), "trial-"));
    writeFileSync(join(folder, "trial.json"), text);
    expect(() => readTrialFile(join(folder, "trial.json"))).toThrow(sentence);
    rmSync(folder, { recursive: true });
  });

  it("names a module of this project by its path in the other folder, and keeps every other name", () => {
    expect(pathIn("/other", join(projectFolder, "dist", "mine.js"))).toBe(join("/other", "dist", "mine.js"));
    expect(pathIn("/other", join(tmpdir(), "mine.js"))).toBe(join(tmpdir(), "mine.js"));
    expect(pathIn("/other", "ws")).toBe("ws");
  });
});

describe("rows that another version wrote", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "elsewhere-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are read when that version lacks some columns and has an unknown one", async () => {
    const path = join(folder, "x.csv");
    const old = Object.fromEntries(Object.entries(columns).filter(([name]) => !/^(build|client|lost)$/.test(name)));
    const [names, cells] = [
      formatCsvLine("header", old as typeof columns),
      formatCsvLine(sound, old as typeof columns),
    ];
    writeFileSync(path, `${names.trim()},colour\n${cells.trim()},"light, ""blue"""\n`);
    expect(translateColumns(path, columns)).toEqual(["colour"]);
    const { build: _build, client: _client, lost: _lost, reasons: _reasons, rules: _rules, ...rest } = sound;
    const { rows } = await readResults(path);
    expect(rows).toEqual([expect.objectContaining(rest)]);
    for (const name of ["build", "client", "lost"]) expect(rows[0]).not.toHaveProperty(name);
  });

  it("stay the same bytes when that version has the same columns", () => {
    const path = join(folder, "x.csv");
    const text =
      formatCsvLine("header") + formatCsvLine({ ...sound, reasons: '=a "formula", quoted', status: "suspect" });
    writeFileSync(path, text);
    expect(translateColumns(path, columns)).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

describe("a trial that runs in another folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "elsewhere-"));
    mkdirSync(join(folder, "dist", "scripts"), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a trial in the folder, whose bench is replaced by this code. Resolves with the result of the trial. */
  const measured = (code: string, signal = new AbortController().signal) => {
    writeFileSync(join(folder, "dist", "scripts", "bench.js"), code);
    const place = { runId: "mine", environment: { harness: { commit: null } } } as RunContext;
    const trial = { ...trialOf("echo"), repeat: 3, build: "theirs" };
    return runTrialIn(() => folder, folder)(trial, place, [], signal, () => undefined);
  };

  it("has the measured values of that folder's bench, and the run id and build of this run", async () => {
    const text = JSON.stringify(formatCsvLine("header") + formatCsvLine({ ...sound, status: "valid" }));
    const found = await measured(
      `require("fs").writeFileSync(process.argv[process.argv.indexOf("--out") + 1], ${text})`,
    );
    const { reasons: _reasons, rules: _rules, ...rest } = sound;
    expect(found!.row).toMatchObject({ ...rest, run_id: "mine", repeat: 3, build: "theirs" });
  });

  it.each([
    [`console.error("No such option."); process.exitCode = 2;`, /^No such option\.$/],
    [`process.kill(process.pid, "SIGKILL");`, /^it was killed by SIGKILL$/],
    [`require("fs").writeFileSync(process.argv.at(-1), "status\\n"); throw new Error("Gone.");`, /^Error: Gone\.$/],
  ])("is a failed row if that bench only runs %s", async (code, error) => {
    const { row: failed, points } = (await measured(code))!;
    expect(failed).toMatchObject({ status: "failed", transport: "ws", repeat: 3, build: "theirs", run_id: "mine" });
    expect(failed.error).toMatch(error);
    expect(points).toEqual([]);
  });

  it("has no result after it was aborted", async () => {
    const controller = new AbortController();
    const running = measured("setInterval(() => {}, 1000);", controller.signal);
    controller.abort();
    expect(await running).toBeUndefined();
  });
});

describe("the trials of a comparison with another version", () => {
  const other = (...names: string[]): OtherBuild => ({
    record: { ref: "v1", build: "theirs", environment: {} as never },
    folder: "/no/such/folder",
    transports: new Set(names),
    runTrial: () => Promise.resolve(undefined),
  });
  const both = [trialOf("echo", {}, "ws"), trialOf("echo", {}, "tcp")];

  it("are those of both versions, without transports that the other version lacks", () => {
    const named = (...names: string[]): string[] =>
      withBaselineTrials(other(...names), both, "ours").map(({ transport, build }) => `${transport} ${build}`);
    expect(named("ws", "tcp").toSorted()).toEqual(["tcp ours", "tcp theirs", "ws ours", "ws theirs"]);
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    expect(named("tcp").toSorted()).toEqual(["tcp ours", "tcp theirs", "ws ours"]);
    expect(log.mock.calls).toEqual([["v1 has no ws: measured in this version only."]]);
    log.mockRestore();
  });

  it("are refused where both versions have no transport in common", () => {
    expect(() => withBaselineTrials(other(), both, "ours")).toThrow(/^v1 has no ws, tcp: .*\.$/);
    const module = trialOf("echo", {}, join(projectFolder, "dist", "scripts", "bench.js"));
    expect(() => withBaselineTrials(other(), [module], "ours")).toThrow(/^v1 has no bench: /);
  });
});

it.each([
  ["a\nThe last line.\n", "out", "The last line."],
  [
    "npm error code E404\nnpm error 404 Not Found - x\nnpm error A complete log of this",
    "",
    "npm error 404 Not Found - x",
  ],
  ["", "x.ts(1,1): error TS1: no\n", "x.ts(1,1): error TS1: no"],
  ["", "", "it printed nothing"],
])("the reason of a failed command that printed %j to stderr and %j to stdout is: %j", (err, out, reason) => {
  expect(failureReason({ code: 1, out, err })).toBe(reason);
});
