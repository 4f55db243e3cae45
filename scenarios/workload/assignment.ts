import { seededRandom, shuffled } from "../lib/random.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Trace } from "../definitions/trace.ts";
import { affectedCount } from "./fault-plan.ts";
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
  /**
   * The clients that a fault meets: all, or some that do not send, spread over the join order. The last worker then has
   * these and no others.
   */
  affectedClients: readonly number[];
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
  fault,
}: Pick<Settings, "clients" | "senders" | "pausedClients" | "fault">): number {
  const affected = fault ? affectedCount(fault, { clients, senders }) : 0;
  const apart = pausedClients + (affected < clients ? affected : 0);
  return senders + observerCount < clients - apart ? senders + observerCount : 0;
}

/**
 * Draws the assignment from the seed. With a trace, the trace says which room each client is in and which clients send.
 */
export function assignClients(settings: Settings, trace?: Trace): Assignment {
  const { clients, rooms, senderSide = "clients" } = settings;
  const random = seededRandom(settings.seed);
  const joinOrder = shuffled(clients, random);
  const phases = drawPhases(clients, random);
  const audiences = audiencesOf(settings, trace);
  const { members, ...indexes } = fillRooms(settings, joinOrder, audiences.roomOf);
  const senders = trace ? Array.from({ length: settings.senders }, (_, k) => k) : chooseSenders(settings, members);
  const serverSenders = senderSide === "clients" ? [] : Array.from({ length: rooms }, (_, room) => clients + room);
  const pausedClients = spreadOver(joinOrder, flagsOf(clients, senders), settings.pausedClients ?? 0);
  const affectedClients = chooseAffected(settings, joinOrder, senders);
  const isPart = affectedClients.length > 0 && affectedClients.length < clients;
  const apartClients = isPart ? affectedClients : pausedClients;
  return {
    joinOrder,
    phases,
    ...indexes,
    ...audiences,
    senders,
    serverSenders,
    allSenders: serverSenders.length > 0 ? [...senders, ...serverSenders] : senders,
    pausedClients,
    affectedClients,
    ...countReceivers(settings, audiences, members, pausedClients),
    ...dealToWorkers(settings, joinOrder, senders, apartClients),
  };
}

/** One phase in each of `clients` strata of the period, in random order. */
function drawPhases(clients: number, random: () => number): Float64Array {
  const strata = shuffled(clients, random);
  const phases = new Float64Array(clients);
  for (let client = 0; client < clients; client++) phases[client] = (strata[client]! + random()) / clients;
  return phases;
}

/** In which room clients and server-side senders are, and which room hears them. */
export type Audiences = Pick<Assignment, "roomOf" | "audienceRoom" | "serverOf" | "speakerExcluded">;

/** The rooms of a trial. It costs no memory of its own. */
export function audiencesOf(
  { clients, rooms, servers, app, speakerExcluded }: Settings,
  trace: Pick<Trace, "roomOf"> | undefined,
): Audiences {
  const listed = trace?.roomOf;
  const roomOfClient = listed ? (client: number) => listed[client]! : (client: number) => client % rooms;
  const roomOf = (sender: number): number => (sender < clients ? roomOfClient(sender) : sender - clients);
  return {
    roomOf,
    audienceRoom: app === "ingest" ? (sender) => (sender < clients ? -1 : roomOf(sender)) : roomOf,
    serverOf: (client) => roomOfClient(client) % servers,
    speakerExcluded: speakerExcluded === true,
  };
}

/** The clients of each room in join order, one room after another. `from` has the place of each room's first client. */
interface Members {
  clients: Int32Array;
  from: Int32Array;
}

/** The clients of each room in join order, and what follows from the order in which rooms and servers fill. */
function fillRooms({ clients, rooms, servers }: Settings, joinOrder: readonly number[], roomOf: Audiences["roomOf"]) {
  const members: Members = { clients: new Int32Array(clients), from: new Int32Array(rooms + 1) };
  const { from } = members;
  for (const client of joinOrder) from[roomOf(client) + 1]!++;
  for (let room = 0; room < rooms; room++) from[room + 1]! += from[room]!;
  const present = new Int32Array(rooms);
  const hosted = new Int32Array(servers);
  const joinIndex = new Int32Array(clients);
  const connectIndex = new Int32Array(clients);
  for (const client of joinOrder) {
    const room = roomOf(client);
    members.clients[from[room]! + present[room]!] = client;
    joinIndex[client] = present[room]!++ * rooms + room;
    connectIndex[client] = hosted[room % servers]!++;
  }
  return { members, joinIndex, connectIndex };
}

/** The senders: dealt to the rooms in turn, and within a room at the middle of equal parts of its join order. */
function chooseSenders({ senders, rooms }: Settings, { clients, from }: Members): number[] {
  return Array.from({ length: senders }, (_, k) => {
    const room = k % rooms;
    const length = from[room + 1]! - from[room]!;
    const sendersInRoom = Math.ceil((senders - room) / rooms);
    return clients[from[room]! + Math.floor(((Math.floor(k / rooms) + 0.5) * length) / sendersInRoom)]!;
  });
}

/** Receivers of the messages of each sender. */
function countReceivers(
  { clients, rooms, app, speakerExcluded }: Settings,
  { roomOf, audienceRoom }: Audiences,
  { from }: Members,
  pausedClients: readonly number[],
) {
  const pausedInRoom = new Int32Array(pausedClients.length > 0 ? rooms : 0);
  for (const client of pausedClients) pausedInRoom[roomOf(client)]!++;
  const pausedReceiverCount = (sender: number): number => pausedInRoom[audienceRoom(sender)] ?? 0;
  const excluded = (sender: number): number => (speakerExcluded && sender < clients && app !== "ingest" ? 1 : 0);
  const sizeOf = (room: number): number => (room < 0 ? 1 : from[room + 1]! - from[room]!);
  const receiverCount = (sender: number): number =>
    sizeOf(audienceRoom(sender)) - pausedReceiverCount(sender) - excluded(sender);
  return { receiverCount, pausedReceiverCount };
}

/** The clients that the fault of a trial meets. */
function chooseAffected(
  { clients, fault }: Settings,
  joinOrder: readonly number[],
  senders: readonly number[],
): readonly number[] {
  if (!fault) return [];
  const count = affectedCount(fault, { clients, senders: senders.length });
  return count === clients ? joinOrder : spreadOver(joinOrder, flagsOf(clients, senders), count);
}

/**
 * The clients of each worker: first the sender worker if there is one, then the others, last the worker of the clients
 * that are apart, since they are paused or a fault meets them.
 */
function dealToWorkers(
  settings: Settings,
  joinOrder: readonly number[],
  senders: readonly number[],
  apartClients: readonly number[],
) {
  const { clients, workers, shares } = settings;
  const hasSenderWorker = senderWorkerShare(settings) > 0;
  const apart = flagsOf(clients, apartClients);
  const observers = hasSenderWorker
    ? spreadOver(joinOrder, flagsOf(clients, senders, apartClients), observerCount)
    : [];
  const inSenderWorker = hasSenderWorker ? flagsOf(clients, senders, observers) : flagsOf(clients);
  const firstWorker = hasSenderWorker ? 1 : 0;
  const clientsByWorker: number[][] = Array.from({ length: workers + firstWorker }, () => []);
  const toSenderWorker = hasSenderWorker ? senders.length + observers.length : 0;
  const dealt = shares && dealByShares(clients - apartClients.length - toSenderWorker, shares);
  const otherWorkerOf = (client: number, place: number): number => firstWorker + (dealt?.[place] ?? client % workers);
  let place = 0;
  for (const client of joinOrder) {
    if (apart[client]) continue;
    clientsByWorker[inSenderWorker[client] ? 0 : otherWorkerOf(client, place++)]!.push(client);
  }
  if (apartClients.length > 0) clientsByWorker.push(joinOrder.filter((client) => apart[client]));
  return { clientsByWorker, hasSenderWorker };
}

/** One byte for each client: 1 for those in one of the lists. */
function flagsOf(clients: number, ...lists: readonly (readonly number[])[]): Uint8Array {
  const flags = new Uint8Array(clients);
  for (const list of lists) for (const client of list) flags[client] = 1;
  return flags;
}

/** `count` clients at the middle of equal parts of the join order without the clients that have a flag. */
function spreadOver(joinOrder: readonly number[], flags: Uint8Array, count: number): number[] {
  if (count === 0) return [];
  const left = joinOrder.filter((client) => !flags[client]);
  return Array.from({ length: count }, (_, i) => left[Math.floor(((i + 0.5) * left.length) / count)]!);
}
