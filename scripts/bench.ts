import { Option } from "commander";
import type { Row } from "../results/columns.ts";
import { boundsOf } from "../results/compare/fail-over.ts";
import { buildName, descriptorLimit, environment } from "../results/environment.ts";
import { legend, summaryLegend, summaryTable, table } from "../results/table.ts";
import { catalogue } from "../scenarios/catalogue.ts";
import { describeRun } from "../scenarios/describe.ts";
import { UserError } from "../scenarios/errors.ts";
import { checkDescriptors } from "../scenarios/limits.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { planTrials, settle, type Changes, type Trial } from "../scenarios/settings.ts";
import { stampBytes } from "../scenarios/stamp.ts";
import { loadTransport, standardTransports, transportLabel } from "../scenarios/transports.ts";
import { duration, positive, size, whole } from "../scenarios/units.ts";
import { compareBuilds, otherBuild, trialsAgainst, type Other } from "./lib/against.ts";
import { commandNamed, exitCodes, interruption, main, userPath } from "./lib/command.ts";
import { defaultPath, openOutput } from "./lib/output.ts";
import { runSeries } from "./lib/series.ts";
import { writeSummary } from "./lib/summary.ts";

interface Flags {
  clients?: number;
  rate?: number;
  payloadBytes?: number;
  duration?: number;
  warmup?: number;
  workers?: number;
  extraHeaderBytes?: number;
  seed?: number;
  scenario?: string;
  transports: string[];
  repeat: number;
  out?: string;
  force?: true;
  strict?: true;
  list?: true;
  against?: string;
  failOver?: string;
}

const examples = [
  "npm run bench -- --scenario chat-100",
  "npm run bench -- --scenario chat-1k --transports ws,tcp --repeat 5",
  "npm run bench -- --scenario echo --clients 500 --rate 200 --duration 30s --out mine.csv",
  "npm run bench -- --scenario chat-100 --repeat 10 --against main --fail-over 5%",
];

const command = commandNamed(
  "bench",
  "Drives simulated clients against each transport in turn; latency, overhead and throughput go to a CSV.",
)
  .option("--scenario <name>", "what the clients do")
  .option(
    "--transports <names>",
    "comma-separated names or paths of modules (default: all but variants)",
    names,
    standardTransports(),
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
  .option("--extra-header-bytes <size>", "headers a browser would add to a poll: 500", (v) =>
    size("--extra-header-bytes", v, 16, 8_000),
  )
  .option("--seed <n>", "what all chance follows from (default: 1)", (v) => whole("--seed", v, 0, 2 ** 31 - 1))
  .option("--out <file>", "the CSV (default: results/runs/<UTC time>-<scenario>.csv)")
  .option("--force", "overwrite it")
  .option("--strict", "exit 3 for a suspect row, too")
  .option("--list", "name the scenarios and transports")
  .addOption(
    new Option("--against <ref>", "measure another version beside this one: a git ref or a folder").conflicts("until"),
  )
  .option("--fail-over <bounds>", "with --against: exit 4 where a metric got worse by more: 5%", (v) => {
    boundsOf(v);
    return v;
  })
  .addHelpText("after", () => `\n${catalogue()}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (flags.list) {
    console.log(catalogue());
    return exitCodes.done;
  }
  if (flags.scenario === undefined) {
    command.outputHelp();
    throw new UserError("Say what the clients do: --scenario NAME.");
  }
  return bench(flags, flags.scenario);
});

/** The run, top to bottom. Returns the exit code. */
async function bench(flags: Flags, scenario: string): Promise<number> {
  if (flags.failOver !== undefined && flags.against === undefined)
    throw new UserError(`--fail-over "${flags.failOver}" is for a comparison: give --against, too.`);
  const settings = settle(scenario, scenarioNamed(scenario), changes(flags));
  if (!settings.idleCycles && Math.round((settings.offeredPerS * settings.durationMs) / 1000) === 0)
    throw new UserError(
      `Not one message would be due: raise --rate ${settings.offeredPerS}, or make --duration longer.`,
    );
  const planned = planTrials(flags.transports, settings, flags.repeat);
  for (const name of flags.transports)
    checkDescriptors(name, (await loadTransport(name)).socketsPerClient, settings.clients, descriptorLimit());

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

function label({ transport, repeat, build }: Trial, { repeat: repeats }: Flags, other?: Other): string {
  const name = transportLabel(transport);
  const whose = other && build === other.record.build ? ` (${other.record.ref})` : "";
  return repeats === 1 ? `${name}${whose}` : `${name} #${repeat}${whose}`;
}

function changes(flags: Flags): Changes {
  const {
    clients,
    rate: offeredPerS,
    payloadBytes,
    duration: durationMs,
    warmup: warmupMs,
    workers,
    extraHeaderBytes,
    seed,
  } = flags;
  const all = { clients, offeredPerS, payloadBytes, durationMs, warmupMs, workers, extraHeaderBytes, seed };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function names(given: string): string[] {
  const all = given.split(",").map((name) => name.trim());
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UserError(`--transports names "${twice}" twice: name it once, and use --repeat for more trials.`);
  return all.map((name) => (/[/\\]/.test(name) ? userPath(name) : name));
}
