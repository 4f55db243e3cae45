import type { Address } from "../contract.ts";
import { seededRandom, shuffled } from "../lib/random.ts";
import type { PayloadKind, Scenario } from "./scenario.ts";

/** Everything that decides what a trial does, apart from its transport: plain JSON, recorded beside the results. */
export interface Settings extends Omit<Scenario, "question" | "rooms" | "senders" | "payloadBytes" | "payloadKind"> {
  scenario: string;
  /** The file that it is from; undefined where it is on the list. */
  file?: string;
  payloadBytes: number;
  payloadKind: PayloadKind;
  rooms: number;
  senders: number;
  /** Processes that host the application. */
  servers: number;
  /** Addresses that each of them listens on. */
  addresses: number;
  /** Processes that play the crowd. Where few send and many listen, one more plays the senders and some observers. */
  workers: number;
  /** Whether senders spin before a due time, for microseconds of send lag instead of about a millisecond. */
  precise: boolean;
  /** Bytes of headers that polling clients add to each request, as a browser would. */
  extraHeaderBytes: number;
  /**
   * How long nobody sends in the warm-up, once, all that came due meanwhile being sent at the end of it: who cannot catch up then would not
   * have later. In milliseconds.
   */
  warmupPauseMs: number;
  seed: number;
}

/** One transport x one scenario x one repeat. */
export interface Trial {
  /** A name on the list of transports or the path of a module. */
  transport: string;
  settings: Settings;
  /** From 1. */
  repeat: number;
  /** The build that it measures, where a run has two. */
  build?: string;
  /** Where the server runs already, which then is not ours to start, to stop or to ask anything. Default: we start it. */
  target?: Address;
}

/** What a person may change of a scenario. A warm-up that is given is kept to, however unsteady. */
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
  >
>;

/** Rates up to which spinning before each due time costs less than about a tenth of a core. */
const cheapToSpinPerS = 50;

/** Whether senders spin where nobody says: in an echo and a report, whose microseconds are the point, and wherever it costs little. */
export function preciseByDefault({ app, ratePerS }: Pick<Settings, "app" | "ratePerS">): boolean {
  return app !== "chat" || ratePerS <= cheapToSpinPerS;
}

/**
 * A scenario with its numbers fixed, played by one server and, unless `changes` say otherwise, one worker. Pure: the same scenario and
 * changes give the same settings.
 */
export function resolveSettings(
  name: string,
  { question: _question, ...scenario }: Scenario,
  changes: SettingsOverrides,
): Settings {
  const maxWarmupMs = changes.warmupMs ?? scenario.maxWarmupMs;
  const processes = { servers: 1, addresses: 1, workers: 1 };
  const [payload] = payloadVariants(scenario, {});
  const numbers = {
    ...scenario,
    ...payload!,
    ...processes,
    extraHeaderBytes: 0,
    warmupPauseMs: 0,
    seed: 1,
    ...changes,
    maxWarmupMs,
  };
  const rooms = roomsOf(scenario.rooms, numbers.clients);
  const senders = scenario.senderSide === "server" ? 0 : sendersOf(scenario.senders, numbers.clients, rooms);
  return {
    scenario: name,
    ...numbers,
    rooms,
    senders,
    ...(scenario.pausedClients !== undefined && {
      pausedClients: Math.min(scenario.pausedClients, numbers.clients - senders),
    }),
    precise: changes.precise ?? preciseByDefault(numbers),
  };
}

/** Every pair of a payload size and kind that a scenario has, or that is `asked` for in place of its own. */
export function payloadVariants(
  scenario: Pick<Scenario, "payloadBytes" | "payloadKind">,
  asked: Partial<Pick<Scenario, "payloadBytes" | "payloadKind">>,
): Pick<Settings, "payloadBytes" | "payloadKind">[] {
  const sizes = [asked.payloadBytes ?? scenario.payloadBytes].flat();
  const kinds = [asked.payloadKind ?? scenario.payloadKind].flat();
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
 * The order of trials. Repeats are interleaved: each transport once, then each once more, in an order shuffled by the seed so that a
 * drift of the machine falls on all of them. Every transport of one repeat plays the same plan.
 */
export function planTrials(transports: readonly string[], settings: Settings, repeats: number): Trial[] {
  return interleave(
    transports.map((transport) => ({ transport, settings })),
    repeats,
    settings.seed,
  );
}

/** Repeats of these trials, each repeat with the next seed from `firstSeed` on and in an order of its own; a single one in the order given. */
export function interleave(
  each: readonly Pick<Trial, "transport" | "settings">[],
  repeats: number,
  firstSeed: number,
): Trial[] {
  return Array.from({ length: repeats }, (_, i) => {
    const seed = firstSeed + i;
    const inOrder = each.map((one) => ({ ...one, repeat: i + 1, settings: { ...one.settings, seed } }));
    return repeats === 1 ? inOrder : shuffled(inOrder.length, seededRandom(seed)).map((k) => inOrder[k]!);
  }).flat();
}

/**
 * Each trial once for either build, one right after the other, so that both see the machine in one state. The seed tosses which of them
 * goes first, and the next repeat of that transport has them the other way round, so that neither gains by its place.
 */
export function pairTrials(trials: readonly Trial[], builds: readonly [string, string]): Trial[] {
  const toss = seededRandom(trials[0]?.settings.seed ?? 0);
  const swapped = new Map<string, boolean>();
  return trials.flatMap((trial) => {
    const before = trial.repeat % 2 === 0 ? swapped.get(trial.transport) : undefined;
    const swap = before === undefined ? toss() < 0.5 : !before;
    swapped.set(trial.transport, swap);
    return (swap ? builds.toReversed() : builds).map((build) => ({ ...trial, build }));
  });
}

/** Whether a hub of these settings says or hears anything of itself. Where it does not, its process knows nothing of the plan. */
export function hasServerWorkload({ app, senderSide = "clients" }: Pick<Settings, "app" | "senderSide">): boolean {
  return app === "ingest" || senderSide !== "clients";
}
