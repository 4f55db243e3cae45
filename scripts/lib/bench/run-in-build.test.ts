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
import { resolveSettings, type SettingsOverrides, type Trial } from "../../../scenarios/definitions/settings.ts";
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

describe("a trial as data", () => {
  it("is read as it was written, with every setting resolved", () => {
    const folder = mkdtempSync(join(tmpdir(), "trial-"));
    const path = join(folder, "trial.json");
    const trial = trialOf("chat-1k", { seed: 7, workers: 2, ratePerS: 2.5, payloadKind: "binary" });
    writeTrialFile(path, { ...trial, build: "theirs" });
    expect(readTrialFile(path)).toEqual(trial);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["nonsense", /^--trial: cannot read .*trial\.json: /],
    ["[]", /is not a trial: it is missing or of another kind\.$/],
    ['{ "transport": "ws", "repeat": 1, "settings": {} }', /settings\.scenario is missing or of another kind\.$/],
  ])("a file that holds %s is refused with one sentence", (text, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), "trial-"));
    writeFileSync(join(folder, "trial.json"), text);
    expect(() => readTrialFile(join(folder, "trial.json"))).toThrow(sentence);
    rmSync(folder, { recursive: true });
  });

  it("names a module of this project as the other's own, and leaves any other as it is", () => {
    expect(pathIn("/other", join(projectFolder, "dist", "mine.js"))).toBe(join("/other", "dist", "mine.js"));
    expect(pathIn("/other", join(tmpdir(), "mine.js"))).toBe(join(tmpdir(), "mine.js"));
    expect(pathIn("/other", "ws")).toBe("ws");
  });
});

describe("rows of another version", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "elsewhere-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are read where it has fewer columns and others", async () => {
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

  it("stay to the byte what they are where it has the same columns", () => {
    const path = join(folder, "x.csv");
    const text =
      formatCsvLine("header") + formatCsvLine({ ...sound, reasons: '=a "formula", quoted', status: "suspect" });
    writeFileSync(path, text);
    expect(translateColumns(path, columns)).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

describe("a trial that is run in another folder", () => {
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

  it("has the numbers that it wrote, and the names of this run", async () => {
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
  ])("is a failed row where all it does is %s", async (code, error) => {
    const { row: failed, points } = (await measured(code))!;
    expect(failed).toMatchObject({ status: "failed", transport: "ws", repeat: 3, build: "theirs", run_id: "mine" });
    expect(failed.error).toMatch(error);
    expect(points).toEqual([]);
  });

  it("is none where it was called off", async () => {
    const call = new AbortController();
    const running = measured("setInterval(() => {}, 1000);", call.signal);
    call.abort();
    expect(await running).toBeUndefined();
  });
});

describe("trials against another version", () => {
  const other = (...names: string[]): OtherBuild => ({
    record: { ref: "v1", build: "theirs", environment: {} as never },
    folder: "/no/such/folder",
    transports: new Set(names),
    runTrial: () => Promise.resolve(undefined),
  });
  const both = [trialOf("echo", {}, "ws"), trialOf("echo", {}, "tcp")];

  it("are those of both, without what the other does not have", () => {
    const named = (...names: string[]): string[] =>
      withBaselineTrials(other(...names), both, "ours").map(({ transport, build }) => `${transport} ${build}`);
    expect(named("ws", "tcp").toSorted()).toEqual(["tcp ours", "tcp theirs", "ws ours", "ws theirs"]);
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    expect(named("tcp").toSorted()).toEqual(["tcp ours", "tcp theirs", "ws ours"]);
    expect(log.mock.calls).toEqual([["v1 has no ws: measured in this version only."]]);
    log.mockRestore();
  });

  it("are the user's mistake where there is nothing to compare", () => {
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
])("a command that failed with %j and %j says why: %j", (err, out, reason) => {
  expect(failureReason({ code: 1, out, err })).toBe(reason);
});
