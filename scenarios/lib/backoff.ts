/** The shortest and the longest time between two attempts, in milliseconds. */
export interface BackoffWindow {
  minMs: number;
  maxMs: number;
}

/** Where nothing else is said: the window of Socket.IO's client. */
export const usualWindow: BackoffWindow = { minMs: 1_000, maxMs: 5_000 };

/** The window of `Options.reconnect`. */
export function windowOf(reconnect: BackoffWindow | "usual"): BackoffWindow {
  return reconnect === "usual" ? usualWindow : reconnect;
}

/**
 * Milliseconds before an attempt, the first being 0: drawn between the shortest time and that time doubled once for each
 * attempt, but not above the longest; 0 doubles as 1 does. The draw keeps clients apart that were dropped at the same moment ("jitter":
 * Brooker, "Exponential Backoff And Jitter", AWS 2015). A window without a width has none. Pure, except for the number
 * in [0, 1) that `random` gives.
 */
export function backoffMs({ minMs, maxMs }: BackoffWindow, attempt: number, random: () => number): number {
  const longest = Math.min(maxMs, Math.max(1, minMs) * 2 ** Math.min(attempt + 1, 30));
  return minMs + random() * (longest - minMs);
}
