import { UserError } from "../lib/errors.ts";
import { clientsThatFit, type Limits } from "../system/limits.ts";
import type { Transport } from "../transports/transport.ts";
import { apportion } from "../workload/shares.ts";
import { connectionMib, processMib } from "./process-plan.ts";

/** What a share depends on besides the host. */
type Load = Pick<Transport, "options" | "socketsPerClient">;

/**
 * Clients that one core of a load generator carries at least, whatever they do. More may fit; what counts for a share is
 * that a host with twice the cores has twice as many.
 */
const clientsPerCore = 20_000;

/** The clients that a host can have in so many worker processes: what its descriptors and its memory hold. */
function clientsThatHostHolds({ options, socketsPerClient }: Load, limits: Limits, processes: number): number {
  const { descriptors, memoryMib } = limits;
  const mibPerClient = socketsPerClient * connectionMib(options);
  const byMemory = memoryMib === null ? Infinity : Math.floor((memoryMib - processes * processMib) / mibPerClient);
  return Math.max(0, Math.min(processes * clientsThatFit(socketsPerClient, descriptors), byMemory));
}

/** Worker processes of each host, and the weight of each worker, in the order of the hosts: for `Settings.shares`. */
interface HostShares {
  processes: number[];
  shares: number[];
}

/**
 * The workers of hosts, and their shares of the clients. The weight of a host is the least of what its descriptors, its
 * memory and its cores carry, so that all hosts are equally far from their limits. Where the cores would carry too few,
 * each carries twice as many, since cores make a load slow but not impossible. A host has one process if that is enough
 * and the user does not want more `workers`. The shares are whole numbers and add up to `clients`. Pure. Throws a
 * UserError where the hosts together cannot hold the clients.
 */
export function shareClients(
  load: Load,
  hosts: readonly Limits[],
  { clients, workers = 0 }: { clients: number; workers?: number | undefined },
): HostShares {
  const wanted = hosts.map((_, i) => Math.max(1, Math.floor((workers + hosts.length - 1 - i) / hosts.length)));
  for (let more = 0; more < mostMoreProcesses; more++) {
    const processes = wanted.map((each) => each + more);
    const held = hosts.map((limits, i) => clientsThatHostHolds(load, limits, processes[i]!));
    if (sumOf(held) < clients) continue;
    const parts = apportion(clients, weightsOf(hosts, held, clients));
    return { processes, shares: parts.flatMap((part, i) => apportion(part, equalParts(processes[i]!))) };
  }
  throw new UserError(
    `The ${hosts.length} client hosts cannot hold ${clients} clients: start more agents, raise ulimit -n there, or use fewer --clients.`,
  );
}

/** Processes more than wanted on each host, at most. */
const mostMoreProcesses = 64;

/** Weights that add up to `clients` at least, none above what its host holds. */
function weightsOf(hosts: readonly Limits[], held: readonly number[], clients: number): number[] {
  for (let perCore = clientsPerCore; ; perCore *= 2) {
    const weights = hosts.map(({ cores }, i) => Math.min(held[i]!, Math.ceil(cores * perCore)));
    if (sumOf(weights) >= clients) return weights;
  }
}

const equalParts = (count: number): number[] => Array.from({ length: count }, () => 1);
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
