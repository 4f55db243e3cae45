import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../clients/lib/clock.ts";
import type { Crew } from "./crew.ts";
import { cpuPerDelivery } from "./gather.ts";
import type { Moment } from "./moments.ts";
import { sleepUntil } from "./pace.ts";

/** Length of the slices of a warm-up that are compared. */
const sliceMs = 2_000;
/** Two slices closer than this share of the later one count as steady: about the noise of 2 s of load. */
const tolerance = 0.1;

/** Whether the last two slices' costs agree. */
export function isSteady(costs: readonly (number | undefined)[]): boolean {
  const [before, last] = costs.slice(-2);
  return before !== undefined && last !== undefined && Math.abs(last - before) <= tolerance * last;
}

/** Waits out the warm-up: at least `leastMs` from `startUs`, then until the servers' CPU per delivery is steady, at most `mostMs`. */
export async function warmedUp(crew: Crew, startUs: number, leastMs: number, mostMs: number): Promise<void> {
  const costs: (number | undefined)[] = [];
  const [leastUs, mostUs] = [startUs + leastMs * 1000, startUs + mostMs * 1000];
  if (mostUs === leastUs) return sleepUntil(leastUs);
  let before = await crew.state();
  for (let steady = false; !(steady && nowUs() >= leastUs) && nowUs() < mostUs; steady = isSteady(costs)) {
    await sleepUntil(Math.min(nowUs() + sliceMs * 1000, mostUs));
    const now = await crew.state();
    costs.push(cpuPerDelivery(before, now));
    before = now;
  }
}

/**
 * Waits until nothing has passed the servers' sockets for `spanMs`; false where that never was so within the longer of ten seconds and
 * three times `cycleMs`, after which it would never be.
 */
export async function quiet(crew: Pick<Crew, "state">, spanMs: number, cycleMs: number): Promise<boolean> {
  const passed = ({ traffic }: Moment): string => JSON.stringify(traffic?.wire);
  const giveUpUs = nowUs() + 1000 * Math.max(10_000, 3 * cycleMs);
  let [last, sinceUs] = [passed(await crew.state()), nowUs()];
  while (nowUs() - sinceUs < spanMs * 1000) {
    if (nowUs() > giveUpUs) return false;
    await delay(spanMs / 10);
    const now = passed(await crew.state());
    if (now !== last) [last, sinceUs] = [now, nowUs()];
  }
  return true;
}
