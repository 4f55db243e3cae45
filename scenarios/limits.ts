import { UserError } from "./errors.ts";

/** Descriptors a process of ours has open before any client comes: libraries, pipes, the event loop. */
const own = 64;

/** Clients that a server process which may have `limit` descriptors open can hold; null means that there is no bound. */
export function clientsThatFit(socketsPerClient: number, limit: number | null): number {
  return limit === null ? Infinity : Math.max(0, Math.floor((limit - own) / socketsPerClient));
}

/**
 * Refuses, with a UserError, a trial that the server process could not hold: every client takes `socketsPerClient` descriptors there,
 * and no worker has more clients than the server. `limit` null means that the system has none or does not say.
 */
export function checkDescriptors(
  transport: string,
  socketsPerClient: number,
  clients: number,
  limit: number | null,
): void {
  const needed = clients * socketsPerClient + own;
  if (limit === null || needed <= limit) return;
  const fits = clientsThatFit(socketsPerClient, limit);
  throw new UserError(
    `${transport} with ${clients} clients needs ${needed} descriptors in the server process, but a process may have ${limit} open: ` +
      `at most ${fits} --clients fit, or raise the limit (ulimit -n).`,
  );
}
