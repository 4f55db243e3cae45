import { cpus } from "node:os";
import { descriptorLimit } from "../../results/model/environment.ts";
import { timeWaitMs, portsPerAddress } from "./procfs.ts";

/** What this machine allows a trial. null: there is no bound, or the system does not say. */
export interface Limits {
  /** Descriptors that one process may have open. */
  descriptors: number | null;
  /** Ports that the kernel gives to connections to one address and port. */
  ports: number | null;
  /** Milliseconds for which a port whose connection its own side has closed is taken for no other on loopback. Not said: none. */
  timeWaitMs?: number | undefined;
  /** Memory that programs can still have. */
  memoryMib: number | null;
  cores: number;
}

/** Reads the limits of this machine and process, which its children share. */
export function findLimits(): Limits {
  return {
    descriptors: descriptorLimit(),
    ports: portsPerAddress(),
    timeWaitMs: timeWaitMs(),
    memoryMib: process.availableMemory() / 2 ** 20,
    cores: cpus().length,
  };
}

/** Descriptors a process of ours has open before any client comes: libraries, pipes, the event loop. */
const own = 64;

/** Descriptors of a process that has so many clients. */
export function descriptorsFor(clients: number, socketsPerClient: number): number {
  return clients * socketsPerClient + own;
}

/** Clients that a process which may have `limit` descriptors open can have; null means that there is no bound. */
export function clientsThatFit(socketsPerClient: number, limit: number | null): number {
  return limit === null ? Infinity : Math.max(0, Math.floor((limit - own) / socketsPerClient));
}
