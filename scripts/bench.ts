import type { Row } from "../results/model/columns.ts";
import { buildName } from "../results/model/environment.ts";
import { resultsLegend, summaryLegend, summaryTable, resultsTable } from "../results/text/results-table.ts";
import { assertSupports, unavailableTransports } from "../scenarios/definitions/compatibility.ts";
import { authority } from "../scenarios/lib/addresses.ts";
import { listText } from "../scenarios/definitions/list-text.ts";
import { describeRun, newRunContext } from "../scenarios/runner/run-metadata.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { findLimits } from "../scenarios/system/limits.ts";
import { planProcesses, type ProcessCounts } from "../scenarios/capacity/process-plan.ts";
import { loadScenario, type LoadedScenario } from "../scenarios/definitions/scenario-file.ts";
import { payloadVariants, planTrials, resolveSettings, type Trial } from "../scenarios/definitions/settings.ts";
import { checkTarget } from "../scenarios/runner/check-target.ts";
import { compareBuilds, prepareBaseline, withBaselineTrials, type OtherBuild } from "./lib/bench/baseline-build.ts";
import { exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import {
  selectedTransports,
  benchCommand,
  overridesFrom,
  rejectTraceOverrides,
  type BenchFlags,
} from "./lib/bench/options.ts";
import { defaultPath, openOutput } from "./lib/result-files.ts";
import { runTrials } from "./lib/run-trials.ts";
import { writeSummary } from "./lib/summary-file.ts";
import { searchRequest, searchAll } from "./lib/bench/search-command.ts";
import { loadTransport, transportLabel } from "../scenarios/transports/load-transport.ts";

await main(async () => {
  const given = benchCommand.parse().opts<BenchFlags>();
  const flags = { ...given, transports: selectedTransports(given) };
  if (flags.list) {
    console.log(listText(await unavailableTransports()));
    return exitCodes.done;
  }
  const { scenario = atAGlance() } = flags;
  if (scenario === undefined) {
    benchCommand.outputHelp();
    throw new UserError("Say what the clients do: --scenario NAME.");
  }
  return bench(flags, scenario);
});

/** What is played where only transports are named; undefined where they are not, either. */
function atAGlance(): string | undefined {
  return benchCommand.getOptionValueSource("transports") === "cli" ? "chat-100" : undefined;
}

/** The run, top to bottom. Returns the exit code. */
async function bench(flags: BenchFlags, given: string): Promise<number> {
  if (flags.maxRegression !== undefined && flags.baseline === undefined)
    throw new UserError(`--max-regression "${flags.maxRegression}" is for a comparison: give --baseline, too.`);
  const found = loadScenario(given, flags.speed, userPath);
  rejectTraceOverrides(found.scenario, flags);
  const { file } = found;
  const changed = payloadVariants(found.scenario, flags).map((payload) => ({
    ...overridesFrom(flags),
    ...(file !== undefined && { file }),
    ...payload,
  }));
  const each = changed.map((one) => resolveSettings(found.name, found.scenario, one));
  const settings = each[0]!;
  if (!settings.idleCycles && Math.round((settings.ratePerS * settings.durationMs) / 1000) === 0)
    throw new UserError(`Not one message would be due: raise --rate ${settings.ratePerS}, or make --duration longer.`);
  if (flags.slo && each.length > 1)
    throw new UserError(
      "--slo searches with one payload: give one size to --payload-bytes and one kind to --payload-kind.",
    );
  const asked = searchRequest(flags, found.scenario, settings, changed[0]!);
  for (const name of flags.transports)
    for (const one of each) await assertSupports(name, await loadTransport(name), one);
  const target = flags.target && (await checkTarget(theOne(flags), flags.target, settings));
  const processes = await processesOf(flags, found, settings.clients);
  const planned = each
    .flatMap((one) => planTrials(flags.transports, one, flags.repeat))
    .map((trial) => ({
      ...trial,
      settings: { ...trial.settings, ...processes.get(trial.transport) },
      ...(target && { target }),
    }));

  const place = newRunContext();
  const signal = interruption();
  const other =
    flags.baseline === undefined ? undefined : await prepareBaseline(flags.baseline, place.environment, signal);
  if (signal.aborted) return exitCodes.interrupted;
  const trials = other ? withBaselineTrials(other, planned, buildName(place.environment)) : planned;

  const path = flags.out === undefined ? defaultPath(place.runId, found.name) : userPath(flags.out);
  const output = openOutput(
    path,
    await describeRun(place, process.argv.slice(2), trials, other?.record),
    flags.force ?? false,
  );
  if (asked) return searchAll(asked, flags.transports, place, output, signal, flags.force ?? false);

  const rows: Row[] = [];
  try {
    const attempt = other && { run: other.attempt };
    const jobs = trials.map((trial) => ({ label: label(trial, flags, each.length > 1, other), trial, ...attempt }));
    await runTrials(jobs, place, output, signal, rows);
  } finally {
    output.close();
    if (rows.length > 0) console.log(`\n${resultsTable(rows)}\n\n${resultsLegend}\nRows: ${rows.length} in ${path}`);
  }
  const summaryPath = writeSummary(path, rows, flags.force ?? false);
  if (summaryPath) console.log(`\n${summaryTable(rows)}\n\n${summaryLegend}\nSummary: ${summaryPath}`);

  if (signal.aborted) return exitCodes.interrupted;
  if (other) console.log("");
  const compared = other ? compareBuilds(path, flags.maxRegression) : exitCodes.done;
  if (rows.some(({ status }) => status === "failed")) return exitCodes.rowFailed;
  if (compared !== exitCodes.done) return compared;
  const doubtful = rows.some(({ status }) => status === "invalid" || (flags.strict && status === "suspect"));
  return doubtful ? exitCodes.rowDoubtful : exitCodes.done;
}

/** The transport of the server that is driven. */
function theOne({ transports, target }: BenchFlags): string {
  const [name, ...others] = transports;
  if (name !== undefined && others.length === 0) return name;
  throw new UserError(`The server at ${authority(target!)} speaks one transport: say which, --transports ws.`);
}

/** The processes that each transport's trials take. */
async function processesOf(
  flags: BenchFlags,
  { name: scenario, scenario: of }: LoadedScenario,
  clients: number,
): Promise<Map<string, ProcessCounts>> {
  const limits = findLimits();
  const settled = (many: number) => resolveSettings(scenario, of, { ...overridesFrom(flags), clients: many });
  const found = flags.transports.map(async (name): Promise<[string, ProcessCounts]> => {
    const transport = await loadTransport(name);
    const { workers, target } = flags;
    const ask = {
      label: transportLabel(name),
      transport,
      settingsFor: settled,
      workers,
      targeted: target !== undefined,
    };
    return [name, planProcesses(ask, clients, limits)];
  });
  return new Map(await Promise.all(found));
}

function label(
  { transport, repeat, build, settings }: Trial,
  { repeat: repeats }: BenchFlags,
  sizes: boolean,
  other?: OtherBuild,
): string {
  const name = `${transportLabel(transport)}${sizes ? ` ${settings.payloadBytes} B ${settings.payloadKind}` : ""}`;
  const whose = other && build === other.record.build ? ` (${other.record.ref})` : "";
  return repeats === 1 ? `${name}${whose}` : `${name} #${repeat}${whose}`;
}
