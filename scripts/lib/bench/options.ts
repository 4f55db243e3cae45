import { Option } from "commander";
import { parseBounds } from "../../../results/compare/regression-gate.ts";
import { abortBounds } from "../../../scenarios/definitions/abort-bounds.ts";
import { parseDrops } from "../../../scenarios/definitions/drops.ts";
import { parseThresholds, replaceThresholds, type Threshold } from "../../../results/rows/thresholds.ts";
import { listText } from "../../../scenarios/definitions/list-text.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { parseObjective } from "../../../scenarios/search/objective.ts";
import type { SettingsOverrides } from "../../../scenarios/definitions/settings.ts";
import { brokerVariable } from "../../../scenarios/hosts/broker-address.ts";
import { scenarioFields } from "../../../scenarios/definitions/scenario-fields.ts";
import { parseFault, parseReconnect, type Fault } from "../../../scenarios/definitions/fault.ts";
import type { BackoffWindow } from "../../../scenarios/lib/backoff.ts";
import { parseNetworks, type Network } from "../../../scenarios/definitions/network.ts";
import { networkBackends, type NetworkBackend } from "../../../scenarios/lib/network-conditions.ts";
import { stampBytes } from "../../../scenarios/lib/message-stamp.ts";
import { parseDuration, parsePositive, parseSize, parseInteger } from "../../../scenarios/lib/parse-units.ts";
import { commaList, commandNamed, transportList } from "../cli.ts";
import type { TargetFlags } from "./target-flags.ts";
import { proxies } from "../../../scenarios/proxies.ts";
import { browserHeaderBytes } from "./browser-headers.ts";
import { parseThrough, type Through } from "./proxies.ts";
import { parseFind, type SearchFlags } from "./search-command.ts";
import { withTlsSuffix, standardTransports, tlsSuffix } from "../../../scenarios/transports/load-transport.ts";
import type { PayloadKind, Scenario } from "../../../scenarios/definitions/scenario.ts";

/** Flags of the bench. */
export interface BenchFlags extends SearchFlags, TargetFlags {
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
  hostNetwork?: true;
  network?: (Network | undefined)[];
  networkBy?: NetworkBackend;
  through?: Through[];
  servers?: number;
  fault?: Fault;
  reconnect?: BackoffWindow;
  heartbeat?: number;
  history?: number;
  scenario?: string;
  transports: string[];
  /** True if the command line names the transports. */
  namesTransports?: boolean;
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
  allowUndecided?: true;
  threshold?: Threshold[];
  abortOnThreshold?: true;
  /** Take one visitor's walk to the target, and show it. */
  explain?: true;
  drops?: number;
  connectRate?: number;
  agents?: number;
  agentsWait?: number;
  brokerFile?: string;
  mixedNode?: true;
  /** Port of the page that follows the run; true for a free one. */
  live?: number | true;
}

const examples = [
  "npm run bench -- --scenario chat-100",
  "npm run bench -- --scenario chat-1k --transports ws,tcp --repeat 5",
  "npm run bench -- --scenario chat-1k --slo p99=250ms",
  "npm run bench -- --scenario idle-100k --transports ws,tcp",
  "npm run bench -- --scenario echo --transports ws,ws+tls --repeat 5",
  "npm run bench -- --scenario echo --clients 500 --rate 200 --duration 30s --out mine.csv",
  "npm run bench -- --scenario chat-100 --repeat 10 --baseline main --max-regression 5%",
  "npm run bench -- --scenario chat-1k --threshold 'latency_p99_us<250ms,lost=0' --abort-on-threshold",
  "npm run bench -- --target wss://chat.example.test/ws --header 'Authorization: Bearer $TOKEN' --explain",
  "npm run bench -- --scenario chat-100 --target 127.0.0.1:18001 --transports ws --connect-rate 200/s --drops 5%",
  "npm run bench -- --scenario chat-100 --target ws://127.0.0.1:8080 --start 'node server.js' --repeat 5",
  "npm run bench -- --scenario chat-1k --transports ws --agents 3",
  "npm run bench -- --scenario chat-100 --transports ws,sse,long-poll --through none,nginx,haproxy",
  "npm run bench -- --scenario chat-1k --live",
  "npm run bench -- --scenario mine.yaml",
  "npm run bench -- --scenario friday.csv --speed 10 --transports ws,long-poll",
];

/** Command line of the bench. `opts` has its BenchFlags. */
export const benchCommand = commandNamed(
  "bench",
  "Runs a scenario over each transport in turn, and writes latency, header overhead and throughput to a CSV.",
)
  .option(
    "--scenario <name>",
    "name of a scenario, or path of a scenario file (.yaml) or a trace (.csv, .ndjson) (default with --transports: chat-100)",
  )
  .option(
    "--transports <names>",
    `names or paths of modules, with commas; "${tlsSuffix}" after a name: over TLS (default: those with * in --list)`,
    differentTransports,
    standardTransports(),
  )
  .option("--tls", "run every transport over TLS 1.3")
  .option("--clients <n>", "number of clients", (v) => parseInteger("--clients", v, 1, 1_000_000))
  .option("--rate <n>", "messages offered per second, over all senders", (v) => parsePositive("--rate", v, 1_000_000))
  .option("--payload-bytes <sizes>", "size of a message: 128. Several are measured one by one: 16,1KiB,64KiB", (v) =>
    several("--payload-bytes", v, (one) => parseSize("--payload-bytes", one, stampBytes, 64 * 2 ** 20)),
  )
  .option("--payload-kind <kinds>", "text, binary, or text,binary for both", (v) =>
    several("--payload-kind", v, payloadKind),
  )
  .option("--speed <n>", "replay a trace so many times faster", (v) => parsePositive("--speed", v, 1_000_000))
  .option("--duration <time>", "length of the measured window: 10s, 2m", (v) => parseDuration("--duration", v))
  .option("--warmup <time>", "load before the window: 5s", (v) => parseDuration("--warmup", v, { zero: true }))
  .option("--repeat <n>", "trials per transport, interleaved", (v) => parseInteger("--repeat", v, 1, 1_000), 1)
  .option(
    "--slo <objective>",
    "find the highest rate that meets this objective and loses nothing: p99=250ms",
    parseObjective,
  )
  .option(
    "--find <what>",
    "what to increase until the objective fails: rate (default) or clients; starts at --rate or --clients",
    parseFind,
  )
  .option("--time-limit <time>", "limit of the search per transport (default: 20m)", (v) =>
    parseDuration("--time-limit", v),
  )
  .option("--workers <n>", "worker processes (default: as few as possible)", (v) =>
    parseInteger("--workers", v, 1, 256),
  )
  .option(
    "--precise",
    "spin before each due time: sends are microseconds late, and cost up to half a core (default: in an echo, and up to " +
      "200 messages/s)",
  )
  .option(
    "--no-precise",
    "wake once a millisecond and send what is due: about 0.6 ms late, little CPU. send_lag_*_us has the delay",
  )
  .option(
    "--extra-header-bytes <size>",
    `header bytes added to each request of a polling client: 500, or browser for the ${browserHeaderBytes} that Chromium adds`,
    (v) => (v === "browser" ? browserHeaderBytes : parseSize("--extra-header-bytes", v, 16, 8_000)),
  )
  .option("--seed <n>", "seed of everything random (default: 1)", (v) => parseInteger("--seed", v, 0, 2 ** 31 - 1))
  .option(
    "--drops <policy>",
    "clients that are refused or lose their connection: fail, count, or fail above a share such as 5% (default: fail; with " +
      "--target: count)",
    (text) => parseDrops("--drops", text),
  )
  .option(
    "--connect-rate <rate>",
    "connects that begin in a second, over all workers: 200/s (default: as fast as they are accepted)",
    (text) => parsePositive("--connect-rate", text.replace(/\/s$/, ""), 1_000_000),
  )
  .option(
    "--host-network",
    "run in the network of this machine, where a server can reach a database; leaves the columns tcp_* empty",
  )
  .option(
    "--network <conditions>",
    "network between each client and the servers: 3g-slow, or rtt=200ms,jitter=10ms,loss=1%,rate=10mbit/2mbit,queue=100ms,cc=cubic; " +
      "several are measured one by one: loopback,4g,3g,loss=1%",
    (text, previous?: (Network | undefined)[]) => [...(previous ?? []), ...parseNetworks("--network", text)],
  )
  .addOption(
    new Option("--network-by <means>", "what makes that network (default: the first that this machine has)").choices(
      networkBackends,
    ),
  )
  .option(
    "--through <proxies>",
    `reverse proxy between clients and servers: ${Object.keys(proxies).join(", ")}, none; several are measured one by one`,
    (text) => parseThrough("--through", text),
  )
  .option("--servers <n>", "server processes (default: as few as possible); each hosts its own rooms", (v) =>
    parseInteger("--servers", v, 1, 64),
  )
  .option(
    "--fault <fault>",
    "what breaks in the window: cut:50%@5s, gone:5s:50%@5s, half-open:60s:20%, asleep:10s:10%, restart@5s, restart-hard@5s, reload@5s; " +
      "cut:100%/15s@0s: each client once in 15 s",
    (text) => parseFault("--fault", text),
  )
  .option(
    "--reconnect <window>",
    "with a fault: when a client connects again: 1s..5s (default: as its library does, or 1s..5s)",
    (text) => parseReconnect("--reconnect", text),
  )
  .option("--heartbeat <time>", "with a fault: time between heartbeats (default: the transport's own)", (text) =>
    parseDuration("--heartbeat", text),
  )
  .option(
    "--history <n>",
    "messages of a room that the application keeps for clients that come back (default: none)",
    (v) => parseInteger("--history", v, 1, 1_000_000),
  )
  .addOption(
    new Option(
      "--agents <n>",
      "run on so many machines, each with npm run agent: servers on one, clients on the others",
    )
      .argParser((v) => parseInteger("--agents", v, 1, 1_000))
      .conflicts(["baseline", "trial", "start", "targetPid", "hostNetwork", "explain", "network"]),
  )
  .option("--agents-wait <time>", "longest wait for all agents, also for one that was lost (default: 30s)", (v) =>
    parseDuration("--agents-wait", v),
  )
  .option(
    "--broker-file <file>",
    `file with the URL of the Redis or Valkey of the agents, in place of ${brokerVariable}`,
  )
  .option("--mixed-node", "allow agents with another version of Node")
  .addOption(
    new Option(
      "--live [port]",
      "serve a page that follows the run and becomes its report, on 127.0.0.1 (default: a free port)",
    )
      .argParser((v) => parseInteger("--live", v, 1, 65_535))
      .conflicts(["trial", "list", "explain"]),
  )
  .option("--out <file>", "CSV of the rows (default: results/runs/<UTC time>-<scenario>.csv)")
  .option("--force", "overwrite existing files")
  .addOption(
    new Option(
      "--target <url>",
      "measure a server of your own: wss://host/ws, tcp://host:port, unix:/run/chat.sock, or HOST:PORT of npm run serve",
    ).conflicts("baseline"),
  )
  .option(
    "--explain",
    "with --target: let one client visit it, show every byte, and say what can be measured; with --through: print the configuration",
  )
  .option("--dialect <file>", "how to talk to the target, as a YAML file: see scenarios/README.md")
  .option(
    "--header <header>",
    "header of each request or handshake: 'Authorization: Bearer $TOKEN'; repeatable",
    listed,
  )
  .option("--subprotocol <name>", "WebSocket subprotocol to request")
  .option("--servername <name>", "name for the TLS handshake (SNI), if the URL has another")
  .option("--ca <file>", "certificates to trust, as PEM (default: those of Node)")
  .option("--cert <file>", "certificate of the client, as PEM; with --key")
  .option("--key <file>", "private key of the client, as PEM; with --cert")
  .option("--insecure", "do not check the target's certificate")
  .option(
    "--data <file>",
    "CSV with a line for each client: {{data.token}} in a URL, a header or a dialect is its column token",
  )
  .option("--data-reuse", "let clients share the lines of --data")
  .option("--from <addresses>", "addresses of this machine to connect from, in turn: 127.0.0.2,127.0.0.3", commaList)
  .option("--yes-this-is-mine", "allow a target at a public address")
  .addOption(
    new Option(
      "--start <command>",
      "with --target: start that server by a shell command for each trial, and measure its CPU and memory",
    ).conflicts("targetPid"),
  )
  .option("--target-pid <pid>", "with --target: process that is that server; its CPU and memory are measured", (v) =>
    parseInteger("--target-pid", v, 1, 2 ** 22),
  )
  .option("--strict", "exit 3 also for a suspect row")
  .option("--list", "list the scenarios and transports")
  .addOption(new Option("--format <format>", "format of --list").choices(["text", "json"]).default("text"))
  .addOption(
    new Option("--trial <file>", "run the one trial in a JSON file, as --baseline does with the other build")
      .conflicts(["scenario", "baseline", "slo", "target", "start", "targetPid", "threshold", "abortOnThreshold"])
      .hideHelp(),
  )
  .addOption(
    new Option("--baseline <ref>", "measure another version too, interleaved: a git ref or a folder").conflicts("slo"),
  )
  .option(
    "--max-regression <bounds>",
    "with --baseline: exit 4 where a metric got worse by more than this, or messages were lost: 5%, exact; exit 5 where " +
      "that cannot be judged",
    (v) => {
      parseBounds(v);
      return v;
    },
  )
  .option(
    "--threshold <bounds>",
    "what columns must hold in every trial, or exit 6: 'latency_p99_us<250ms,lost=0'; exit 5 where that was not measured",
    (text, previous?: Threshold[]) => [...(previous ?? []), ...parseThresholds("--threshold", text)],
  )
  .option("--abort-on-threshold", "end a trial whose latency_p99_us or lost can hold its threshold no more")
  .option("--allow-undecided", "with --max-regression or --threshold: exit 0 where it cannot be judged")
  .addHelpText(
    "after",
    () => `\n${listText()}\n\n${fileHelp}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`,
  );

const fileHelp =
  "Fields of a scenario file (.yaml). A missing field is inherited from `extends` (default: chat-100):\n" +
  `  ${Object.keys(scenarioFields).join(", ")}\n` +
  "A trace has the fields time (seconds, or ISO 8601), room, sender and text for each message, as CSV columns or NDJSON objects.\n" +
  "The first 16 bytes of a text are overwritten by a stamp, so a shorter text is sent as 16 bytes.";

/** Settings of a scenario that flags override, except the payload. */
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
    hostNetwork,
    abortOnThreshold,
    drops: dropsAllowed,
    connectRate: connectRatePerS,
    fault,
    reconnect,
    heartbeat: heartbeatMs,
    history: historyMessages,
  } = flags;
  const all = {
    clients,
    ratePerS,
    durationMs,
    warmupMs,
    workers,
    precise,
    extraHeaderBytes,
    seed,
    abortOnThreshold,
    hostNetwork,
    dropsAllowed,
    connectRatePerS,
    fault,
    reconnect,
    heartbeatMs,
    historyMessages,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * The thresholds of a run: those of the scenario, with those of --threshold. A search has none, since its trials
 * overload each transport on purpose. Throws a UserError where a flag has no threshold to be about.
 */
export function thresholdsOf(
  { threshold = [], abortOnThreshold, allowUndecided, maxRegression, slo }: BenchFlags,
  { thresholds: ofScenario = [], app }: Pick<Scenario, "thresholds" | "app">,
): Threshold[] {
  if (slo) {
    if (threshold.length > 0 || abortOnThreshold)
      throw new UserError("--slo overloads each transport on purpose, so no threshold applies: drop --threshold.");
    if (ofScenario.length > 0) console.log("The thresholds of the scenario do not apply to a search.");
    return [];
  }
  const thresholds = replaceThresholds(ofScenario, threshold);
  if (allowUndecided && maxRegression === undefined && thresholds.length === 0)
    throw new UserError("--allow-undecided needs --max-regression or --threshold: name the bounds, such as 5%.");
  if (!abortOnThreshold) return thresholds;
  const { p99, lost } = abortBounds({ abortOnThreshold, thresholds })!;
  if (!p99 && !lost)
    throw new UserError(
      "--abort-on-threshold needs an upper bound of latency_p99_us or lost: give --threshold 'latency_p99_us<250ms'.",
    );
  if (app === "ingest")
    throw new UserError(
      "--abort-on-threshold asks the receivers, and here the server is one, whose CPU is measured: drop it, or use a chat scenario.",
    );
  return thresholds;
}

/** Throws a UserError where a flag is about clients that stay connected, and each message has a connection of its own. */
export function rejectSessionOverrides({ connectPerMessage }: Scenario, { drops, connectRate }: BenchFlags): void {
  const flag = drops !== undefined ? "--drops" : connectRate !== undefined ? "--connect-rate" : undefined;
  if (connectPerMessage && flag !== undefined)
    throw new UserError(
      `${flag} is for clients that stay connected, and here each message has a connection of its own: drop ${flag}.`,
    );
}

/** Throws a UserError where a flag sets what the trace of a scenario defines. */
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
      "--slo searches for a rate, and a trace has its own: drop --slo, or use --speed to replay the trace faster.",
    );
  const [, flag] = Object.entries(fixed).find(([name]) => flags[name as keyof BenchFlags] !== undefined) ?? [];
  if (trace && flag !== undefined)
    throw new UserError(
      `The trace defines what ${flag} sets: drop ${flag}, or use --speed to replay the trace faster.`,
    );
}

/**
 * Options of `compare` that decide whether the other build was better. Throws a UserError where they have nothing to
 * decide about.
 */
export function gateOptions({ baseline, maxRegression, allowUndecided }: BenchFlags): string[] {
  if (maxRegression !== undefined && baseline === undefined)
    throw new UserError("--max-regression needs a --baseline to compare with: name a git ref or a folder.");
  if (maxRegression === undefined) return [];
  return ["--max-regression", maxRegression, ...(allowUndecided ? ["--allow-undecided"] : [])];
}

/** Items separated by commas, none of them twice. */
function several<T>(flag: string, text: string, read: (one: string) => T): T[] {
  const all = commaList(text).map(read);
  if (new Set(all).size === all.length) return all;
  throw new UserError(`${flag} "${text}" names one twice: name each once.`);
}

function listed(text: string, previous: string[] = []): string[] {
  return [...previous, text];
}

function payloadKind(text: string): PayloadKind {
  if (text === "text" || text === "binary") return text;
  throw new UserError(`--payload-kind "${text}" is neither text nor binary.`);
}

function differentTransports(text: string): string[] {
  return onlyOnce(transportList(text));
}

function onlyOnce(all: string[]): string[] {
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice === undefined) return all;
  throw new UserError(`--transports names "${twice}" twice: name it once, and use --repeat for more trials.`);
}

/** Transports of the run, each over TLS with `--tls`. */
export function selectedTransports({ transports, tls }: BenchFlags): string[] {
  return tls ? onlyOnce(transports.map(withTlsSuffix)) : transports;
}
