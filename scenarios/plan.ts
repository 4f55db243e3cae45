import { random, shuffled } from "./random.ts";
import type { Settings } from "./settings.ts";

/** Who takes part: a pure function of the settings, the same in every process of a trial. Clients are numbered from 0. */
export interface Cast {
  /** The clients in the order in which they connect. */
  joinOrder: readonly number[];
  /** The clients that send, spread over the join order of their rooms. */
  senders: readonly number[];
  roomOf(client: number): number;
  /** Clients in a room. */
  roomSize(room: number): number;
  /** The server process that hosts a client, from 0: whole rooms are dealt to them. */
  serverOf(client: number): number;
  /** How many clients of its own server connect before each client. */
  turns: Int32Array;
  /** When each client enters its room, counted in entrances: room by room the first, then the second... in join order. */
  entrances: Int32Array;
  /** Where in its period each client's polls lie, in [0, 1): stratified, so that they are spread as evenly as can be. */
  phases: Float64Array;
  /** The clients each worker plays, in join order. Worker 0 is the quiet one where there is one. */
  shares: readonly (readonly number[])[];
  /** Whether worker 0 plays only the senders and some observers, so that a crowd's queue is not in their latency. */
  quiet: boolean;
}

/** When who sends what: message k is the `seq[k]`-th of its sender. Sorted by due time. */
export interface Plan {
  /** The sending client of each message. */
  sender: Int32Array;
  /** Its number among all messages of that client, warm-up included, from 0. */
  seq: Int32Array;
  /** When it is due, in microseconds: of warm-up messages from the start of the load, of measured ones from T0. */
  dueUs: Float64Array;
  /** Index of the first measured message. */
  warmup: number;
}

/** Observers in the quiet worker: enough to be spread over the join order, few enough to add no queue. */
const observers = 20;

/** Clients in a quiet worker, where there is one: it keeps few senders and some observers away from a crowd that listens. */
export function quietShare({ clients, senders }: Pick<Settings, "clients" | "senders">): number {
  return senders + observers < clients ? senders + observers : 0;
}

/** Draws who joins when, who sends, and who is played by which worker and hosted by which server. */
export function cast({ clients, rooms, senders, servers, workers, seed }: Settings): Cast {
  const next = random(seed);
  const joinOrder = shuffled(clients, next);
  const phases = Float64Array.from(shuffled(clients, next), (stratum) => (stratum + next()) / clients);
  const members: number[][] = Array.from({ length: rooms }, () => []);
  const serverOf = (client: number): number => (client % rooms) % servers;
  const [turns, entrances, hosted] = [new Int32Array(clients), new Int32Array(clients), new Int32Array(servers)];
  for (const client of joinOrder) {
    const room = members[client % rooms]!;
    entrances[client] = room.length * rooms + (client % rooms);
    turns[client] = hosted[serverOf(client)]!++;
    room.push(client);
  }

  const sending = Array.from({ length: senders }, (_, k) => {
    const room = members[k % rooms]!;
    const inRoom = Math.ceil((senders - (k % rooms)) / rooms);
    return room[Math.floor(((Math.floor(k / rooms) + 0.5) * room.length) / inRoom)]!;
  });

  const quiet = quietShare({ clients, senders }) > 0;
  const inQuiet = new Set(quiet ? [...sending, ...spreadOver(joinOrder, new Set(sending))] : []);
  const shares: number[][] = Array.from({ length: workers + (quiet ? 1 : 0) }, () => []);
  for (const client of joinOrder) {
    const worker = inQuiet.has(client) ? 0 : (client % workers) + (quiet ? 1 : 0);
    shares[worker]!.push(client);
  }
  return {
    joinOrder,
    senders: sending,
    roomOf: (client) => client % rooms,
    roomSize: (room) => members[room]!.length,
    serverOf,
    turns,
    entrances,
    phases,
    shares,
    quiet,
  };
}

/** The observers: evenly spread over the join order, each the first at or after its place that does not send. */
function spreadOver(joinOrder: readonly number[], sending: ReadonlySet<number>): number[] {
  const listening = joinOrder.filter((client) => !sending.has(client));
  return Array.from(
    { length: observers },
    (_, i) => listening[Math.floor(((i + 0.5) * listening.length) / observers)]!,
  );
}

/** How the load begins: a rise, and then a silence where there is one. In milliseconds. */
interface Beginning {
  riseMs: number;
  hiccupMs: number;
}

/** New processes have yet to compile their code, and what piles up meanwhile at a rate they can just carry takes them long to get rid of. */
const riseMs = 2_000;

/**
 * Exactly rate x time due times, sorted uniforms over the window: what a Poisson process looks like given its count. The senders
 * are drawn uniformly. The warm-up is drawn in the same way, for as long as it may take, but rises linearly to the rate over its first two
 * seconds, after which its hiccup comes. What is measured does not depend on it.
 */
export function plan(
  {
    offeredPerS,
    maxWarmupMs,
    hiccupMs,
    durationMs,
    seed,
  }: Pick<Settings, "offeredPerS" | "maxWarmupMs" | "hiccupMs" | "durationMs" | "seed">,
  senders: readonly number[],
): Plan {
  const before = draw(maxWarmupMs, offeredPerS, senders, random(seed ^ 0x85ebca6b), { riseMs, hiccupMs });
  const within = draw(durationMs, offeredPerS, senders, random(seed ^ 0x9e3779b9));
  const sent = new Map<number, number>();
  const sender = joined(Int32Array, before.sender, within.sender);
  const seq = sender.map((client) => {
    const number = sent.get(client) ?? 0;
    sent.set(client, number + 1);
    return number;
  });
  return { sender, seq, dueUs: joined(Float64Array, before.dueUs, within.dueUs), warmup: before.dueUs.length };
}

/** Two arrays as one. A plan is all that a trial keeps per message, so nothing here becomes an array of objects or boxed numbers. */
function joined<A extends Int32Array | Float64Array>(type: new (length: number) => A, before: A, within: A): A {
  const all = new type(before.length + within.length);
  all.set(before);
  all.set(within, before.length);
  return all;
}

const atOnce: Beginning = { riseMs: 0, hiccupMs: 0 };

function draw(spanMs: number, offeredPerS: number, senders: readonly number[], next: () => number, begins = atOnce) {
  const riseUs = 1000 * Math.min(begins.riseMs, spanMs);
  const silentUntilUs = riseUs + 1000 * begins.hiccupMs;
  const count = Math.round((offeredPerS * (spanMs - riseUs / 2000)) / 1000);
  /** When a rising load has offered as much as one that does not rise has by then. */
  const risen = (us: number): number => (us < riseUs / 2 ? Math.sqrt(2 * riseUs * us) : us + riseUs / 2);
  const dueAt = (us: number): number => (us > riseUs ? Math.max(us, silentUntilUs) : us);
  const dueUs = new Float64Array(count)
    .map(() => Math.floor(dueAt(risen(next() * (1000 * spanMs - riseUs / 2)))))
    .toSorted();
  const sender = new Int32Array(count).map(() => senders[Math.floor(next() * senders.length)]!);
  return { dueUs, sender };
}
