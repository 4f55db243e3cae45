import { Option } from "commander";
import { boundsOf } from "../../results/compare/fail-over.ts";
import { catalogue } from "../../scenarios/catalogue.ts";
import { UserError } from "../../scenarios/errors.ts";
import { objective } from "../../scenarios/search/objective.ts";
import type { Changes } from "../../scenarios/settings.ts";
import { stampBytes } from "../../scenarios/stamp.ts";
import { standardTransports } from "../../scenarios/transports.ts";
import { duration, positive, size, whole } from "../../scenarios/units.ts";
import { commandNamed, transportNamed } from "./command.ts";
import { searched, type SearchFlags } from "./until.ts";

/** What a person can tell the bench. */
export interface Flags extends SearchFlags {
  clients?: number;
  rate?: number;
  payloadBytes?: number;
  duration?: number;
  warmup?: number;
  workers?: number;
  precise?: boolean;
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
  "npm run bench -- --scenario chat-1k --until p99=250ms",
  "npm run bench -- --scenario idle-100k --transports ws,tcp",
  "npm run bench -- --scenario echo --clients 500 --rate 200 --duration 30s --out mine.csv",
  "npm run bench -- --scenario chat-100 --repeat 10 --against main --fail-over 5%",
];

/** The bench's command line; `opts` gives its Flags. */
export const benchCommand = commandNamed(
  "bench",
  "Drives simulated clients against each transport in turn; latency, overhead and throughput go to a CSV.",
)
  .option("--scenario <name>", "what the clients do (default, where --transports are named: chat-100)")
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
  .option("--until <objective>", "find the highest rate that keeps it with nothing lost: p99=250ms", objective)
  .option("--search <what>", "what --until raises, from --rate or --clients on: rate (default) or clients", searched)
  .option("--time-limit <time>", "for the search of each transport (default: 20m)", (v) => duration("--time-limit", v))
  .option("--workers <n>", "processes that play the crowd (default: as few as can)", (v) =>
    whole("--workers", v, 1, 256),
  )
  .option(
    "--precise",
    "spin before each due time: sent within microseconds, at up to half a core. For echo and low rates, where microseconds " +
      "are the answer (default: in an echo, and up to 50 messages/s)",
  )
  .option(
    "--no-precise",
    "wake once a millisecond and send all that is due: about 0.6 ms late, next to no CPU. The lag of either is in send_lag_*_us",
  )
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

/** What these flags change of a scenario. */
export function changes(flags: Flags): Changes {
  const {
    clients,
    rate: offeredPerS,
    payloadBytes,
    duration: durationMs,
    warmup: warmupMs,
    workers,
    precise,
    extraHeaderBytes,
    seed,
  } = flags;
  const all = { clients, offeredPerS, payloadBytes, durationMs, warmupMs, workers, precise, extraHeaderBytes, seed };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function names(given: string): string[] {
  const all = given.split(",").map((name) => name.trim());
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UserError(`--transports names "${twice}" twice: name it once, and use --repeat for more trials.`);
  return all.map(transportNamed);
}
