import { rmSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import type { Row } from "../results/columns.ts";
import { createResultFile, csvLine, type ResultFile } from "../results/csv.ts";
import { descriptorLimit, environment } from "../results/environment.ts";
import type { Keys } from "../results/measurement.ts";
import { failedRow, row } from "../results/row.ts";
import { legend, table } from "../results/table.ts";
import { catalogue } from "../scenarios/catalogue.ts";
import { messageOf, UserError } from "../scenarios/errors.ts";
import { checkDescriptors } from "../scenarios/limits.ts";
import { run, trialOptions } from "../scenarios/run.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { planTrials, settle, type Changes, type Trial } from "../scenarios/settings.ts";
import { stampBytes } from "../scenarios/stamp.ts";
import { loadTransport, optionsFor, transports } from "../scenarios/transports.ts";
import type { View } from "../scenarios/view.ts";
import { duration, positive, size, whole } from "../scenarios/units.ts";
import { exitCodes, interruption, main, userPath } from "./lib/command.ts";
import { showTrial } from "./lib/progress.ts";

interface Flags {
  clients?: number;
  rate?: number;
  payloadBytes?: number;
  duration?: number;
  warmup?: number;
  workers?: number;
  seed?: number;
  scenario?: string;
  transports: string[];
  repeat: number;
  out?: string;
  force?: true;
  strict?: true;
  list?: true;
}

const examples = [
  "npm run bench -- --scenario chat-100",
  "npm run bench -- --scenario chat-1k --transports ws,tcp --repeat 5",
  "npm run bench -- --scenario echo --clients 500 --rate 200 --duration 30s --out mine.csv",
];

const command = new Command("npm run bench --")
  .description("Drives simulated clients against each transport in turn; latency, overhead and throughput go to a CSV.")
  .option("--scenario <name>", "what the clients do")
  .option(
    "--transports <names>",
    "comma-separated names or paths of modules (default: all)",
    names,
    Object.keys(transports),
  )
  .option("--clients <n>", "clients in all", (v) => whole("--clients", v, 1, 1_000_000))
  .option("--rate <n>", "messages offered per second, over all senders", (v) => positive("--rate", v, 1_000_000))
  .option("--payload-bytes <size>", "one message: 128, 1KiB", (v) =>
    size("--payload-bytes", v, stampBytes, 64 * 2 ** 20),
  )
  .option("--duration <time>", "the measured window: 10s, 2m", (v) => duration("--duration", v))
  .option("--warmup <time>", "load before the window: 5s", (v) => duration("--warmup", v, { zero: true }))
  .option("--repeat <n>", "trials per transport, interleaved", (v) => whole("--repeat", v, 1, 1_000), 1)
  .option("--workers <n>", "processes that play the crowd (default: 1)", (v) => whole("--workers", v, 1, 256))
  .option("--seed <n>", "what all chance follows from (default: 1)", (v) => whole("--seed", v, 0, 2 ** 31 - 1))
  .option("--out <file>", "the CSV (default: results/runs/<UTC time>-<scenario>.csv)")
  .option("--force", "overwrite it")
  .option("--strict", "exit 3 for a suspect row, too")
  .option("--list", "name the scenarios and transports")
  .addHelpText("after", () => `\n${catalogue()}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`)
  .allowExcessArguments(false)
  .configureOutput({ outputError: () => undefined })
  .exitOverride();

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (flags.list) {
    console.log(catalogue());
    return exitCodes.done;
  }
  if (flags.scenario === undefined) {
    command.outputHelp();
    throw new UserError("\nSay what the clients do: --scenario NAME.");
  }
  return bench(flags, flags.scenario);
});

/** The run, top to bottom. Returns the exit code. */
async function bench(flags: Flags, scenario: string): Promise<number> {
  const settings = settle(scenario, scenarioNamed(scenario), changes(flags));
  const trials = planTrials(flags.transports, settings, flags.repeat);
  for (const name of flags.transports)
    checkDescriptors(name, (await loadTransport(name)).socketsPerClient, settings, descriptorLimit());

  const startedAt = new Date();
  const runId = startedAt.toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
  const file = open(userPath(flags.out ?? `results/runs/${runId}-${scenario}.csv`), flags.force ?? false);
  const record = file.path.replace(/(\.csv)?$/, ".json");
  writeFileSync(record, await describe(runId, flags, trials));

  const signal = interruption();
  const rows: Row[] = [];
  for (const trial of trials) {
    if (signal.aborted) break;
    await showTrial(label(trial, flags), async (show) => {
      const outcome = await attempt(trial, runId, signal, show);
      if (!outcome) return { failed: true, summary: "interrupted" };
      rows.push(outcome);
      append(file, outcome);
      return { failed: outcome.status === "failed", summary: summary(outcome) };
    });
  }

  file.close();
  if (rows.length === 0) rmSync(record, { force: true });
  else console.log(`\n${table(rows)}\n\n${legend}\n${rows.length} rows in ${file.path}`);
  if (signal.aborted) return exitCodes.interrupted;
  if (rows.some(({ status }) => status === "failed")) return exitCodes.rowFailed;
  const doubtful = rows.some(({ status }) => status === "invalid" || (flags.strict && status === "suspect"));
  return doubtful ? exitCodes.rowDoubtful : exitCodes.done;
}

/** Runs a trial; a broken one becomes a failed row, one that Ctrl-C ended becomes none. */
async function attempt(trial: Trial, runId: string, signal: AbortSignal, show: (view: View) => void) {
  const keys = await keysOf(trial, runId);
  try {
    return row(keys, await run(trial, signal, show));
  } catch (error) {
    return signal.aborted ? undefined : failedRow(keys, messageOf(error));
  }
}

async function keysOf({ transport, settings, repeat }: Trial, runId: string): Promise<Keys> {
  return {
    run_id: runId,
    started_at: new Date().toISOString(),
    repeat,
    scenario: settings.scenario,
    transport,
    clients: settings.clients,
    rooms: settings.rooms,
    senders: settings.senders,
    payload_bytes: settings.payloadBytes,
    payload_kind: settings.payloadKind,
    offered_per_s: settings.offeredPerS,
    duration_s: settings.durationMs / 1000,
    network: "loopback",
    client: (await loadTransport(transport)).clientLibrary,
  };
}

/** All that somebody else needs to repeat the run, as JSON. */
async function describe(runId: string, flags: Flags, trials: readonly Trial[]): Promise<string> {
  const options = async (name: string) => optionsFor(await loadTransport(name), trialOptions(trials[0]!.settings));
  const entries = flags.transports.map(async (name) => [name, await options(name)] as const);
  return `${JSON.stringify(
    {
      run_id: runId,
      command: process.argv.slice(2),
      environment: environment(),
      transports: Object.fromEntries(await Promise.all(entries)),
      trials,
    },
    undefined,
    2,
  )}\n`;
}

function open(path: string, force: boolean): ResultFile {
  try {
    return createResultFile(path, force);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw new UserError(`${path} is already there: choose another --out, or overwrite it with --force.`);
    throw new UserError(`Cannot write ${path}: ${message}. Choose another --out.`, { cause: error });
  }
}

/** Appends a row; where the disk does not take it, the row goes to standard error and the run ends, with nothing lost. */
function append(file: ResultFile, measured: Row): void {
  try {
    file.append(measured);
  } catch (error) {
    process.stderr.write(`${csvLine("header")}${csvLine(measured)}`);
    throw new UserError(
      `Cannot write to ${file.path}: ${messageOf(error)}. The row that did not fit is printed above.`,
    );
  }
}

function label({ transport, repeat }: Trial, { repeat: repeats }: Flags): string {
  return repeats === 1 ? transport : `${transport} #${repeat}`;
}

function summary({ error, status, latency_p50_us: p50, latency_p99_us: p99, deliveries_per_s: rate }: Row): string {
  if (error !== undefined) return `failed: ${error}`;
  const ms = (us = NaN): string => (us / 1000).toFixed(2);
  return `p50 ${ms(p50)} ms · p99 ${ms(p99)} ms · ${rate} deliveries/s · ${status}`;
}

function changes(flags: Flags): Changes {
  const { clients, rate: offeredPerS, payloadBytes, duration: durationMs, warmup: warmupMs, workers, seed } = flags;
  const all = { clients, offeredPerS, payloadBytes, durationMs, warmupMs, workers, seed };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function names(given: string): string[] {
  return given.split(",").map((name) => name.trim());
}
