import { UserError } from "./errors.ts";
import { cast } from "./plan.ts";
import type { Settings } from "./settings.ts";

/** Descriptors a process of ours has open before any client comes: libraries, pipes, the event loop. */
const own = 64;

/**
 * Refuses, with a UserError, a trial that some process could not hold: every client takes `socketsPerClient` descriptors in the
 * server process and in its worker. `limit` null means that the system has none or does not say.
 */
export function checkDescriptors(
  transport: string,
  socketsPerClient: number,
  settings: Settings,
  limit: number | null,
): void {
  if (limit === null) return;
  const fits = Math.floor((limit - own) / socketsPerClient);
  const largestShare = Math.max(...cast(settings).shares.map(({ length }) => length));
  const [where, clients] =
    settings.clients > fits ? ["the server process", settings.clients] : ["a worker process", largestShare];
  if (clients <= fits) return;
  const remedy = where === "the server process" ? `at most ${fits} --clients fit` : "give more --workers";
  throw new UserError(
    `${transport} with ${settings.clients} clients needs ${clients * socketsPerClient + own} descriptors in ${where}, but a process ` +
      `may have ${limit} open: ${remedy}, or raise the limit (ulimit -n).`,
  );
}
