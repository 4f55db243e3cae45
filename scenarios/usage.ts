import { performance, type EventLoopUtilization } from "node:perf_hooks";
import { nowUs } from "../clients/lib/clock.ts";
import { sleepUntil } from "./pace.ts";

/** What a process has used up to a moment. */
export interface Usage {
  atUs: number;
  /** User and system time. */
  cpuUs: number;
  loop: Pick<EventLoopUtilization, "idle" | "active">;
  rssBytes: number;
}

/** What this process has used so far. */
export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { idle, active } = performance.eventLoopUtilization();
  return { atUs: nowUs(), cpuUs: user + system, loop: { idle, active }, rssBytes: process.memoryUsage.rss() };
}

/** Takes `snapshot` at T0 and at T1 by this process's own timer. */
export async function atEdges<S>(t0Us: number, t1Us: number, snapshot: () => S): Promise<[S, S]> {
  await sleepUntil(t0Us);
  const first = snapshot();
  await sleepUntil(t1Us);
  return [first, snapshot()];
}
