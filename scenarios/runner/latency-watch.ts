import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../lib/clock.ts";
import { countBelow } from "../lib/count-below.ts";
import type { MessageLatencies } from "../load/recorder.ts";
import { mergeLargest, sortedDelivered } from "./per-second.ts";
import type { TrialPlan } from "./trial-plan.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** Fan-out latency of the messages of one second of the window, as far as it is known one second later. */
export interface SecondSoFar {
  /** Start of the second, in seconds from T0. */
  second: number;
  /** Time until the last receiver so far has a message, in microseconds. */
  p50Us: number;
  maxUs: number;
}

/** Reads the latencies of a trial while it runs. */
export interface LatencyWatch {
  /** The window begins at T0. */
  start(t0Us: number): void;
  stop(): void;
}

/** What the watch must know of a trial. */
type WatchedPlan = Pick<TrialPlan, "dueUs" | "assignment" | "settings">;

/** A second is read when it is over for so long, so that most of its messages have arrived. */
const laterS = 1;

/**
 * Calls `seen` once a second with the fan-out latency of the second before the last one. Each worker then copies one
 * number per message of that second. Without `seen` nothing is read. Seconds without a delivery are left out, and so are
 * clients that are paused.
 */
export function watchLatency(
  { dueUs, assignment, settings }: WatchedPlan,
  { workers }: Pick<TrialProcesses, "workers">,
  seen: ((second: SecondSoFar) => void) | undefined,
): LatencyWatch {
  const timer = new AbortController();
  const active = assignment.pausedClients.length > 0 ? workers.slice(0, -1) : workers;
  const seconds = Math.floor(settings.durationMs / 1000);

  async function watch(t0Us: number, report: (second: SecondSoFar) => void): Promise<void> {
    for (let second = 0; second + 1 + laterS < seconds; second++) {
      const atUs = t0Us + (second + 1 + laterS) * 1e6;
      await delay(Math.max(0, (atUs - nowUs()) / 1000), undefined, { signal: timer.signal });
      const part = { fromUs: second * 1e6, toUs: (second + 1) * 1e6 };
      const perWorker = await Promise.all(active.map((each) => each.call("latenciesIn", part)));
      const fanout = fanoutOf(perWorker, countBelow(dueUs, part.fromUs), countBelow(dueUs, part.toUs));
      if (fanout && !timer.signal.aborted) report({ second, ...fanout });
    }
  }

  return {
    start(t0Us) {
      // A worker that does not answer is reported by the step that waits for it.
      if (seen) void watch(t0Us, seen).catch(() => undefined);
    },
    stop: () => timer.abort(),
  };
}

/** Median and maximum over the messages from number `from` to before `to`; undefined where none has arrived. */
export function fanoutOf(
  perWorker: readonly MessageLatencies[],
  from: number,
  to: number,
): Omit<SecondSoFar, "second"> | undefined {
  const fromFirst = perWorker.map(({ largestLatencyUs, messages }) => ({
    largestLatencyUs,
    ...(messages && { messages: messages.map((message) => message - from) }),
  }));
  const delivered = sortedDelivered(mergeLargest(fromFirst, to - from));
  if (delivered.length === 0) return undefined;
  return { p50Us: delivered[Math.floor(delivered.length / 2)]!, maxUs: delivered.at(-1)! };
}
