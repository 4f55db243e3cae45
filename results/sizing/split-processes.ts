import { predict, type SizedLoad, type CostModel } from "./model.ts";
import { modelReach, type ModelReach } from "./model-range.ts";

/** What is asked: a load over all processes, and how to reckon. */
export interface SizingQuestion {
  load: SizedLoad;
  /** Share of a core that a process may use, 0.7 at most. */
  utilisation: number;
  pricePerGb: number;
  /** Descriptors that a process may have open. */
  descriptorLimit: number;
  /** Cores there are: then it is said how many of the clients they carry. */
  cores?: number | undefined;
}

/** Descriptors of a process that no client takes: libraries, pipes, the event loop. */
const ownDescriptors = 64;

/** How a load is divided among processes. */
export interface ProcessSplit {
  cores: number;
  /** All of it, and how many processes share it. */
  whole: SizedLoad;
  perProcess: SizedLoad;
  /** Why there are more processes than the CPU alone asks for. */
  reason: "descriptors" | ModelReach | undefined;
}

/**
 * Divides a load among as many processes as its CPU, its descriptors and the measured range ask for: whole rooms where they fit, otherwise
 * parts of them. Undefined where a process without work is already busier than it may be.
 */
export function splitProcesses(
  model: CostModel,
  question: SizingQuestion,
  socketsPerClient: number,
): ProcessSplit | undefined {
  const { load, utilisation, descriptorLimit } = question;
  const cpuPerS = (processes: number): number => predict(model.costs, { ...load, processes }).cpuPerS;
  const own = cpuPerS(1) - cpuPerS(0);
  if (own >= utilisation) return undefined;
  const forCpu = Math.max(1, Math.ceil(cpuPerS(0) / (utilisation - own)));
  const forDescriptors = Math.ceil((load.clients * socketsPerClient) / Math.max(1, descriptorLimit - ownDescriptors));
  const reach = modelReach(model, load);
  const processes = Math.max(forCpu, forDescriptors, reach.processes);
  const whole = { ...load, processes };
  const limit = forDescriptors === processes ? "descriptors" : reach;
  return {
    cores: Math.max(1, Math.ceil(cpuPerS(processes) / utilisation)),
    whole,
    perProcess: share(whole),
    reason: processes > forCpu ? limit : undefined,
  };
}

/** One process's part. A message to a room over several processes is one more send in each, which is not counted here. */
function share({ clients, processes, roomSize, sendsPerS, deliveriesPerS, payloadBytes }: SizedLoad): SizedLoad {
  const part = Math.min(roomSize, clients / processes);
  return {
    clients: clients / processes,
    processes: 1,
    roomSize: part,
    sendsPerS: ((sendsPerS / processes) * roomSize) / part,
    deliveriesPerS: deliveriesPerS / processes,
    payloadBytes,
  };
}
