import { setTimeout as delay } from "node:timers/promises";
import { minMessagesPerPercentile } from "../../results/rows/row.ts";
import { mostLost, type AbortBounds } from "../definitions/abort-bounds.ts";
import { nowUs } from "../lib/clock.ts";
import { countBelow } from "../lib/count-below.ts";
import type { WatchedCounts } from "../load/workload.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** Time between two questions to the workers. */
const askMs = 1_000;

/** Ends a trial whose thresholds can hold no more. The message says which one broke, with numbers. */
export class ThresholdAbort extends Error {}

/** What a trial expects, and what may end it. */
export interface WatchPlan extends AbortBounds {
  /** Due times of the measured messages from T0, ascending. */
  dueUs: Float64Array;
  /** Deliveries that the first k messages should cause, for k from 0 to all. Paused clients are left out. */
  expectedBy: Float64Array;
  /** Deliveries that the message with the most receivers should cause. */
  largestAudience: number;
  /**
   * Deliveries that may be missing at the end: 0 for a transport that promises to lose none, or Infinity; Infinity also
   * where clients may go, since fewer deliveries may then be expected than `expectedBy` says.
   */
  mayLose: number;
  /** Time in which a message that was overtaken may still arrive: 0 where messages keep their order. */
  overtakenUs: number;
}

/** Counts of the workers, `atUs` after T0. */
interface TimedCounts extends WatchedCounts {
  atUs: number;
}

/**
 * A function that is given the counts now and then. It returns a clause as soon as a threshold can hold no more, and
 * undefined before. It never ends a trial that could still pass.
 *
 * - The p99: more than 1 % of all expected deliveries were late, or are due for longer than the bound. Of the missing
 *   ones, as many as may be lost are not counted, since a lost message has no latency. Ten messages must be among them,
 *   as a row states no percentile of fewer.
 * - Lost messages: a receiver has a later message of the same sender, and the time in which messages may overtake each
 *   other is over. A message that is only late, as after a stall, is not lost.
 */
export function openAbortCheck(plan: WatchPlan): (now: TimedCounts) => string | undefined {
  const earlier: TimedCounts[] = [];
  return (now) => {
    earlier.push(now);
    const settled = earlier.findLast(({ atUs }) => atUs <= now.atUs - plan.overtakenUs);
    return p99Broken(plan, now) ?? lostBroken(plan, settled, now);
  };
}

function p99Broken({ p99, ...plan }: WatchPlan, { atUs, delivered, late }: TimedCounts): string | undefined {
  if (!p99) return undefined;
  const expected = plan.expectedBy.at(-1)!;
  const due = plan.expectedBy[countBelow(plan.dueUs, atUs - p99.bound)]!;
  const overdue = Math.max(0, due - delivered - plan.mayLose);
  const allowed = Math.max(0.01 * expected, (minMessagesPerPercentile - 1) * plan.largestAudience);
  if (late + overdue <= allowed) return undefined;
  return (
    `${late.toLocaleString("en")} deliveries were late and ${overdue.toLocaleString("en")} are overdue, more than 1 % of the ` +
    `${expected.toLocaleString("en")} expected, so the threshold ${p99.text} can hold no more`
  );
}

/** Each reordered delivery since then may be one of the messages that were overtaken. */
function lostBroken({ lost }: WatchPlan, then: TimedCounts | undefined, now: TimedCounts): string | undefined {
  if (!lost || !then) return undefined;
  const gone = then.overtaken - (now.reordered - then.reordered);
  if (gone <= mostLost(lost)) return undefined;
  return `${gone.toLocaleString("en")} deliveries are lost, so the threshold ${lost.text} can hold no more`;
}

/** Asks the workers for their counts while a trial runs. */
export interface ThresholdWatch {
  /** The window begins at T0. */
  start(t0Us: number): void;
  stop(): void;
}

/**
 * Watches a trial: asks the workers once a second, and calls `abort` with the reason when its thresholds can hold no
 * more. Without a plan it does nothing. `pausedClients` have the last worker, whose counts are left out. Tests ask more
 * often.
 */
export function watchThresholds(
  plan: WatchPlan | undefined,
  { workers }: Pick<TrialProcesses, "workers">,
  pausedClients: number,
  abort: (reason: ThresholdAbort) => void,
  everyMs = askMs,
): ThresholdWatch {
  const timer = new AbortController();
  const active = pausedClients > 0 ? workers.slice(0, -1) : workers;

  async function watch(check: ReturnType<typeof openAbortCheck>, t0Us: number): Promise<void> {
    for (;;) {
      await delay(everyMs, undefined, { signal: timer.signal });
      // Read before the workers answer: what was overdue then still is when they do, or has been counted as late.
      const atUs = nowUs() - t0Us;
      const perWorker = await Promise.all(active.map((each) => each.call("watched", undefined)));
      const reason = check({ atUs, ...perWorker.reduce(addCounts) });
      if (reason !== undefined)
        return abort(new ThresholdAbort(`aborted ${(atUs / 1e6).toFixed(1)} s after T0: ${reason}`));
    }
  }

  return {
    start(t0Us) {
      // A worker that does not answer is reported by the step that waits for it.
      if (plan) void watch(openAbortCheck(plan), t0Us).catch(() => undefined);
    },
    stop: () => timer.abort(),
  };
}

function addCounts(one: WatchedCounts, other: WatchedCounts): WatchedCounts {
  return {
    delivered: one.delivered + other.delivered,
    late: one.late + other.late,
    overtaken: one.overtaken + other.overtaken,
    reordered: one.reordered + other.reordered,
  };
}
