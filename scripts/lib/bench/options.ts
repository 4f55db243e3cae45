import { Option } from "commander";
import { boundsOf } from "../../../results/compare/regression-gate.ts";
import { addressNamed } from "../../../scenarios/lib/addresses.ts";
import { catalogue } from "../../../scenarios/definitions/list-text.ts";
import type { Address } from "../../../scenarios/contract.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { objective } from "../../../scenarios/search/objective.ts";
import type { PayloadKind, Scenario } from "../../../scenarios/scenarios.ts";
import type { Changes } from "../../../scenarios/definitions/settings.ts";
import { fields } from "../../../scenarios/definitions/scenario-fields.ts";
import { stampBytes } from "../../../scenarios/lib/message-stamp.ts";
import { overTls, standardTransports, tlsSuffix } from "../../../scenarios/transports.ts";
import { duration, positive, size, whole } from "../../../scenarios/lib/parse-units.ts";
import { commandNamed, transportNamed } from "../cli.ts";
import { searched, type SearchFlags } from "./search-command.ts";

/** What a person can tell the bench. */
export interface Flags extends SearchFlags {
  clients?: number;
  rate?: number;
  payloadBytes?: number[];
  payloadKind?: PayloadKind[];
  speed?: number;
  duration?: number;
  warmup?: number;
  workers?: number;
  precise?: boolean;
  extraHeaderBytes?: number;
  seed?: number;
  scenario?: string;
  transports: string[];
  tls?: true;
  repeat: number;
  out?: string;
  force?: true;
  strict?: true;
  list?: true;
  against?: string;
  failOver?: string;
  target?: Address;
}

const examples = [
  "npm run bench -- --scenario chat-100",
  "npm run bench -- --scenario chat-1k --transports ws,tcp --repeat 5",
  "npm run bench -- --scenario chat-1k --until p99=250ms",
  "npm run bench -- --scenario idle-100k --transports ws,tcp",
  "npm run bench -- --scenario echo --transports ws,ws+tls --repeat 5",
  "npm run bench -- --scenario echo --clients 500 --rate 200 --duration 30s --out mine.csv",
  "npm run bench -- --scenario chat-100 --repeat 10 --against main --fail-over 5%",
  "npm run bench -- --scenario chat-100 --target 192.0.2.1:18001 --transports ws",
  "npm run bench -- --scenario mine.yaml",
  "npm run bench -- --scenario friday.csv --speed 10 --transports ws,long-poll",
];

/** The bench's command line; `opts` gives its Flags. */
export const benchCommand = commandNamed(
  "bench",
  "Drives simulated clients against each transport in turn; latency, overhead and throughput go to a CSV.",
)
  .option(
    "--scenario <name>",
    "what the clients do, or the path of a scenario (.yaml) or a trace (.csv, .ndjson) (default, where --transports are named: chat-100)",
  )
  .option(
    "--transports <names>",
    `comma-separated names or paths of modules; "${tlsSuffix}" behind one means over TLS (default: all but variants)`,
    names,
    standardTransports(),
  )
  .option("--tls", "each of them over TLS 1.3")
  .option("--clients <n>", "clients in all", (v) => whole("--clients", v, 1, 1_000_000))
  .option("--rate <n>", "messages offered per second, over all senders", (v) => positive("--rate", v, 1_000_000))
  .option("--payload-bytes <sizes>", "one message: 128, or several, each measured: 16,1KiB,64KiB", (v) =>
    several("--payload-bytes", v, (one) => size("--payload-bytes", one, stampBytes, 64 * 2 ** 20)),
  )
  .option("--payload-kind <kinds>", "text, binary, or text,binary for both", (v) =>
    several("--payload-kind", v, payloadKind),
  )
  .option("--speed <n>", "how many times faster than it was a trace is replayed", (v) =>
    positive("--speed", v, 1_000_000),
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
  .addOption(
    new Option("--target <host:port>", "drive a server that runs there already; what it alone knows stays empty")
      .argParser((given) => addressNamed("--target", given))
      .conflicts(["against", "until"]),
  )
  .option("--strict", "exit 3 for a suspect row, too")
  .option("--list", "name the scenarios and transports")
  .addOption(
    new Option("--against <ref>", "measure another version beside this one: a git ref or a folder").conflicts("until"),
  )
  .option("--fail-over <bounds>", "with --against: exit 4 where a metric got worse by more: 5%", (v) => {
    boundsOf(v);
    return v;
  })
  .addHelpText(
    "after",
    () => `\n${catalogue()}\n\n${fileHelp}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`,
  );

const fileHelp =
  "Scenario files (.yaml) have these fields, of which each that is left out is as in the scenario that the file extends, or in chat-100:\n" +
  `  ${Object.keys(fields).join(", ")}\n` +
  "A trace has a time (seconds, or ISO 8601), a room, a sender and a text for each message: columns of a CSV, or objects of NDJSON.\n" +
  "A text shorter than 16 bytes is sent as 16, since the first 16 are overwritten to tell messages apart.";

/** What these flags change of a scenario, but for its payload. */
export function changes(flags: Flags): Changes {
  const {
    clients,
    rate: offeredPerS,
    duration: durationMs,
    warmup: warmupMs,
    workers,
    precise,
    extraHeaderBytes,
    seed,
  } = flags;
  const all = { clients, offeredPerS, durationMs, warmupMs, workers, precise, extraHeaderBytes, seed };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Throws a UserError where a flag says what the trace of a scenario says already. */
export function checkTrace({ trace }: Scenario, flags: Flags): void {
  const fixed = {
    clients: "--clients",
    rate: "--rate",
    duration: "--duration",
    payloadBytes: "--payload-bytes",
    payloadKind: "--payload-kind",
  };
  if (trace && flags.until)
    throw new UserError(
      "--until looks for a rate, and a trace has its own: leave it out, and give --speed to replay it faster.",
    );
  const said = Object.entries(fixed).find(([name]) => flags[name as keyof Flags] !== undefined);
  if (trace && said)
    throw new UserError(`The trace says what ${said[1]} would: leave it out, and give --speed to replay it faster.`);
}

/** Items with commas between them, none of them twice. */
function several<T>(flag: string, given: string, read: (one: string) => T): T[] {
  const all = given.split(",").map((one) => read(one.trim()));
  if (new Set(all).size === all.length) return all;
  throw new UserError(`${flag} "${given}" names one twice: name each once.`);
}

function payloadKind(given: string): PayloadKind {
  if (given === "text" || given === "binary") return given;
  throw new UserError(`--payload-kind "${given}" is neither text nor binary.`);
}

function names(given: string): string[] {
  const all = given.split(",").map((name) => name.trim());
  return onlyOnce(all.map(transportNamed));
}

function onlyOnce(all: string[]): string[] {
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice === undefined) return all;
  throw new UserError(`--transports names "${twice}" twice: name it once, and use --repeat for more trials.`);
}

/** The transports that are asked for, each over TLS where `--tls` says so. */
export function askedTransports({ transports, tls }: Flags): string[] {
  return tls ? onlyOnce(transports.map(overTls)) : transports;
}
