import type { Settings } from "../definitions/settings.ts";
import { openRanks } from "../lib/number-index.ts";
import { audiencesOf, type Assignment, type Audiences } from "./assignment.ts";
import type { WorkloadPlan } from "./plan-workload.ts";
import { partOf, type Schedule } from "./schedule.ts";

/**
 * The part of a trial's load that one worker plays: its clients, and the messages that they send or hear. Entry k of
 * each array is of the client in slot k. What other workers play is not kept, so a worker with a hundredth of the clients
 * needs about a hundredth of the memory.
 */
export interface WorkerShare {
  /** Numbers of the clients, in join order. */
  clients: Int32Array;
  /** Place of each client in the join order of the whole trial. */
  joinPlaces: Int32Array;
  /** As in the assignment. */
  joinIndex: Int32Array;
  connectIndex: Int32Array;
  phases: Float64Array;
  /** True if these are the paused clients. */
  paused: boolean;
  /** True if the fault of the trial meets these clients. */
  affected: boolean;
  /** Senders that are among these clients or are heard by one of them. */
  audience: Audiences & Pick<Assignment, "allSenders">;
  /** The messages of these senders. */
  schedule: Schedule;
}

/** The share of one worker. Pure: it follows from the plan of the whole. */
export function workerShareOf(
  settings: Settings,
  { assignment, schedule, trace }: WorkloadPlan,
  worker: number,
): WorkerShare {
  const { joinOrder, joinIndex, connectIndex, phases, allSenders, clientsByWorker, pausedClients, affectedClients } =
    assignment;
  const clients = Int32Array.from(clientsByWorker[worker]!);
  const audiences = audiencesOf(settings, trace);
  const isOwn = openRanks(clients);
  const hasClient = openRanks(roomsOf(clients, settings, audiences));
  const isInShare = (sender: number): boolean => isOwn(sender) >= 0 || hasClient(audiences.audienceRoom(sender)) >= 0;
  const joinPlaces = new Int32Array(clients.length);
  for (let place = 0, slot = 0; slot < clients.length; place++)
    if (joinOrder[place] === clients[slot]) joinPlaces[slot++] = place;
  return {
    clients,
    joinPlaces,
    joinIndex: clients.map((client) => joinIndex[client]!),
    connectIndex: clients.map((client) => connectIndex[client]!),
    phases: Float64Array.from(clients, (client) => phases[client]!),
    paused: pausedClients.length > 0 && worker === clientsByWorker.length - 1,
    affected: isAffected({ clientsByWorker, affectedClients }, worker),
    audience: { ...audiences, allSenders: allSenders.filter(isInShare) },
    schedule: partOf(schedule, isInShare),
  };
}

/** True if the fault of a trial meets the clients of this worker. */
export function isAffected(
  { clientsByWorker, affectedClients }: Pick<Assignment, "clientsByWorker" | "affectedClients">,
  worker: number,
): boolean {
  const [first] = clientsByWorker[worker] ?? [];
  return first !== undefined && affectedClients.includes(first);
}

/** The rooms in which these clients are, each once. */
function roomsOf(clients: Int32Array, { rooms }: Settings, { roomOf }: Audiences): number[] {
  const entered = new Uint8Array(rooms);
  for (const client of clients) entered[roomOf(client)] = 1;
  return [...entered.keys()].filter((room) => entered[room]);
}
