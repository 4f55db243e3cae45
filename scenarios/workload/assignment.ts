import { seededRandom, shuffled } from "../lib/random.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Trace } from "../definitions/trace.ts";

/** Who takes part: a pure function of the settings, the same in every process of a trial. Clients are numbered from 0. */
export interface Assignment {
  /** The clients in the order in which they connect. */
  joinOrder: readonly number[];
  /** The clients that send, spread over the join order of their rooms. */
  senders: readonly number[];
  /** The hub's voices, where it speaks: one in each room, numbered behind the clients. */
  serverSenders: readonly number[];
  /** The senders and the voices. */
  allSenders: readonly number[];
  /** The room of a client or a voice. */
  roomOf(sender: number): number;
  /** The room whose clients hear a speaker; -1 where the hub alone does. */
  audienceRoom(speaker: number): number;
  /** How many hear each message of a speaker, itself included: the clients of its room but for the slow ones, or the hub. */
  receiverCount(speaker: number): number;
  /** How many slow clients hear it. */
  pausedReceiverCount(speaker: number): number;
  /** Clients in a room. */
  roomSize(room: number): number;
  /** The server process that hosts a client, from 0: whole rooms are dealt to them. */
  serverOf(client: number): number;
  /** How many clients of its own server connect before each client. */
  connectIndex: Int32Array;
  /** When each client enters its room, counted in entrances: room by room the first, then the second... in join order. */
  joinIndex: Int32Array;
  /** Where in its period each client's polls lie, in [0, 1): stratified, so that they are spread as evenly as can be. */
  phases: Float64Array;
  /** The clients each worker plays, in join order. Worker 0 is the quiet one where there is one. */
  clientsByWorker: readonly (readonly number[])[];
  /** Whether worker 0 plays only the senders and some observers, so that a crowd's queue is not in their latency. */
  hasSenderWorker: boolean;
  /** The clients that are stopped during the window, spread over the join order: all that the last worker plays, where there are any. */
  pausedClients: readonly number[];
}

/** Observers in the quiet worker: enough to be spread over the join order, few enough to add no queue. */
const observers = 20;

/** Clients in a quiet worker, where there is one: it keeps few senders and some observers away from a crowd that listens. */
export function senderWorkerShare({
  clients,
  senders,
  pausedClients = 0,
}: Pick<Settings, "clients" | "senders" | "pausedClients">): number {
  return senders + observers < clients - pausedClients ? senders + observers : 0;
}

/** The room of each client: dealt in turn, unless a trace says it. */
function roomsFor({ clients, rooms }: Settings, trace: Trace | undefined): Int32Array {
  return trace?.roomOf ?? Int32Array.from({ length: clients }, (_, client) => client % rooms);
}

/** Draws who joins when, who sends, and who is played by which worker and hosted by which server. With a trace its clients send. */
export function assignClients(settings: Settings, trace?: Trace): Assignment {
  const { clients, rooms, senders, pausedClients = 0, servers, workers, seed } = settings;
  const next = seededRandom(seed);
  const joinOrder = shuffled(clients, next);
  const phases = Float64Array.from(shuffled(clients, next), (stratum) => (stratum + next()) / clients);
  const members: number[][] = Array.from({ length: rooms }, () => []);
  const inRoom = roomsFor(settings, trace);
  const serverOf = (client: number): number => inRoom[client]! % servers;
  const [connectIndex, joinIndex, hosted] = [new Int32Array(clients), new Int32Array(clients), new Int32Array(servers)];
  for (const client of joinOrder) {
    const room = members[inRoom[client]!]!;
    joinIndex[client] = room.length * rooms + inRoom[client]!;
    connectIndex[client] = hosted[serverOf(client)]!++;
    room.push(client);
  }

  const sending = Array.from({ length: senders }, (_, k) => {
    if (trace) return k;
    const room = members[k % rooms]!;
    const ofRoom = Math.ceil((senders - (k % rooms)) / rooms);
    return room[Math.floor(((Math.floor(k / rooms) + 0.5) * room.length) / ofRoom)]!;
  });

  const quiet = senderWorkerShare({ clients, senders, pausedClients }) > 0;
  const slow = spreadOver(joinOrder, new Set(sending), pausedClients);
  const inQuiet = new Set(
    quiet ? [...sending, ...spreadOver(joinOrder, new Set([...sending, ...slow]), observers)] : [],
  );
  const stopped = new Set(slow);
  const clientsByWorker: number[][] = Array.from({ length: workers + (quiet ? 1 : 0) }, () => []);
  for (const client of joinOrder) {
    if (stopped.has(client)) continue;
    const worker = inQuiet.has(client) ? 0 : (client % workers) + (quiet ? 1 : 0);
    clientsByWorker[worker]!.push(client);
  }
  if (slow.length > 0) clientsByWorker.push(joinOrder.filter((client) => stopped.has(client)));
  const { app, senderSide = "clients" } = settings;
  const serverSenders = senderSide === "clients" ? [] : members.map((_, room) => clients + room);
  const roomOf = (sender: number): number => (sender < clients ? inRoom[sender]! : sender - clients);
  const audienceRoom = (sender: number): number => (sender < clients && app === "ingest" ? -1 : roomOf(sender));
  const pausedInRoom = members.map((room) => room.filter((client) => stopped.has(client)).length);
  const pausedReceiverCount = (sender: number): number => pausedInRoom[audienceRoom(sender)] ?? 0;
  return {
    joinOrder,
    senders: sending,
    serverSenders: serverSenders,
    allSenders: [...sending, ...serverSenders],
    roomOf,
    audienceRoom: audienceRoom,
    receiverCount: (sender) => (members[audienceRoom(sender)]?.length ?? 1) - pausedReceiverCount(sender),
    pausedReceiverCount: pausedReceiverCount,
    roomSize: (room) => members[room]!.length,
    serverOf,
    connectIndex: connectIndex,
    joinIndex: joinIndex,
    phases,
    clientsByWorker: clientsByWorker,
    hasSenderWorker: quiet,
    pausedClients: slow,
  };
}

/** So many clients, evenly spread over the join order, each the first at or after its place that is not among the `others`. */
function spreadOver(joinOrder: readonly number[], others: ReadonlySet<number>, count: number): number[] {
  const left = joinOrder.filter((client) => !others.has(client));
  return Array.from({ length: count }, (_, i) => left[Math.floor(((i + 0.5) * left.length) / count)]!);
}
