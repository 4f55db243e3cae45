import { clientsThatFit, type Limits } from "../system/limits.ts";
import type { Transport } from "../transports/transport.ts";
import { connectionMib, processMib } from "./process-plan.ts";

/**
 * Clients that one core of a load generator carries at least, whatever they do. More may fit; what counts for a share is
 * that a host with twice the cores has twice as many.
 */
const clientsPerCore = 20_000;

/**
 * The most clients that one worker process on a host should have: those that fit its descriptors, its memory and its
 * cores. A whole number from 0 on. `workers` of the trial are on that host and share its memory and cores. Pure.
 */
export function clientCapacity(
  { options, socketsPerClient }: Pick<Transport, "options" | "socketsPerClient">,
  { descriptors, memoryMib, cores }: Limits,
  workers = 1,
): number {
  const mibPerClient = socketsPerClient * connectionMib(options);
  const byMemory = memoryMib === null ? Infinity : (memoryMib / workers - processMib) / mibPerClient;
  const byCores = (cores * clientsPerCore) / workers;
  return Math.max(0, Math.floor(Math.min(clientsThatFit(socketsPerClient, descriptors), byMemory, byCores)));
}

/** The weights of workers, one on each of these hosts, for `Settings.shares`. Pure. */
export function sharesOf(
  transport: Pick<Transport, "options" | "socketsPerClient">,
  hosts: readonly Limits[],
): number[] {
  return hosts.map((limits) => clientCapacity(transport, limits));
}
