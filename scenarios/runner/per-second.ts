import type { SecondOfWindow } from "../../results/model/measurement.ts";
import { loadsBetween, rssBytes, sumOf, type ServerSnapshot } from "./server-snapshot.ts";
import type { WindowResult } from "../load/virtual-clients.ts";
import type { ProcessUsage } from "../system/process-usage.ts";

/**
 * The largest latency of each measured message over all workers, -1 where nobody had it. Beside the due times it is all that the runner
 * holds per message, so nothing here makes a number of it that is an object.
 */
export function mergeLargest(perWorker: readonly Float32Array[]): Float32Array {
  const most = new Float32Array(perWorker[0]!.length).fill(-1);
  for (const each of perWorker)
    for (let message = 0; message < most.length; message++)
      if (each[message]! > most[message]!) most[message] = each[message]!;
  return most;
}

/** The latencies, ascending, of the messages that somebody had. */
export function sortedDelivered(slowestUs: Float32Array): Float32Array {
  const sorted = slowestUs.toSorted();
  const first = sorted.findIndex((latencyUs) => latencyUs >= 0);
  return sorted.subarray(first < 0 ? sorted.length : first);
}

/** The window second by second; messages belong to the one in which they were due. */
export function perSecond(
  window: readonly ServerSnapshot[],
  played: readonly WindowResult[],
  dueUs: Float64Array,
  slowestUs: Float32Array,
): SecondOfWindow[] {
  let next = 0;
  return window.slice(1).map((end, second) => {
    const from = next;
    while (next < dueUs.length && dueUs[next]! < (second + 1) * 1e6) next++;
    const delivered = sortedDelivered(slowestUs.subarray(from, next));
    return {
      fromS: second,
      messages: next - from,
      fanout:
        delivered.length > 0
          ? { p50Us: delivered[Math.floor(delivered.length / 2)]!, maxUs: delivered.at(-1)! }
          : undefined,
      serverCpuPercent: sumOf(loadsBetween(window[second]!, end), ({ cpuPercent }) => cpuPercent),
      serverRssBytes: rssBytes(end),
      serverLoopDelayMaxUs: latest(end.usages),
      clientLoopDelayMaxUs: Math.max(...played.map(({ usage }) => usage[second + 1]!.lateDelayUs)),
    };
  });
}

/** Of the latest loop; undefined where one of them is not known. */
function latest(usages: readonly ProcessUsage[]): number | undefined {
  const delays = usages.map(({ lateDelayUs }) => lateDelayUs);
  return delays.length === 0 || delays.some(Number.isNaN) ? undefined : Math.max(...delays);
}
