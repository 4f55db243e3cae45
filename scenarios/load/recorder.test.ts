import { expect, it } from "vitest";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { openRecorder } from "./recorder.ts";
import type { Schedule } from "../workload/schedule.ts";

const schedule = { sender: new Int32Array(3), warmupCount: 0 } as Schedule;

it.each([
  { lateAboveUs: undefined, late: 0 },
  { lateAboveUs: 0, late: 3 },
  { lateAboveUs: 200, late: 1 },
  { lateAboveUs: 300, late: 0 },
])("deliveries above $lateAboveUs us are late: $late", ({ lateAboveUs, late }) => {
  const recorder = openRecorder(schedule, lateAboveUs);
  for (const [message, latencyUs] of [100, 200, 300].entries())
    recorder.onDelivery(message, 1_000, 0, 1_000 + latencyUs);
  expect(recorder.late()).toBe(late);
  expect(mergeHistograms([recorder.histograms().latency]).totalCount).toBe(3);
});
