import { buildName } from "../results/model/environment.ts";
import type { Row } from "../results/model/columns.ts";
import { resultsLegend, resultsTable, summaryLegend, summaryTable } from "../results/text/results-table.ts";
import { unavailableTransports } from "../scenarios/definitions/compatibility.ts";
import { listJson, listText } from "../scenarios/definitions/list-text.ts";
import type { Trial } from "../scenarios/definitions/settings.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { describeRun, newRunContext, type RunContext } from "../scenarios/runner/run-metadata.ts";
import { transportLabel } from "../scenarios/transports/load-transport.ts";
import { compareBuilds, prepareBaseline, withBaselineTrials, type OtherBuild } from "./lib/bench/baseline-build.ts";
import { benchCommand, selectedTransports, type BenchFlags } from "./lib/bench/options.ts";
import { planRun, type RunPlan } from "./lib/bench/run-plan.ts";
import { searchAll } from "./lib/bench/search-command.ts";
import { readTrialFile } from "./lib/bench/trial-file.ts";
import { exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { nextCommand } from "./lib/next-command.ts";
import { defaultPath, openOutput, statOf, type ResultFiles } from "./lib/result-files.ts";
import { runTrials } from "./lib/run-trials.ts";
import { writeSummary } from "./lib/summary-file.ts";

await main(async () => {
  const parsed = benchCommand.parse().opts<BenchFlags>();
  const flags = { ...parsed, transports: selectedTransports(parsed) };
  if (flags.list) {
    const unavailable = await unavailableTransports();
    console.log(flags.format === "json" ? JSON.stringify(listJson(unavailable), undefined, 2) : listText(unavailable));
    return exitCodes.done;
  }
  if (flags.trial !== undefined) return bench(planOf(readTrialFile(userPath(flags.trial))), flags);
  const scenario = flags.scenario ?? defaultScenario();
  if (scenario === undefined) {
    benchCommand.outputHelp();
    throw new UserError("Name the scenario: --scenario NAME.");
  }
  return bench(await planRun(flags, scenario), flags);
});

/** The scenario where only transports are named; undefined where they are not either. */
function defaultScenario(): string | undefined {
  return benchCommand.getOptionValueSource("transports") === "cli" ? "chat-100" : undefined;
}

/** A run of one trial that another version of the project has resolved. */
function planOf(trial: Trial): RunPlan {
  return { scenario: trial.settings.scenario, trials: [trial], search: undefined, variesPayload: false };
}

/** The run, top to bottom. Returns the exit code. */
async function bench(plan: RunPlan, flags: BenchFlags): Promise<number> {
  const context = newRunContext();
  const signal = interruption();
  const baseline =
    flags.baseline === undefined ? undefined : await prepareBaseline(flags.baseline, context.environment, signal);
  if (signal.aborted) return exitCodes.interrupted;
  const trials = baseline ? withBaselineTrials(baseline, plan.trials, buildName(context.environment)) : plan.trials;

  const path = flags.out === undefined ? defaultPath(context.runId, plan.scenario) : userPath(flags.out);
  const record = await describeRun(context, process.argv.slice(2), trials, baseline?.record);
  const files = openOutput(path, record, flags.force ?? false);
  try {
    if (plan.search)
      return await searchAll(plan.search, flags.transports, context, files, signal, flags.force ?? false);
    const rows = await measure({ ...plan, trials }, flags, context, files, signal, baseline);
    printSummary(rows, path, flags.force ?? false);
    if (signal.aborted) return exitCodes.interrupted;
    return verdict(rows, flags, baseline && (() => compareBuilds(path, flags.maxRegression)));
  } finally {
    if (statOf(files.path)?.isFile()) console.log(`\n${nextCommand(files.path)}`);
  }
}

/** Runs the trials one after the other. Each row is on the disk before the next trial starts. */
async function measure(
  { trials, variesPayload }: RunPlan,
  { repeat }: BenchFlags,
  context: RunContext,
  files: ResultFiles,
  signal: AbortSignal,
  baseline?: OtherBuild,
): Promise<Row[]> {
  const rows: Row[] = [];
  const queued = trials.map((trial) => ({
    label: labelOf(trial, { repeats: repeat, variesPayload, baseline }),
    trial,
    ...(baseline && { run: baseline.runTrial }),
  }));
  try {
    await runTrials(queued, context, files, signal, rows);
  } finally {
    files.close();
    if (rows.length > 0)
      console.log(`\n${resultsTable(rows)}\n\n${resultsLegend}\nRows: ${rows.length} in ${files.path}`);
  }
  return rows;
}

function printSummary(rows: readonly Row[], path: string, force: boolean): void {
  const summaryPath = writeSummary(path, rows, force);
  if (summaryPath) console.log(`\n${summaryTable(rows)}\n\n${summaryLegend}\nSummary: ${summaryPath}`);
}

/**
 * The exit code of a finished run: a failed row counts more than a regression, a regression more than a suspect row.
 */
function verdict(rows: readonly Row[], { strict }: BenchFlags, compare?: () => number): number {
  if (compare) console.log("");
  const compared = compare?.() ?? exitCodes.done;
  if (rows.some(({ status }) => status === "failed")) return exitCodes.rowFailed;
  if (compared !== exitCodes.done) return compared;
  const unsure = rows.some(({ status }) => status === "invalid" || (strict && status === "suspect"));
  return unsure ? exitCodes.rowSuspect : exitCodes.done;
}

/** Label of a trial that distinguishes it from the other trials of the run. */
function labelOf(
  { transport, repeat, build, settings }: Trial,
  { repeats, variesPayload, baseline }: { repeats: number; variesPayload: boolean; baseline: OtherBuild | undefined },
): string {
  const payload = variesPayload ? ` ${settings.payloadBytes} B ${settings.payloadKind}` : "";
  const ofRepeat = repeats === 1 ? "" : ` #${repeat}`;
  const ofBuild = baseline && build === baseline.record.build ? ` (${baseline.record.ref})` : "";
  return `${transportLabel(transport)}${payload}${ofRepeat}${ofBuild}`;
}
