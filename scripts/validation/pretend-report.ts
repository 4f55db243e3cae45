import { mergeHistograms } from "../../results/statistics/histogram.ts";
import type { Settings } from "../../scenarios/definitions/settings.ts";
import { openRecorder, type Histograms } from "../../scenarios/load/recorder.ts";
import { mergeLargest } from "../../scenarios/runner/per-second.ts";
import { seededRandom } from "../../scenarios/lib/random.ts";
import { planShare } from "../../scenarios/workload/plan-workload.ts";

/** Merges the reports of workers as the bench does it. */
export function mergeReports(reports: readonly Histograms[]): void {
  for (const name of ["connect", "latency", "service", "sendLag"] as const)
    mergeHistograms(reports.map((each) => each[name])).destroy();
  const { messages, largestLatencyUs } = reports[0]!;
  mergeLargest(reports, messages ? messages.at(-1)! + 1 : largestLatencyUs.length);
}

/** Deliveries that are recorded at most: more do not make a report larger. */
const mostDeliveries = 200_000;

/** A report as of a worker that has received something of everything, with latencies over four orders of magnitude. */
export function pretendReport(settings: Settings, worker: number): Histograms {
  const { schedule } = planShare(settings, worker);
  const recorder = openRecorder(schedule);
  const random = seededRandom(worker);
  const messages = schedule.sender.length - schedule.warmupCount;
  for (let i = 0; i < Math.max(messages, Math.min(mostDeliveries, 100 * messages)); i++) {
    const latencyUs = Math.round(100 * 10 ** (4 * random() ** 2));
    recorder.onDelivery(schedule.warmupCount + (i % messages), 0, 10, latencyUs);
    recorder.sendLag.record(Math.round(50 * random()));
    recorder.connect.record(Math.round(1_000 + 9_000 * random()));
  }
  return recorder.histograms();
}
