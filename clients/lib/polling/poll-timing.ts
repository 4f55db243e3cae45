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
