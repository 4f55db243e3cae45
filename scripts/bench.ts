import type { Row } from "../results/model/columns.ts";
import { buildName } from "../results/model/environment.ts";
import { legend, summaryLegend, summaryTable, table } from "../results/text/results-table.ts";
import { checkAble, unavailableHere } from "../scenarios/definitions/compatibility.ts";
import { authority } from "../scenarios/lib/addresses.ts";
import { catalogue } from "../scenarios/definitions/list-text.ts";
import { describeRun, placeNow } from "../scenarios/runner/run-metadata.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { findLimits } from "../scenarios/system/limits.ts";
import { processesFor, type Processes } from "../scenarios/capacity/process-plan.ts";
import { findScenario, type Found } from "../scenarios/definitions/scenario-file.ts";
import { payloadsOf, planTrials, settle, type Trial } from "../scenarios/definitions/settings.ts";
import { checkTarget } from "../scenarios/runner/check-target.ts";
import { loadTransport, transportLabel } from "../scenarios/transports.ts";
import { compareBuilds, otherBuild, trialsAgainst, type Other } from "./lib/bench/baseline-build.ts";
import { exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { askedTransports, benchCommand, changes, checkTrace, type Flags } from "./lib/bench/options.ts";
import { defaultPath, openOutput } from "./lib/result-files.ts";
import { runSeries } from "./lib/run-trials.ts";
import { writeSummary } from "./lib/summary-file.ts";
import { askedFor, searchAll } from "./lib/bench/search-command.ts";

await main(async () => {
  const given = benchCommand.parse().opts<Flags>();
  const flags = { ...given, transports: askedTransports(given) };
  if (flags.list) {
    console.log(catalogue(await unavailableHere()));
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
async function bench(flags: Flags, given: string): Promise<number> {
  if (flags.failOver !== undefined && flags.against === undefined)
    throw new UserError(`--fail-over "${flags.failOver}" is for a comparison: give --against, too.`);
  const found = findScenario(given, flags.speed, userPath);
  checkTrace(found.scenario, flags);
  const { file } = found;
  const changed = payloadsOf(found.scenario, flags).map((payload) => ({
    ...changes(flags),
    ...(file !== undefined && { file }),
    ...payload,
  }));
  const each = changed.map((one) => settle(found.name, found.scenario, one));
  const settings = each[0]!;
  if (!settings.idleCycles && Math.round((settings.offeredPerS * settings.durationMs) / 1000) === 0)
    throw new UserError(
      `Not one message would be due: raise --rate ${settings.offeredPerS}, or make --duration longer.`,
    );
  if (flags.until && each.length > 1)
    throw new UserError(
      "--until searches with one payload: give one size to --payload-bytes and one kind to --payload-kind.",
    );
  const asked = askedFor(flags, found.scenario, settings, changed[0]!);
  for (const name of flags.transports) for (const one of each) await checkAble(name, await loadTransport(name), one);
  const target = flags.target && (await checkTarget(theOne(flags), flags.target, settings));
  const processes = await processesOf(flags, found, settings.clients);
  const planned = each
    .flatMap((one) => planTrials(flags.transports, one, flags.repeat))
    .map((trial) => ({
      ...trial,
      settings: { ...trial.settings, ...processes.get(trial.transport) },
      ...(target && { target }),
    }));

  const place = placeNow();
  const signal = interruption();
  const other = flags.against === undefined ? undefined : await otherBuild(flags.against, place.environment, signal);
  if (signal.aborted) return exitCodes.interrupted;
  const trials = other ? trialsAgainst(other, planned, buildName(place.environment)) : planned;

  const path = flags.out === undefined ? defaultPath(place.runId, found.name) : userPath(flags.out);
  const output = openOutput(
    path,
    await describeRun(place, process.argv.slice(2), trials, other?.record),
    flags.force ?? false,
  );
  if (asked) return searchAll(asked, flags.transports, place, output, signal, flags.force ?? false);

  const rows: Row[] = [];
  try {
    const attempt = other && { attempt: other.attempt };
    const jobs = trials.map((trial) => ({ label: label(trial, flags, each.length > 1, other), trial, ...attempt }));
    await runSeries(jobs, place, output, signal, rows);
  } finally {
    output.close();
    if (rows.length > 0) console.log(`\n${table(rows)}\n\n${legend}\nRows: ${rows.length} in ${path}`);
  }
  const summaryPath = writeSummary(path, rows, flags.force ?? false);
  if (summaryPath) console.log(`\n${summaryTable(rows)}\n\n${summaryLegend}\nSummary: ${summaryPath}`);

  if (signal.aborted) return exitCodes.interrupted;
  if (other) console.log("");
  const compared = other ? compareBuilds(path, flags.failOver) : exitCodes.done;
  if (rows.some(({ status }) => status === "failed")) return exitCodes.rowFailed;
  if (compared !== exitCodes.done) return compared;
  const doubtful = rows.some(({ status }) => status === "invalid" || (flags.strict && status === "suspect"));
  return doubtful ? exitCodes.rowDoubtful : exitCodes.done;
}

/** The transport of the server that is driven. */
function theOne({ transports, target }: Flags): string {
  const [name, ...others] = transports;
  if (name !== undefined && others.length === 0) return name;
  throw new UserError(`The server at ${authority(target!)} speaks one transport: say which, --transports ws.`);
}

/** The processes that each transport's trials take. */
async function processesOf(
  flags: Flags,
  { name: scenario, scenario: of }: Found,
  clients: number,
): Promise<Map<string, Processes>> {
  const limits = findLimits();
  const settled = (many: number) => settle(scenario, of, { ...changes(flags), clients: many });
  const found = flags.transports.map(async (name): Promise<[string, Processes]> => {
    const transport = await loadTransport(name);
    const { workers, target } = flags;
    const ask = { label: transportLabel(name), transport, settled, workers, targeted: target !== undefined };
    return [name, processesFor(ask, clients, limits)];
  });
  return new Map(await Promise.all(found));
}

function label(
  { transport, repeat, build, settings }: Trial,
  { repeat: repeats }: Flags,
  sizes: boolean,
  other?: Other,
): string {
  const name = `${transportLabel(transport)}${sizes ? ` ${settings.payloadBytes} B ${settings.payloadKind}` : ""}`;
  const whose = other && build === other.record.build ? ` (${other.record.ref})` : "";
  return repeats === 1 ? `${name}${whose}` : `${name} #${repeat}${whose}`;
}
