import { predict, type SizedLoad, type CostModel } from "./model.ts";
import { modelReach, type ModelReach } from "./model-range.ts";
import type { SizingQuestion } from "./sizing-question.ts";

/** File descriptors of a process that no client uses: libraries, pipes, the event loop. */
const ownDescriptors = 64;

/** Division of a load among server processes. */
export interface ProcessSplit {
  cores: number;
  /** The load of all processes together. */
  total: SizedLoad;
  perProcess: SizedLoad;
  /** Reason for more processes than the CPU alone requires. */
  reason: "descriptors" | ModelReach | undefined;
}

/**
 * Divides a load among as many processes as its CPU, its descriptors and the measured range require. A room stays in
 * one process if it fits, and is split otherwise. Undefined where an idle process already exceeds the utilisation.
 */
export function splitProcesses(
  model: CostModel,
  { load, utilisation, descriptorLimit }: SizingQuestion,
  socketsPerClient: number,
): ProcessSplit | undefined {
  const cpuPerS = (processes: number): number => predict(model.costs, { ...load, processes }).cpuPerS;
  const idleCpuPerS = cpuPerS(1) - cpuPerS(0);
  if (idleCpuPerS >= utilisation) return undefined;
  const forCpu = Math.max(1, Math.ceil(cpuPerS(0) / (utilisation - idleCpuPerS)));
  const forDescriptors = Math.ceil((load.clients * socketsPerClient) / Math.max(1, descriptorLimit - ownDescriptors));
  const reach = modelReach(model, load);
  const processes = Math.max(forCpu, forDescriptors, reach.processes);
  const total = { ...load, processes };
  const limit = forDescriptors === processes ? "descriptors" : reach;
  return {
    cores: Math.max(1, Math.ceil(cpuPerS(processes) / utilisation)),
    total,
    perProcess: shareOfOne(total),
    reason: processes > forCpu ? limit : undefined,
  };
}

/** Load of one process. A message to a room in several processes counts as one send in each of them. */
function shareOfOne({ clients, processes, roomSize, sendsPerS, deliveriesPerS, payloadBytes }: SizedLoad): SizedLoad {
  const members = Math.min(roomSize, clients / processes);
  return {
    clients: clients / processes,
    processes: 1,
    roomSize: members,
    sendsPerS: ((sendsPerS / processes) * roomSize) / members,
    deliveriesPerS: deliveriesPerS / processes,
    payloadBytes,
  };
}
