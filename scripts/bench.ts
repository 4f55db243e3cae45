import { basename } from "node:path";
import { buildName, gitRefusal, projectFolder } from "../results/model/environment.ts";
import type { Row } from "../results/model/columns.ts";
import { checkThresholds } from "../results/compare/threshold-gate.ts";
import { isAborted } from "../results/rows/row.ts";
import { resultsLegend, resultsTable, summaryLegend, summaryTable } from "../results/text/results-table.ts";
import { unavailableTransports } from "../scenarios/definitions/compatibility.ts";
import { listJson, listText } from "../scenarios/definitions/list-text.ts";
import { configurationsOf } from "../scenarios/definitions/proxy-plan.ts";
import { loopbackName } from "../scenarios/definitions/network.ts";
import type { Settings, Trial } from "../scenarios/definitions/settings.ts";
import { findBroker } from "../scenarios/hosts/broker-address.ts";
import { ownBuild } from "../scenarios/hosts/description.ts";
import { openGang } from "../scenarios/hosts/gang.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { gangText } from "./lib/agents-text.ts";
import { wrapText } from "../results/text/text-table.ts";
import { describeRun, newRunContext, type RunContext } from "../scenarios/runner/run-metadata.ts";
import { compareBuilds, prepareBaseline, withBaselineTrials, type OtherBuild } from "./lib/bench/baseline-build.ts";
import { benchCommand, gateOptions, selectedTransports, type BenchFlags } from "./lib/bench/options.ts";
import { explainTarget } from "./lib/bench/explain.ts";
import { planRun, type RunPlan } from "./lib/bench/run-plan.ts";
import { searchAll } from "./lib/bench/search-command.ts";
import { chooseSubjects, subjectLabel } from "./lib/bench/subjects.ts";
import { readTrialFile } from "./lib/bench/trial-file.ts";
import { exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { firstCode, reportGate } from "./lib/gate-result.ts";
import { openLive } from "./lib/live/open-live.ts";
import type { LiveRun } from "./lib/live/live-run.ts";
import { nextCommand } from "./lib/next-command.ts";
import { defaultPath, openOutput, statOf, type ResultFiles } from "./lib/result-files.ts";
import { runTrials } from "./lib/run-trials.ts";
import { writeSummary } from "./lib/summary-file.ts";

await main(async () => {
  const parsed = benchCommand.parse().opts<BenchFlags>();
  const namesTransports = benchCommand.getOptionValueSource("transports") === "cli";
  const flags = { ...parsed, namesTransports, transports: selectedTransports(parsed), gate: gateOptions(parsed) };
  if (flags.list) {
    const unavailable = await unavailableTransports();
    console.log(flags.format === "json" ? JSON.stringify(listJson(unavailable), undefined, 2) : listText(unavailable));
    return exitCodes.done;
  }
  if (flags.trial !== undefined) return bench(planOf(readTrialFile(userPath(flags.trial))), flags);
  if (flags.explain && flags.through === undefined) return explain(flags);
  const scenario = flags.scenario ?? defaultScenario(flags);
  if (scenario === undefined) {
    benchCommand.outputHelp();
    throw new UserError("Name the scenario: --scenario NAME.");
  }
  if (flags.agents !== undefined) return withAgents(flags, flags.agents, scenario);
  const plan = await planRun(flags, scenario);
  if (flags.explain) return explainProxies(plan);
  const replay = replayText(plan.trials[0]!.settings);
  if (replay !== undefined) console.log(replay);
  return bench(plan, flags);
});

/** The run on agents. They are given back at its end, whatever that is. */
async function withAgents(flags: CheckedFlags, agents: number, scenario: string): Promise<number> {
  const context = newRunContext();
  const signal = interruption();
  const file = flags.brokerFile === undefined ? undefined : userPath(flags.brokerFile);
  const own = { ...ownBuild(), mixedNode: flags.mixedNode ?? false };
  const gang = await openGang(
    findBroker(file),
    { run: context.runId, agents, waitMs: flags.agentsWait ?? 30_000, own },
    signal,
  );
  try {
    console.log(wrapText(gangText(gang)));
    return await bench(await planRun(flags, scenario, gang), flags, { ...context, gang }, signal);
  } finally {
    await gang.close();
  }
}

/** What each trial replays, and how long that takes; undefined without a trace. */
function replayText({ trace, clients, durationMs, ratePerS }: Settings): string | undefined {
  if (!trace) return undefined;
  const seconds = (durationMs / 1000).toLocaleString("en", { maximumFractionDigits: 1 });
  return `${basename(trace.path)} takes ${seconds} s at speed ${trace.speed}: ${clients} ${clients === 1 ? "client" : "clients"}, ${Number(ratePerS.toPrecision(3))} messages/s.`;
}

/** The scenario where only transports or a target are named; undefined where they are not either. */
function defaultScenario({ namesTransports, through, target, dialect }: BenchFlags): string | undefined {
  return namesTransports || through !== undefined || target !== undefined || dialect !== undefined
    ? "chat-100"
    : undefined;
}

/** Shows one visit to a target. */
async function explain(flags: BenchFlags): Promise<number> {
  const [subject] = await chooseSubjects(flags);
  if (!subject?.target) throw new UserError("--explain visits a server of your own: name it with --target URL.");
  console.log(await explainTarget(subject.transport, subject.target, process.argv.slice(2)));
  return exitCodes.done;
}

/** Shows the configuration of each proxy. */
async function explainProxies({ trials }: RunPlan): Promise<number> {
  const configurations = Object.entries(await configurationsOf(trials));
  console.log(configurations.map(([title, text]) => `# ${title}\n\n${text}`).join("\n"));
  return exitCodes.done;
}

/** A run of one trial that another version of the project has resolved. */
function planOf(trial: Trial): RunPlan {
  const { scenario, thresholds = [] } = trial.settings;
  return {
    scenario,
    trials: [trial],
    subjects: [],
    search: undefined,
    variesPayload: false,
    variesNetwork: false,
    variesProxy: false,
    thresholds,
  };
}

/** Flags with the options of the comparison that decides about a run with a baseline. */
type CheckedFlags = BenchFlags & { gate: string[] };

/** The run, top to bottom. Returns the exit code. */
async function bench(
  plan: RunPlan,
  flags: CheckedFlags,
  context = newRunContext(),
  signal = interruption(),
): Promise<number> {
  const refusal = gitRefusal(projectFolder);
  if (refusal?.repository) console.error(`Rows name no commit (build "unknown"): ${refusal.reason}.`);
  const live = await openLive(flags.live, context.runId, plan.scenario);
  try {
    return await benchTrials(plan, flags, context, signal, live);
  } finally {
    live?.close();
  }
}

/** The trials of a run, and what they come to. */
async function benchTrials(
  plan: RunPlan,
  flags: CheckedFlags,
  context: RunContext,
  signal: AbortSignal,
  live: LiveRun | undefined,
): Promise<number> {
  const baseline =
    flags.baseline === undefined ? undefined : await prepareBaseline(flags.baseline, context.environment, signal);
  if (signal.aborted) return exitCodes.interrupted;
  const trials = baseline ? withBaselineTrials(baseline, plan.trials, buildName(context.environment)) : plan.trials;

  const path = flags.out === undefined ? defaultPath(context.runId, plan.scenario) : userPath(flags.out);
  const record = await describeRun(context, process.argv.slice(2), trials, baseline?.record);
  const files = openOutput(path, record, flags.force ?? false);
  live?.plan(trials, plan.search !== undefined);
  try {
    if (plan.search)
      return await searchAll(plan.search, plan.subjects, context, files, signal, flags.force ?? false, live);
    const rows = await measure({ ...plan, trials }, flags, context, files, signal, baseline, live);
    printSummary(rows, path, flags.force ?? false);
    return signal.aborted ? exitCodes.interrupted : judge(rows, plan, flags, path, baseline);
  } finally {
    const written = statOf(files.path)?.isFile();
    if (written) console.log(`\n${nextCommand(files.path)}`);
    await live?.finish(written ? files.path : undefined, signal);
  }
}

/** Runs the trials one after the other. Each row is on the disk before the next trial starts. */
async function measure(
  { trials, ...varies }: RunPlan,
  { repeat }: BenchFlags,
  context: RunContext,
  files: ResultFiles,
  signal: AbortSignal,
  baseline?: OtherBuild,
  live?: LiveRun,
): Promise<Row[]> {
  const rows: Row[] = [];
  const queued = trials.map((trial) => ({
    label: labelOf(trial, { ...varies, repeats: repeat, baseline }),
    trial,
    ...(baseline && { run: baseline.runTrial }),
  }));
  try {
    await runTrials(queued, context, files, signal, rows, live);
  } finally {
    files.close();
    if (rows.length > 0)
      console.log(`\n${resultsTable(rows)}\n\n${resultsLegend(rows)}\nRows: ${rows.length} in ${files.path}`);
  }
  return rows;
}

function printSummary(rows: readonly Row[], path: string, force: boolean): void {
  const summaryPath = writeSummary(path, rows, force);
  if (summaryPath) console.log(`\n${summaryTable(rows)}\n\n${summaryLegend}\nSummary: ${summaryPath}`);
}

/** The exit code of a finished run: of the comparison with the baseline, the thresholds and each row. */
function judge(
  rows: readonly Row[],
  { thresholds }: RunPlan,
  flags: CheckedFlags,
  path: string,
  baseline: OtherBuild | undefined,
): number {
  if (baseline) console.log("");
  const compared = baseline ? compareBuilds(path, flags.gate) : exitCodes.done;
  const ofThisBuild = rows.filter(({ build }) => build !== baseline?.record.build);
  return firstCode([
    compared,
    reportGate(checkThresholds(ofThisBuild, thresholds), {
      exceeded: exitCodes.thresholdExceeded,
      unnoticed: "a broken threshold",
      allowUndecided: flags.allowUndecided,
    }),
    ...rows.map((row) => codeOf(row, flags)),
  ]);
}

/** The exit code that a row alone would give. */
function codeOf(row: Row, { strict }: BenchFlags): number {
  if (isAborted(row)) return exitCodes.thresholdExceeded;
  if (row.status === "failed") return exitCodes.rowFailed;
  return row.status === "invalid" || (strict && row.status === "suspect") ? exitCodes.rowSuspect : exitCodes.done;
}

/** Label of a trial that distinguishes it from the other trials of the run. */
function labelOf(
  trial: Trial,
  {
    repeats,
    variesPayload,
    variesNetwork,
    variesProxy,
    baseline,
  }: Pick<RunPlan, "variesPayload" | "variesNetwork" | "variesProxy"> & {
    repeats: number;
    baseline: OtherBuild | undefined;
  },
): string {
  const { repeat, build, settings } = trial;
  const payload = variesPayload ? ` ${settings.payloadBytes} B ${settings.payloadKind}` : "";
  const network = variesNetwork ? ` ${settings.network?.title ?? loopbackName}` : "";
  const proxy = variesProxy ? (settings.through ? ` through ${settings.through}` : " directly") : "";
  const ofRepeat = repeats === 1 ? "" : ` #${repeat}`;
  const ofBuild = baseline && build === baseline.record.build ? ` (${baseline.record.ref})` : "";
  return `${subjectLabel(trial)}${network}${proxy}${payload}${ofRepeat}${ofBuild}`;
}
