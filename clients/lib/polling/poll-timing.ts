import type { Options } from "../../../scenarios/contract.ts";

/** The times of a client's polls. */
export interface PollTiming {
  /** Milliseconds that the server may hold a poll. */
  holdMs: number;
  /** Milliseconds between two polls, at the client's phase. 0: the next poll follows the response at once. */
  intervalMs: number;
}

/** Short polling: a poll every `pollIntervalMs`, with an immediate response. */
export function shortPollTiming({ pollIntervalMs }: Options): PollTiming {
  return { holdMs: 0, intervalMs: pollIntervalMs };
}

/** Long polling: the server holds a poll until a message arrives, at most `holdMs`. The next poll follows at once. */
export function longPollTiming({ holdMs }: Options): PollTiming {
  return { holdMs, intervalMs: 0 };
}

/** After so many empty responses that came too early, a server is taken for one that does not hold polls. */
const maxEarly = 5;

/**
 * Counts empty responses that came before half of `holdMs`, `sinceMs` milliseconds after the poll or the last empty
 * response. Returns the new count. Throws at the fifth: such a server does not hold polls.
 */
export function countEarly(early: number, sinceMs: number, { holdMs }: Pick<Options, "holdMs">): number {
  if (sinceMs >= holdMs / 2) return 0;
  if (early + 1 < maxEarly) return early + 1;
  throw new Error("the server answers polls at once without a message, and does not hold them");
}
