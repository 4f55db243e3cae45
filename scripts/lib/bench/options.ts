import { Option } from "commander";
import { parseBounds } from "../../../results/compare/regression-gate.ts";
import { parseAddress } from "../../../scenarios/lib/addresses.ts";
import { listText } from "../../../scenarios/definitions/list-text.ts";
import type { Address } from "../../../scenarios/contract.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { parseObjective } from "../../../scenarios/search/objective.ts";
import type { SettingsOverrides } from "../../../scenarios/definitions/settings.ts";
import { scenarioFields } from "../../../scenarios/definitions/scenario-fields.ts";
import { stampBytes } from "../../../scenarios/lib/message-stamp.ts";
import { parseDuration, parsePositive, parseSize, parseInteger } from "../../../scenarios/lib/parse-units.ts";
import { commandNamed, transportNamed } from "../cli.ts";
import { parseFind, type SearchFlags } from "./search-command.ts";
import { withTlsSuffix, standardTransports, tlsSuffix } from "../../../scenarios/transports/load-transport.ts";
import type { PayloadKind, Scenario } from "../../../scenarios/definitions/scenario.ts";

/** What a person can tell the bench. */
export interface BenchFlags extends SearchFlags {
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
  /** Format of `list`. */
  format: "text" | "json";
  /** File with one resolved trial, in place of a scenario. */
  trial?: string;
  baseline?: string;
  maxRegression?: string;
  target?: Address;
}

const examples = [
  "npm run bench -- --scenario chat-100",
  "npm run bench -- --scenario chat-1k --transports ws,tcp --repeat 5",
  "npm run bench -- --scenario chat-1k --slo p99=250ms",
  "npm run bench -- --scenario idle-100k --transports ws,tcp",
  "npm run bench -- --scenario echo --transports ws,ws+tls --repeat 5",
  "npm run bench -- --scenario echo --clients 500 --rate 200 --duration 30s --out mine.csv",
  "npm run bench -- --scenario chat-100 --repeat 10 --baseline main --max-regression 5%",
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
  .option("--clients <n>", "clients in all", (v) => parseInteger("--clients", v, 1, 1_000_000))
  .option("--rate <n>", "messages offered per second, over all senders", (v) => parsePositive("--rate", v, 1_000_000))
  .option("--payload-bytes <sizes>", "one message: 128, or several, each measured: 16,1KiB,64KiB", (v) =>
    several("--payload-bytes", v, (one) => parseSize("--payload-bytes", one, stampBytes, 64 * 2 ** 20)),
  )
  .option("--payload-kind <kinds>", "text, binary, or text,binary for both", (v) =>
    several("--payload-kind", v, payloadKind),
  )
  .option("--speed <n>", "how many times faster than it was a trace is replayed", (v) =>
    parsePositive("--speed", v, 1_000_000),
  )
  .option("--duration <time>", "the measured window: 10s, 2m", (v) => parseDuration("--duration", v))
  .option("--warmup <time>", "load before the window: 5s", (v) => parseDuration("--warmup", v, { zero: true }))
  .option("--repeat <n>", "trials per transport, interleaved", (v) => parseInteger("--repeat", v, 1, 1_000), 1)
  .option("--slo <objective>", "find the highest rate that keeps it with nothing lost: p99=250ms", parseObjective)
  .option("--find <what>", "what --slo raises, from --rate or --clients on: rate (default) or clients", parseFind)
  .option("--time-limit <time>", "for the search of each transport (default: 20m)", (v) =>
    parseDuration("--time-limit", v),
  )
  .option("--workers <n>", "processes that play the crowd (default: as few as can)", (v) =>
    parseInteger("--workers", v, 1, 256),
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
    parseSize("--extra-header-bytes", v, 16, 8_000),
  )
  .option("--seed <n>", "what all chance follows from (default: 1)", (v) => parseInteger("--seed", v, 0, 2 ** 31 - 1))
  .option("--out <file>", "the CSV (default: results/runs/<UTC time>-<scenario>.csv)")
  .option("--force", "overwrite it")
  .addOption(
    new Option("--target <host:port>", "drive a server that runs there already; what it alone knows stays empty")
      .argParser((given) => parseAddress("--target", given))
      .conflicts(["baseline", "slo"]),
  )
  .option("--strict", "exit 3 for a suspect row, too")
  .option("--list", "list the scenarios and transports")
  .addOption(new Option("--format <format>", "format of --list").choices(["text", "json"]).default("text"))
  .addOption(
    new Option("--trial <file>", "run the one trial in a JSON file, as --baseline does with the other build")
      .conflicts(["scenario", "baseline", "slo", "target"])
      .hideHelp(),
  )
  .addOption(
    new Option("--baseline <ref>", "measure another version beside this one: a git ref or a folder").conflicts("slo"),
  )
  .option("--max-regression <bounds>", "with --baseline: exit 4 where a metric got worse by more: 5%", (v) => {
    parseBounds(v);
    return v;
  })
  .addHelpText(
    "after",
    () => `\n${listText()}\n\n${fileHelp}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`,
  );

const fileHelp =
  "Scenario files (.yaml) have these fields, of which each that is left out is as in the scenario that the file extends, or in chat-100:\n" +
  `  ${Object.keys(scenarioFields).join(", ")}\n` +
  "A trace has a time (seconds, or ISO 8601), a room, a sender and a text for each message: columns of a CSV, or objects of NDJSON.\n" +
  "A text shorter than 16 bytes is sent as 16, since the first 16 are overwritten to tell messages apart.";

/** What these flags change of a scenario, but for its payload. */
export function overridesFrom(flags: BenchFlags): SettingsOverrides {
  const {
    clients,
    rate: ratePerS,
    duration: durationMs,
    warmup: warmupMs,
    workers,
    precise,
    extraHeaderBytes,
    seed,
  } = flags;
  const all = { clients, ratePerS, durationMs, warmupMs, workers, precise, extraHeaderBytes, seed };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Throws a UserError where a flag says what the trace of a scenario says already. */
export function rejectTraceOverrides({ trace }: Scenario, flags: BenchFlags): void {
  const fixed = {
    clients: "--clients",
    rate: "--rate",
    duration: "--duration",
    payloadBytes: "--payload-bytes",
    payloadKind: "--payload-kind",
  };
  if (trace && flags.slo)
    throw new UserError(
      "--slo looks for a rate, and a trace has its own: leave it out, and give --speed to replay it faster.",
    );
  const said = Object.entries(fixed).find(([name]) => flags[name as keyof BenchFlags] !== undefined);
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
export function selectedTransports({ transports, tls }: BenchFlags): string[] {
  return tls ? onlyOnce(transports.map(withTlsSuffix)) : transports;
}
