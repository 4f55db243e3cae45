import { seededRandom, shuffled } from "../lib/random.ts";
import type { ProxyName } from "../proxies.ts";
import type { Network } from "./network.ts";
import type { PayloadKind, Scenario } from "./scenario.ts";
import type { Target } from "./target.ts";

/** Everything that defines a trial except its transport. Plain JSON, recorded beside the results. */
export interface Settings extends Omit<
  Scenario,
  "question" | "rooms" | "senders" | "payloadBytes" | "payloadKind" | "networks"
> {
  scenario: string;
  /** Path of the scenario's file. Default: the scenario is on the list. */
  file?: string;
  payloadBytes: number;
  payloadKind: PayloadKind;
  rooms: number;
  senders: number;
  /** Server processes. Whole rooms are dealt to them. */
  servers: number;
  /** Addresses that each server process listens on. */
  addresses: number;
  /**
   * Worker processes. If few clients send and many receive, one more worker has the senders and some observers. If
   * clients are paused, one more worker has them.
   */
  workers: number;
  /**
   * Weights of these `workers`, whole numbers of which one is above 0: each has its part of the clients. Default: all
   * have the same.
   */
  shares?: readonly number[];
  /** True if senders spin before a due time. The send lag is then some microseconds instead of about a millisecond. */
  precise: boolean;
  /** Bytes of headers that a polling client adds to each request, as a browser would. */
  extraHeaderBytes: number;
  /**
   * Length of the one deliberate pause in the warm-up, in milliseconds. Messages that fall due in the pause are sent at
   * its end, so a transport that cannot catch up is found before the window.
   */
  warmupPauseMs: number;
  seed: number;
  /** Set if the trial runs in the network of this machine, without the kernel's counters. Default: in one of its own. */
  hostNetwork?: true;
  /** True if the server sends a client's message to everybody in its room but the client itself. Default: to all. */
  speakerExcluded?: true;
  /** Most connects that begin in a second, over all workers. Default: as many as 256 at a time give. */
  connectRatePerS?: number;
  /** The network between clients and servers. Default: the loopback. */
  network?: Network;
  /** The reverse proxy between clients and servers. Default: none. */
  through?: ProxyName;
  /** True if a trial ends as soon as a threshold of p99 or of lost messages can hold no more. Default: it runs on. */
  abortOnThreshold?: true;
}

/** One measurement: one transport, one scenario, one repeat. */
export interface Trial {
  /** Name on the list of transports, or path of a module. */
  transport: string;
  settings: Settings;
  /** Number of the repeat, from 1. */
  repeat: number;
  /** Name of the build that it measures, if a run compares two. */
  build?: string;
  /** A server that is none of ours. Default: the transport's own. */
  target?: Target;
}

/**
 * The settings that a user may change. A `warmupMs` given here is the exact length of the warm-up, even if the server
 * is not steady.
 */
export type SettingsOverrides = Partial<
  Pick<
    Settings,
    | "clients"
    | "ratePerS"
    | "payloadBytes"
    | "payloadKind"
    | "file"
    | "durationMs"
    | "warmupMs"
    | "workers"
    | "precise"
    | "extraHeaderBytes"
    | "seed"
    | "hostNetwork"
    | "abortOnThreshold"
    | "dropsAllowed"
    | "connectRatePerS"
    | "network"
    | "through"
    | "fault"
    | "reconnect"
    | "heartbeatMs"
    | "historyMessages"
  >
>;

/** Highest rate at which spinning before each due time costs less than about a fifth of a core. */
const cheapToSpinPerS = 200;

/**
 * The default of `precise`: true for echo and ingest, which are measured to the microsecond, and for rates at which it
 * costs little.
 */
export function preciseByDefault({ app, ratePerS }: Pick<Settings, "app" | "ratePerS">): boolean {
  return app !== "chat" || ratePerS <= cheapToSpinPerS;
}

/**
 * The settings of one trial of a scenario, with the first of its payloads, one server and one worker unless `changes`
 * say otherwise. Pure: the same scenario and changes give the same settings.
 */
export function resolveSettings(
  name: string,
  { question: _question, networks: _networks, ...scenario }: Scenario,
  changes: SettingsOverrides,
): Settings {
  const [payload] = payloadVariants(scenario, {});
  const settings = {
    ...scenario,
    ...payload!,
    scenario: name,
    servers: 1,
    addresses: 1,
    workers: 1,
    extraHeaderBytes: 0,
    warmupPauseMs: 0,
    seed: 1,
    ...changes,
    maxWarmupMs: changes.warmupMs ?? scenario.maxWarmupMs,
  };
  const { clients } = settings;
  const rooms = roomsOf(scenario.rooms, clients);
  const senders = scenario.senderSide === "server" ? 0 : sendersOf(scenario.senders, clients, rooms);
  const precise = changes.precise ?? preciseByDefault(settings);
  const resolved: Settings = { ...settings, rooms, senders, precise };
  if (scenario.pausedClients !== undefined)
    resolved.pausedClients = Math.min(scenario.pausedClients, clients - senders);
  return resolved;
}

/**
 * Every pair of a payload size and a payload kind: those of the scenario, each replaced by the user's if there is one.
 */
export function payloadVariants(
  scenario: Pick<Scenario, "payloadBytes" | "payloadKind">,
  changes: Partial<Pick<Scenario, "payloadBytes" | "payloadKind">>,
): Pick<Settings, "payloadBytes" | "payloadKind">[] {
  const sizes = [changes.payloadBytes ?? scenario.payloadBytes].flat();
  const kinds = [changes.payloadKind ?? scenario.payloadKind].flat();
  return sizes.flatMap((payloadBytes) => kinds.map((payloadKind) => ({ payloadBytes, payloadKind })));
}

function roomsOf(rooms: Scenario["rooms"], clients: number): number {
  if (rooms === "one each") return clients;
  return typeof rooms === "number" ? Math.min(rooms, clients) : Math.ceil(clients / rooms.of);
}

function sendersOf(senders: Scenario["senders"], clients: number, rooms: number): number {
  if (senders === "everybody") return clients;
  return senders === "one a room" ? rooms : Math.min(senders, clients);
}

/**
 * The trials of a run, in their order. Repeats are interleaved: every transport once, then every transport again, each
 * time in an order shuffled by the seed, so that a drift of the machine affects all transports. All transports of one
 * repeat have the same schedule.
 */
export function planTrials(transports: readonly string[], settings: Settings, repeats: number): Trial[] {
  return interleave(
    transports.map((transport) => ({ transport, settings })),
    repeats,
    settings.seed,
  );
}

/**
 * Repeats of these trials, one repeat after the other. Each repeat has the next seed, from `firstSeed` on, and a
 * shuffled order. A single repeat keeps the given order.
 */
export function interleave(
  trials: readonly Pick<Trial, "transport" | "settings" | "target">[],
  repeats: number,
  firstSeed: number,
): Trial[] {
  return Array.from({ length: repeats }, (_, i) => {
    const seed = firstSeed + i;
    const inOrder = trials.map((trial) => ({ ...trial, repeat: i + 1, settings: { ...trial.settings, seed } }));
    return repeats === 1 ? inOrder : shuffled(inOrder.length, seededRandom(seed)).map((k) => inOrder[k]!);
  }).flat();
}

/**
 * Each trial once for each of two builds, one directly after the other, so that both meet the machine in the same
 * state. The seed decides which build is first. The next repeat of that transport has the reverse order, so that
 * neither build gains from its place.
 */
export function pairTrials(trials: readonly Trial[], builds: readonly [string, string]): Trial[] {
  const random = seededRandom(trials[0]?.settings.seed ?? 0);
  const swapped = new Map<string, boolean>();
  return trials.flatMap((trial) => {
    const before = trial.repeat % 2 === 0 ? swapped.get(trial.transport) : undefined;
    const swap = before === undefined ? random() < 0.5 : !before;
    swapped.set(trial.transport, swap);
    return (swap ? builds.toReversed() : builds).map((build) => ({ ...trial, build }));
  });
}

/** True if the server process itself sends or counts messages. Otherwise it needs no schedule. */
export function hasServerWorkload({ app, senderSide = "clients" }: Pick<Settings, "app" | "senderSide">): boolean {
  return app === "ingest" || senderSide !== "clients";
}
