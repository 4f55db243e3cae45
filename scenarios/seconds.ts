import type { Second } from "../results/measurement.ts";
import { loadsBetween, rssBytes, type Moment } from "./moments.ts";
import type { Played } from "./player.ts";

/** The largest latency of each measured message over all workers, -1 where nobody had it. */
export function slowest(perWorker: readonly Float32Array[]): Float32Array {
  return Float32Array.from(perWorker[0]!, (_, message) =>
    Math.max(...perWorker.map((each) => (Number.isNaN(each[message]!) ? -1 : each[message]!))),
  );
}

/** The window second by second; messages belong to the one in which they were due. */
export function seconds(
  window: readonly Moment[],
  played: readonly Played[],
  dueUs: Float64Array,
  slowestUs: Float32Array,
): Second[] {
  let next = 0;
  return window.slice(1).map((end, second) => {
    const from = next;
    while (next < dueUs.length && dueUs[next]! < (second + 1) * 1e6) next++;
    const delivered = slowestUs
      .subarray(from, next)
      .filter((latencyUs) => latencyUs >= 0)
      .toSorted();
    return {
      fromS: second,
      messages: next - from,
      lastReceiver:
        delivered.length > 0
          ? { p50Us: delivered[Math.floor(delivered.length / 2)]!, maxUs: delivered.at(-1)! }
          : undefined,
      serverCpuPercent: loadsBetween(window[second]!, end).reduce((sum, { cpuPercent }) => sum + cpuPercent, 0),
      serverRssBytes: rssBytes(end),
      serverLoopDelayMaxUs: Math.max(...end.usages.map(({ lateDelayUs }) => lateDelayUs)),
      clientLoopDelayMaxUs: Math.max(...played.map(({ usage }) => usage[second + 1]!.lateDelayUs)),
    };
  });
}
