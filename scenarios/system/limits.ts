import { availableCores } from "../../results/model/cores.ts";
import { descriptorLimit } from "../../results/model/environment.ts";
import { timeWaitMs, portsPerAddress } from "./procfs.ts";

/** Limits of this machine for a trial. null: there is no limit, or the system does not report it. */
export interface Limits {
  /** File descriptors that one process may have open. */
  descriptors: number | null;
  /** Local ports for connections to one address and port. */
  ports: number | null;
  /**
   * Milliseconds for which a port on loopback is in TIME_WAIT after its own side has closed the connection. Default: 0.
   */
  timeWaitMs?: number | undefined;
  /** Memory that is still available to programs. */
  memoryMib: number | null;
  /** CPU cores that this process may use. */
  cores: number;
}

/** The limits of this machine and process. Child processes have the same. */
export function findLimits(): Limits {
  return {
    descriptors: descriptorLimit(),
    ports: portsPerAddress(),
    timeWaitMs: timeWaitMs(),
    memoryMib: process.availableMemory() / 2 ** 20,
    cores: availableCores(),
  };
}

/** Descriptors that a process has open before its first client: libraries, pipes, the event loop. */
const baseDescriptors = 64;

/** Descriptors that a process needs for a number of clients. */
export function descriptorsFor(clients: number, socketsPerClient: number): number {
  return clients * socketsPerClient + baseDescriptors;
}

/** Clients that fit into a process with `limit` descriptors; null means no limit. */
export function clientsThatFit(socketsPerClient: number, limit: number | null): number {
  return limit === null ? Infinity : Math.max(0, Math.floor((limit - baseDescriptors) / socketsPerClient));
}
