import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RunError } from "../../../scenarios/lib/errors.ts";
import { until } from "../../../scenarios/lib/until.ts";
import { parseThresholds } from "../../../results/rows/thresholds.ts";
import { resolveSettings } from "../../../scenarios/definitions/settings.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import type { Environment } from "../../../results/model/environment.ts";
import { prepareBaseline, withBaselineTrials, type OtherBuild } from "./baseline-build.ts";

/** Another version of this project whose build does nothing. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "version-"));
  write("package.json", '{ "name": "transport-bench", "dependencies": {} }');
  write("node_modules/typescript/bin/tsc", "");
  vi.stubEnv("TMPDIR", folder);
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Prepares that version, with this code in place of its bench. */
function prepared(bench: string, signal = new AbortController().signal) {
  write("dist/scripts/bench.js", bench);
  return prepareBaseline(folder, { harness: { commit: null } } as Environment, signal);
}

it("a baseline has the transports that its bench lists, also over TLS where they have it", async () => {
  const list = { transports: [{ name: "ws" }, { name: "udp", noTlsReason: "it has no TLS" }] };
  const build = await prepared(`console.log(${JSON.stringify(JSON.stringify(list))});`);
  expect([...build!.transports]).toEqual(["ws", "ws+tls", "udp"]);
});

it.each([
  ["refuses --format", `console.error("There is no option --format."); process.exitCode = 2;`, /no option --format/],
  ["prints another list", `console.log("Scenarios:");`, /not valid JSON/],
  ["prints JSON that is no list", `console.log("[]");`, /expected object/],
])("a baseline whose bench %s is too old, in one sentence that keeps the cause", async (_, bench, cause) => {
  const error: unknown = await prepared(bench).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({
    message: `Cannot measure against ${folder}: it is older than \`bench --list --format json\`. Name a newer version.`,
    cause: { message: expect.stringMatching(cause) },
  });
});

it("a baseline is undefined, not too old, when its list is aborted", async () => {
  const controller = new AbortController();
  const started = join(folder, "started");
  const bench = `require("fs").writeFileSync(${JSON.stringify(started)}, ""); setInterval(() => {}, 1000);`;
  const running = prepared(bench, controller.signal);
  await until(() => existsSync(started), "its bench is running");
  controller.abort();
  expect(await running).toBeUndefined();
});

it("thresholds are for this build: a trial of the baseline has none, and runs to its end", () => {
  const scenario = { ...scenarios["chat-100"], thresholds: parseThresholds("--threshold", "lost=0") };
  const settings = resolveSettings("chat-100", scenario, { abortOnThreshold: true });
  const other = { record: { ref: "main", build: "old" }, folder, transports: new Set(["ws"]) } as unknown as OtherBuild;
  const trials = withBaselineTrials(other, [{ transport: "ws", repeat: 1, settings }], "new");
  const { thresholds: _thresholds, abortOnThreshold: _abort, ...rest } = settings;
  expect(Object.fromEntries(trials.map((trial) => [trial.build, trial.settings]))).toEqual({
    new: settings,
    old: rest,
  });
});
