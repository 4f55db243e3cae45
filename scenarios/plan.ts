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
  /** The clients that are stopped during the window, spread over the join order: all that the last worker plays, where there are any. */
  slow: readonly number[];
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
export function quietShare({
  clients,
  senders,
  slowClients = 0,
}: Pick<Settings, "clients" | "senders" | "slowClients">): number {
  return senders + observers < clients - slowClients ? senders + observers : 0;
}

/** Draws who joins when, who sends, and who is played by which worker and hosted by which server. */
export function cast({ clients, rooms, senders, slowClients = 0, servers, workers, seed }: Settings): Cast {
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

  const quiet = quietShare({ clients, senders, slowClients }) > 0;
  const slow = spreadOver(joinOrder, new Set(sending), slowClients);
  const inQuiet = new Set(
    quiet ? [...sending, ...spreadOver(joinOrder, new Set([...sending, ...slow]), observers)] : [],
  );
  const stopped = new Set(slow);
  const shares: number[][] = Array.from({ length: workers + (quiet ? 1 : 0) }, () => []);
  for (const client of joinOrder) {
    if (stopped.has(client)) continue;
    const worker = inQuiet.has(client) ? 0 : (client % workers) + (quiet ? 1 : 0);
    shares[worker]!.push(client);
  }
  if (slow.length > 0) shares.push(joinOrder.filter((client) => stopped.has(client)));
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
    slow,
  };
}

/** So many clients, evenly spread over the join order, each the first at or after its place that is not among the `others`. */
function spreadOver(joinOrder: readonly number[], others: ReadonlySet<number>, count: number): number[] {
  const left = joinOrder.filter((client) => !others.has(client));
  return Array.from({ length: count }, (_, i) => left[Math.floor(((i + 0.5) * left.length) / count)]!);
}

/**
 * Exactly rate x time due times, sorted uniforms over the window: what a Poisson process looks like given its count. The senders
 * are drawn uniformly. The warm-up is drawn in the same way, for as long as it may take; what is measured does not depend on it.
 */
export function plan(
  { offeredPerS, maxWarmupMs, durationMs, seed }: Pick<Settings, "offeredPerS" | "maxWarmupMs" | "durationMs" | "seed">,
  senders: readonly number[],
): Plan {
  const before = draw(maxWarmupMs, offeredPerS, senders, random(seed ^ 0x85ebca6b));
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

function draw(spanMs: number, offeredPerS: number, senders: readonly number[], next: () => number) {
  const count = Math.round((offeredPerS * spanMs) / 1000);
  const dueUs = new Float64Array(count).map(() => Math.floor(next() * spanMs * 1000)).toSorted();
  const sender = new Int32Array(count).map(() => senders[Math.floor(next() * senders.length)]!);
  return { dueUs, sender };
}
