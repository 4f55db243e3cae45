import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../clients/lib/clock.ts";
import type { Crew } from "./crew.ts";
import { cpuPerDelivery } from "./gather.ts";
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

/** Waits out the warm-up: at least `leastMs` from `startUs`, then until the server's CPU per delivery is steady, at most `mostMs`. */
export async function warmedUp(crew: Crew, startUs: number, leastMs: number, mostMs: number): Promise<void> {
  const costs: (number | undefined)[] = [];
  const [leastUs, mostUs] = [startUs + leastMs * 1000, startUs + mostMs * 1000];
  if (mostUs === leastUs) return sleepUntil(leastUs);
  let before = await crew.server.call("state", undefined);
  for (let steady = false; !(steady && nowUs() >= leastUs) && nowUs() < mostUs; steady = isSteady(costs)) {
    await sleepUntil(Math.min(nowUs() + sliceMs * 1000, mostUs));
    const now = await crew.server.call("state", undefined);
    costs.push(cpuPerDelivery(before, now));
    before = now;
  }
}

/** Waits until nothing has passed the server's sockets for `spanMs`. Gives up, with a sentence, after forty of them. */
export async function quiet(crew: Crew, spanMs: number): Promise<void> {
  const passed = async (): Promise<string> =>
    JSON.stringify((await crew.server.call("state", undefined)).traffic?.wire);
  const giveUpUs = nowUs() + 40 * spanMs * 1000;
  let [last, sinceUs] = [await passed(), nowUs()];
  while (nowUs() - sinceUs < spanMs * 1000) {
    await delay(spanMs / 10);
    const now = await passed();
    if (now !== last) [last, sinceUs] = [now, nowUs()];
    if (nowUs() > giveUpUs) throw new Error(`the connections were never quiet for ${spanMs} ms: give fewer --clients`);
  }
}
