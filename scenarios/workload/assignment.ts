import { seededRandom, shuffled } from "../lib/random.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Trace } from "../definitions/trace.ts";
import { dealByShares } from "./shares.ts";

/**
 * Which client joins when, is in which room, sends or receives, and belongs to which process. A pure function of the
 * settings, so every process of a trial computes the same. Clients are numbered from 0. Server-side senders, one for
 * each room, have the numbers after them.
 */
export interface Assignment {
  /** The clients in the order in which they connect. */
  joinOrder: readonly number[];
  /** The clients that send, spread over the join order of their rooms. */
  senders: readonly number[];
  /** The server-side senders, one for each room; empty if the server does not send. */
  serverSenders: readonly number[];
  /** `senders`, then `serverSenders`. */
  allSenders: readonly number[];
  /** Room of a client or of a server-side sender. */
  roomOf(sender: number): number;
  /** Room that receives a sender's messages; -1 if the server alone receives them. */
  audienceRoom(sender: number): number;
  /** True if a client's message goes to everybody in its room but itself. */
  speakerExcluded: boolean;
  /**
   * Receivers of each message of a sender: the clients of its room that are not paused, the sender included unless
   * speakers are excluded, or 1 for the server alone.
   */
  receiverCount(sender: number): number;
  /** Paused clients among those to whom a sender's messages go. */
  pausedReceiverCount(sender: number): number;
  /** Server process of a client, from 0. Whole rooms are dealt to the server processes in turn. */
  serverOf(client: number): number;
  /** For each client: how many clients of the same server process connect before it. */
  connectIndex: Int32Array;
  /**
   * For each client: its place in the order in which clients enter rooms. The first client of every room comes first,
   * then the second of every room...
   */
  joinIndex: Int32Array;
  /**
   * For each client: the place of its polls within their period, in [0, 1). Stratified, so that the polls are spread
   * evenly.
   */
  phases: Float64Array;
  /** The clients of each worker, in join order. */
  clientsByWorker: readonly (readonly number[])[];
  /**
   * True if worker 0 has only the senders and some observers. The queue of a busy worker is then not in their latency.
   */
  hasSenderWorker: boolean;
  /**
   * The clients that are paused in the window, spread over the join order. If there are any, the last worker has them
   * and no others.
   */
  pausedClients: readonly number[];
}

/** Observers in the sender worker: enough to be spread over the join order, few enough to cause no queue. */
const observerCount = 20;

/**
 * Clients in the sender worker: the senders and 20 observers. 0 if the trial has no sender worker, since these would be
 * all clients.
 */
export function senderWorkerShare({
  clients,
  senders,
  pausedClients = 0,
}: Pick<Settings, "clients" | "senders" | "pausedClients">): number {
  return senders + observerCount < clients - pausedClients ? senders + observerCount : 0;
}

/**
 * Draws the assignment from the seed. With a trace, the trace says which room each client is in and which clients send.
 */
export function assignClients(settings: Settings, trace?: Trace): Assignment {
  const { clients, rooms, senderSide = "clients" } = settings;
  const random = seededRandom(settings.seed);
  const joinOrder = shuffled(clients, random);
  const phases = Float64Array.from(shuffled(clients, random), (stratum) => (stratum + random()) / clients);
  const roomOfClient = trace?.roomOf ?? Int32Array.from({ length: clients }, (_, client) => client % rooms);
  const { members, ...indexes } = fillRooms(settings, joinOrder, roomOfClient);
  const senders = trace ? Array.from({ length: settings.senders }, (_, k) => k) : chooseSenders(settings, members);
  const serverSenders = senderSide === "clients" ? [] : members.map((_, room) => clients + room);
  const pausedClients = spreadOver(joinOrder, new Set(senders), settings.pausedClients ?? 0);
  return {
    joinOrder,
    phases,
    ...indexes,
    senders,
    serverSenders,
    allSenders: [...senders, ...serverSenders],
    pausedClients,
    speakerExcluded: settings.speakerExcluded === true,
    ...findAudiences(settings, roomOfClient, members, pausedClients),
    ...dealToWorkers(settings, joinOrder, senders, pausedClients),
  };
}

/** The clients of each room in join order, and what follows from the order in which rooms and servers fill. */
function fillRooms({ clients, rooms, servers }: Settings, joinOrder: readonly number[], roomOfClient: Int32Array) {
  const members: number[][] = Array.from({ length: rooms }, () => []);
  const joinIndex = new Int32Array(clients);
  const connectIndex = new Int32Array(clients);
  const hosted = new Int32Array(servers);
  const serverOf = (client: number): number => roomOfClient[client]! % servers;
  for (const client of joinOrder) {
    const room = members[roomOfClient[client]!]!;
    joinIndex[client] = room.length * rooms + roomOfClient[client]!;
    connectIndex[client] = hosted[serverOf(client)]!++;
    room.push(client);
  }
  return { members, joinIndex, connectIndex, serverOf };
}

/** The senders: dealt to the rooms in turn, and within a room at the middle of equal parts of its join order. */
function chooseSenders({ senders, rooms }: Settings, members: readonly (readonly number[])[]): number[] {
  return Array.from({ length: senders }, (_, k) => {
    const room = members[k % rooms]!;
    const sendersInRoom = Math.ceil((senders - (k % rooms)) / rooms);
    return room[Math.floor(((Math.floor(k / rooms) + 0.5) * room.length) / sendersInRoom)]!;
  });
}

/** Receivers of the messages of each sender. */
function findAudiences(
  { clients, app, speakerExcluded }: Settings,
  roomOfClient: Int32Array,
  members: readonly (readonly number[])[],
  pausedClients: readonly number[],
) {
  const paused = new Set(pausedClients);
  const pausedInRoom = members.map((room) => room.filter((client) => paused.has(client)).length);
  const roomOf = (sender: number): number => (sender < clients ? roomOfClient[sender]! : sender - clients);
  const audienceRoom = (sender: number): number => (sender < clients && app === "ingest" ? -1 : roomOf(sender));
  const pausedReceiverCount = (sender: number): number => pausedInRoom[audienceRoom(sender)] ?? 0;
  const excluded = (sender: number): number => (speakerExcluded && sender < clients && app !== "ingest" ? 1 : 0);
  const receiverCount = (sender: number): number =>
    (members[audienceRoom(sender)]?.length ?? 1) - pausedReceiverCount(sender) - excluded(sender);
  return { roomOf, audienceRoom, receiverCount, pausedReceiverCount };
}

/**
 * The clients of each worker: first the sender worker if there is one, then the others, last the worker of the paused
 * clients.
 */
function dealToWorkers(
  settings: Settings,
  joinOrder: readonly number[],
  senders: readonly number[],
  pausedClients: readonly number[],
) {
  const { workers, shares } = settings;
  const hasSenderWorker = senderWorkerShare(settings) > 0;
  const paused = new Set(pausedClients);
  const observers = hasSenderWorker
    ? spreadOver(joinOrder, new Set([...senders, ...pausedClients]), observerCount)
    : [];
  const inSenderWorker = new Set(hasSenderWorker ? [...senders, ...observers] : []);
  const firstWorker = hasSenderWorker ? 1 : 0;
  const clientsByWorker: number[][] = Array.from({ length: workers + firstWorker }, () => []);
  const others = joinOrder.filter((client) => !paused.has(client) && !inSenderWorker.has(client));
  const dealt = shares && dealByShares(others.length, shares);
  const otherWorkerOf = (client: number, place: number): number => firstWorker + (dealt?.[place] ?? client % workers);
  let place = 0;
  for (const client of joinOrder) {
    if (paused.has(client)) continue;
    clientsByWorker[inSenderWorker.has(client) ? 0 : otherWorkerOf(client, place++)]!.push(client);
  }
  if (paused.size > 0) clientsByWorker.push(joinOrder.filter((client) => paused.has(client)));
  return { clientsByWorker, hasSenderWorker };
}

/** `count` clients at the middle of equal parts of the join order without the `excluded` clients. */
function spreadOver(joinOrder: readonly number[], excluded: ReadonlySet<number>, count: number): number[] {
  const left = joinOrder.filter((client) => !excluded.has(client));
  return Array.from({ length: count }, (_, i) => left[Math.floor(((i + 0.5) * left.length) / count)]!);
}
