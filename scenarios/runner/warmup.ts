import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../lib/clock.ts";
import type { TrialProcesses } from "./trial-processes.ts";
import { cpuPerDelivery, isIdle, type ServerSnapshot } from "./server-snapshot.ts";
import { sleepUntil } from "../lib/pace.ts";

/** Length of the slices of a warm-up that are compared. */
const sliceMs = 2_000;
/** Two slices closer than this share of the later one count as steady: about the noise of 2 s of load. */
const tolerance = 0.1;

/** Whether the last two slices' costs agree. */
export function isStable(costs: readonly (number | undefined)[]): boolean {
  const [before, last] = costs.slice(-2);
  return before !== undefined && last !== undefined && Math.abs(last - before) <= tolerance * last;
}

/**
 * Waits out the warm-up: at least `leastMs` from `startUs`, then until the servers' CPU per delivery is steady, at most `mostMs`, which is
 * how long it takes where nobody knows that CPU.
 */
export async function waitUntilStable(
  processes: TrialProcesses,
  startUs: number,
  leastMs: number,
  mostMs: number,
): Promise<void> {
  const costs: (number | undefined)[] = [];
  const [leastUs, mostUs] = [startUs + leastMs * 1000, startUs + mostMs * 1000];
  if (mostUs === leastUs) return sleepUntil(leastUs);
  let before = await processes.state();
  for (let steady = false; !(steady && nowUs() >= leastUs) && nowUs() < mostUs; steady = isStable(costs)) {
    await sleepUntil(Math.min(nowUs() + sliceMs * 1000, mostUs));
    const now = await processes.state();
    costs.push(cpuPerDelivery(before, now));
    before = now;
  }
}

/** How long nothing may pass, at most and as a share of a cycle, for the connections to count as quiet. */
const quietSpan = { mostMs: 1_000, share: 0.25 };

/**
 * Waits until nothing passes the servers' sockets between two cycles, and says how they were then. Undefined where that never was so
 * within the longer of ten seconds and three cycles, after which it would never be, and where nobody knows what passes.
 */
export async function waitUntilIdle(
  processes: Pick<TrialProcesses, "state">,
  cycleMs: number,
): Promise<ServerSnapshot | undefined> {
  const spanMs = Math.min(quietSpan.mostMs, quietSpan.share * cycleMs);
  const giveUpUs = nowUs() + 1000 * Math.max(10_000, 3 * cycleMs);
  let [last, sinceUs] = [await processes.state(), nowUs()];
  if (!last.traffic) return undefined;
  while (nowUs() - sinceUs < spanMs * 1000) {
    if (nowUs() > giveUpUs) return undefined;
    await delay(spanMs / 5);
    const now = await processes.state();
    if (!isIdle(last, now)) [last, sinceUs] = [now, nowUs()];
  }
  return last;
}
