import type { SecondOfWindow } from "../../results/model/measurement.ts";
import type { Histograms } from "../load/recorder.ts";
import { loadsBetween, rssBytes, sumOf, type ServerSnapshot } from "./server-snapshot.ts";
import type { ProcessUsage } from "../system/process-usage.ts";

/**
 * The largest latency of each of `count` measured messages over all workers, -1 without a delivery. Beside the due times
 * this is all that the runner holds per message, so it stays in typed arrays.
 */
export function mergeLargest(
  perWorker: readonly Pick<Histograms, "largestLatencyUs" | "messages">[],
  count: number,
): Float32Array {
  const largest = new Float32Array(count).fill(-1);
  for (const { largestLatencyUs, messages } of perWorker)
    for (let at = 0; at < largestLatencyUs.length; at++) {
      const message = messages ? messages[at]! : at;
      if (largestLatencyUs[at]! > largest[message]!) largest[message] = largestLatencyUs[at]!;
    }
  return largest;
}

/** The latencies of delivered messages, ascending. */
export function sortedDelivered(largestUs: Float32Array): Float32Array {
  const sorted = largestUs.toSorted();
  const first = sorted.findIndex((latencyUs) => latencyUs >= 0);
  return sorted.subarray(first < 0 ? sorted.length : first);
}

/** Messages of a window that nobody sent since their sender was gone, and ends of connections in it, in seconds from T0. */
export interface GoneInWindow {
  unplanned: readonly number[];
  droppedAtS: readonly number[];
}

/** The window second by second. A message belongs to the second in which it was due. */
export function perSecond(
  window: readonly ServerSnapshot[],
  workers: readonly (readonly ProcessUsage[])[],
  dueUs: Float64Array,
  largestUs: Float32Array,
  { unplanned, droppedAtS }: GoneInWindow = { unplanned: [], droppedAtS: [] },
): SecondOfWindow[] {
  let next = 0;
  return window.slice(1).map((end, second) => {
    const from = next;
    while (next < dueUs.length && dueUs[next]! < (second + 1) * 1e6) next++;
    const delivered = sortedDelivered(largestUs.subarray(from, next));
    return {
      fromS: second,
      messages: next - from - countBetween(unplanned, from, next),
      fanout:
        delivered.length > 0
          ? { p50Us: delivered[Math.floor(delivered.length / 2)]!, maxUs: delivered.at(-1)! }
          : undefined,
      serverCpuPercent: sumOf(loadsBetween(window[second]!, end), ({ cpuPercent }) => cpuPercent),
      serverRssBytes: rssBytes(end),
      serverLoopDelayMaxUs: largestLoopDelay(end.usages),
      clientLoopDelayMaxUs: Math.max(...workers.map((at) => at[second + 1]!.lateDelayUs)),
      dropped: countBetween(droppedAtS, second, second + 1),
    };
  });
}

/** How many of these numbers are at least `from` and below `to`. */
function countBetween(numbers: readonly number[], from: number, to: number): number {
  return numbers.filter((number) => number >= from && number < to).length;
}

/** The largest loop delay. Undefined where one is unknown. */
function largestLoopDelay(usages: readonly ProcessUsage[]): number | undefined {
  const delays = usages.map(({ lateDelayUs }) => lateDelayUs);
  return delays.length === 0 || delays.some(Number.isNaN) ? undefined : Math.max(...delays);
}
