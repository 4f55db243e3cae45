import { realClock, sleepUntil, type Clock } from "../lib/pace.ts";
import { cpuPerDelivery, isIdle, type ServerSnapshot } from "./server-snapshot.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** Length of the slices of a warm-up that are compared. */
const sliceMs = 2_000;
/** Two slices that differ by less than this share count as stable: about the noise of 2 s of load. */
const tolerance = 0.1;

/** True where the CPU per delivery of the last two slices agrees. */
export function isStable(costs: readonly (number | undefined)[]): boolean {
  const [before, last] = costs.slice(-2);
  return before !== undefined && last !== undefined && Math.abs(last - before) <= tolerance * last;
}

/**
 * Waits until the servers' CPU per delivery is stable: at least `minMs` from `startUs`, at most `maxMs`. Where that CPU
 * is not known it takes `maxMs`. Tests pass their own clock.
 */
export async function waitUntilStable(
  processes: Pick<TrialProcesses, "snapshot">,
  startUs: number,
  minMs: number,
  maxMs: number,
  clock: Clock = realClock,
): Promise<void> {
  const costs: (number | undefined)[] = [];
  const [earliestUs, latestUs] = [startUs + minMs * 1000, startUs + maxMs * 1000];
  if (latestUs === earliestUs) return sleepUntil(earliestUs, clock);
  let before = await processes.snapshot();
  while (clock.nowUs() < latestUs && !(isStable(costs) && clock.nowUs() >= earliestUs)) {
    await sleepUntil(Math.min(clock.nowUs() + sliceMs * 1000, latestUs), clock);
    const now = await processes.snapshot();
    costs.push(cpuPerDelivery(before, now));
    before = now;
  }
}

/** Time without traffic after which connections count as idle: a share of a cycle, at most `maxMs`. */
const silence = { maxMs: 1_000, share: 0.25 };

/**
 * Waits until nothing passes the servers' sockets between two cycles, and resolves to the servers at that moment.
 * Undefined where the traffic is not known, or never pauses within the longer of ten seconds and three cycles. Tests
 * pass their own clock.
 */
export async function waitUntilIdle(
  processes: Pick<TrialProcesses, "snapshot">,
  cycleMs: number,
  clock: Clock = realClock,
): Promise<ServerSnapshot | undefined> {
  const silenceMs = Math.min(silence.maxMs, silence.share * cycleMs);
  const giveUpUs = clock.nowUs() + 1000 * Math.max(10_000, 3 * cycleMs);
  let [last, sinceUs] = [await processes.snapshot(), clock.nowUs()];
  if (!last.traffic) return undefined;
  while (clock.nowUs() - sinceUs < silenceMs * 1000) {
    if (clock.nowUs() > giveUpUs) return undefined;
    await sleepUntil(clock.nowUs() + (silenceMs * 1000) / 5, clock);
    const now = await processes.snapshot();
    if (!isIdle(last, now)) [last, sinceUs] = [now, clock.nowUs()];
  }
  return last;
}
