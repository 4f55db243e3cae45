import type { Row } from "../results/columns.ts";
import { buildName, environment } from "../results/environment.ts";
import { legend, summaryLegend, summaryTable, table } from "../results/table.ts";
import { checkAble, unavailableHere } from "../scenarios/able.ts";
import { catalogue } from "../scenarios/catalogue.ts";
import { describeRun } from "../scenarios/describe.ts";
import { UserError } from "../scenarios/errors.ts";
import { findLimits } from "../scenarios/limits.ts";
import { processesFor, type Processes } from "../scenarios/processes.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { planTrials, settle, type Trial } from "../scenarios/settings.ts";
import { loadTransport, transportLabel } from "../scenarios/transports.ts";
import { compareBuilds, otherBuild, trialsAgainst, type Other } from "./lib/against.ts";
import { exitCodes, interruption, main, userPath } from "./lib/command.ts";
import { benchCommand, changes, type Flags } from "./lib/flags.ts";
import { defaultPath, openOutput } from "./lib/output.ts";
import { runSeries } from "./lib/series.ts";
import { writeSummary } from "./lib/summary.ts";
import { askedFor, searchAll } from "./lib/until.ts";

await main(async () => {
  const flags = benchCommand.parse().opts<Flags>();
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
async function bench(flags: Flags, scenario: string): Promise<number> {
  if (flags.failOver !== undefined && flags.against === undefined)
    throw new UserError(`--fail-over "${flags.failOver}" is for a comparison: give --against, too.`);
  const settings = settle(scenario, scenarioNamed(scenario), changes(flags));
  if (!settings.idleCycles && Math.round((settings.offeredPerS * settings.durationMs) / 1000) === 0)
    throw new UserError(
      `Not one message would be due: raise --rate ${settings.offeredPerS}, or make --duration longer.`,
    );
  const asked = askedFor(flags, settings, changes(flags));
  for (const name of flags.transports) await checkAble(name, await loadTransport(name), settings);
  const processes = await processesOf(flags, scenario, settings.clients);
  const planned = planTrials(flags.transports, settings, flags.repeat).map((trial) => ({
    ...trial,
    settings: { ...trial.settings, ...processes.get(trial.transport) },
  }));

  const runId = new Date().toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
  const place = { runId, environment: environment() };
  const signal = interruption();
  const other = flags.against === undefined ? undefined : await otherBuild(flags.against, place.environment, signal);
  if (signal.aborted) return exitCodes.interrupted;
  const trials = other ? trialsAgainst(other, planned, buildName(place.environment)) : planned;

  const path = flags.out === undefined ? defaultPath(runId, scenario) : userPath(flags.out);
  const output = openOutput(
    path,
    await describeRun(place, process.argv.slice(2), trials, other?.record),
    flags.force ?? false,
  );
  if (asked) return searchAll(asked, flags.transports, place, output, signal, flags.force ?? false);

  const rows: Row[] = [];
  try {
    const attempt = other && { attempt: other.attempt };
    const jobs = trials.map((trial) => ({ label: label(trial, flags, other), trial, ...attempt }));
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

/** The processes that each transport's trials take. */
async function processesOf(flags: Flags, scenario: string, clients: number): Promise<Map<string, Processes>> {
  const limits = findLimits();
  const settled = (many: number) => settle(scenario, scenarioNamed(scenario), { ...changes(flags), clients: many });
  const found = flags.transports.map(async (name): Promise<[string, Processes]> => {
    const ask = { label: transportLabel(name), transport: await loadTransport(name), settled, workers: flags.workers };
    return [name, processesFor(ask, clients, limits)];
  });
  return new Map(await Promise.all(found));
}

function label({ transport, repeat, build }: Trial, { repeat: repeats }: Flags, other?: Other): string {
  const name = transportLabel(transport);
  const whose = other && build === other.record.build ? ` (${other.record.ref})` : "";
  return repeats === 1 ? `${name}${whose}` : `${name} #${repeat}${whose}`;
}
