import { expect, it } from "vitest";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { recordedValues } from "../../results/testing/measurement.ts";
import type { Schedule } from "../workload/schedule.ts";
import { openRecorder, type Histograms } from "./recorder.ts";

/** A schedule with this many messages, of which the first `warmupCount` belong to the warm-up. */
function scheduleOf(messages: number, warmupCount: number): Schedule {
  const dueUs = new Float64Array(messages);
  return { sender: new Int32Array(messages), seq: new Int32Array(messages), dueUs, sendUs: dueUs, warmupCount };
}

type HistogramName = Exclude<keyof Histograms, "largestLatencyUs" | "messages">;

const valuesOf = (histograms: Histograms, name: HistogramName): number[] =>
  recordedValues(mergeHistograms([histograms[name]]));

it("the latency is from the due time to the arrival, in whole microseconds", () => {
  const { onDelivery, histograms } = openRecorder(scheduleOf(2, 0));
  onDelivery(0, 1_000, 0, 1_250.4);
  onDelivery(1, 1_000.5, 0, 1_500.2);
  expect(valuesOf(histograms(), "latency")).toEqual([250, 500]);
});

it("the service time is the latency without the lag of the send, and never negative", () => {
  const { onDelivery, histograms } = openRecorder(scheduleOf(3, 0));
  onDelivery(0, 1_000, 100, 1_700);
  onDelivery(1, 1_000, 0, 1_400);
  onDelivery(2, 1_000, 301, 1_300);
  expect(valuesOf(histograms(), "latency")).toEqual([300, 400, 700]);
  expect(valuesOf(histograms(), "service")).toEqual([0, 400, 600]);
});

it("each histogram has its own values", () => {
  const { connect, sendLag, onDelivery, histograms } = openRecorder(scheduleOf(1, 0));
  connect.record(11);
  connect.record(12);
  sendLag.record(21);
  onDelivery(0, 0, 5, 105);
  const found = histograms();
  expect(valuesOf(found, "connect")).toEqual([11, 12]);
  expect(valuesOf(found, "sendLag")).toEqual([21]);
  expect(valuesOf(found, "latency")).toEqual([105]);
  expect(valuesOf(found, "service")).toEqual([100]);
});

it("the largest latency of a message is over all of its receivers, whatever their order", () => {
  const { onDelivery, histograms } = openRecorder(scheduleOf(3, 0));
  for (const [message, latencyUs] of [
    [0, 10],
    [0, 30],
    [0, 20],
    [1, 0],
    [2, 9],
    [2, 8],
  ] as const)
    onDelivery(message, 5_000, 0, 5_000 + latencyUs);
  expect([...histograms().largestLatencyUs]).toEqual([30, 0, 9]);
});

it("the largest latency includes the lag of the send", () => {
  const { onDelivery, histograms } = openRecorder(scheduleOf(1, 0));
  onDelivery(0, 0, 40, 100);
  expect([...histograms().largestLatencyUs]).toEqual([100]);
});

it("the largest latencies are of the measured messages alone, and NaN without a delivery", () => {
  const { onDelivery, histograms } = openRecorder(scheduleOf(6, 2));
  for (const [message, latencyUs] of [
    [2, 7],
    [2, 6],
    [4, 8],
    [4, 9],
    [2, 5],
  ] as const)
    onDelivery(message, 0, 0, latencyUs);
  expect([...histograms().largestLatencyUs]).toEqual([7, NaN, 9, NaN]);
});

it("where a process has a part of the messages, it says their numbers among the measured ones of the whole trial", () => {
  const whole = { numbers: Int32Array.of(1, 4, 6, 9), warmupCount: 5 };
  expect(openRecorder({ ...scheduleOf(4, 2), part: whole }).histograms().messages).toEqual(Int32Array.of(1, 4));
  expect(openRecorder(scheduleOf(4, 2)).histograms()).not.toHaveProperty("messages");
});

it("without a delivery every histogram is empty", () => {
  const found = openRecorder(scheduleOf(1, 0)).histograms();
  for (const name of ["connect", "latency", "service", "sendLag"] as const) expect(valuesOf(found, name)).toEqual([]);
});

it.each([
  { lateAboveUs: undefined, late: 0 },
  { lateAboveUs: 0, late: 3 },
  { lateAboveUs: 200, late: 1 },
  { lateAboveUs: 300, late: 0 },
])("deliveries above $lateAboveUs us are late: $late", ({ lateAboveUs, late }) => {
  const recorder = openRecorder(scheduleOf(3, 0), lateAboveUs);
  for (const [message, latencyUs] of [100, 200, 300].entries())
    recorder.onDelivery(message, 1_000, 0, 1_000 + latencyUs);
  expect(recorder.late()).toBe(late);
  expect(mergeHistograms([recorder.histograms().latency]).totalCount).toBe(3);
});

it("a delivery is late by its latency, the lag of its send included", () => {
  const recorder = openRecorder(scheduleOf(1, 0), 200);
  recorder.onDelivery(0, 1_000, 150, 1_300);
  expect(recorder.late()).toBe(1);
  expect(valuesOf(recorder.histograms(), "service")).toEqual([150]);
});
