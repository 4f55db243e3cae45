import { expect, it } from "vitest";
import { recordedValues } from "../../results/testing/measurement.ts";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { readStamp } from "../lib/message-stamp.ts";
import { nowUs, timeArrival } from "../lib/clock.ts";
import { createPayloads } from "../workload/payloads.ts";
import { emptyTally } from "./delivery-ledger.ts";
import { Workload } from "./workload.ts";

/** One warm-up message and two measured ones of senders 3 and 4, who are in one room with one receiver. */
function open(payloadKind: "text" | "binary" = "text"): Workload {
  const dueUs = Float64Array.of(0, 1_000, 2_000);
  return new Workload({
    schedule: { sender: Int32Array.of(3, 4, 3), seq: Int32Array.of(0, 0, 1), dueUs, sendUs: dueUs, warmupCount: 1 },
    payloads: createPayloads(24, payloadKind, 1),
    payloadKind,
    receivers: [3],
    audience: { allSenders: [3, 4], audienceRoom: () => 0, roomOf: () => 0 },
  });
}

const stampOf = (payload: Buffer) => {
  const stamp = { sender: NaN, seq: NaN, lagUs: NaN };
  expect(readStamp(payload, stamp)).toBe(true);
  return stamp;
};

it("the payload of a message has its sender, its number and its lag, whether it is stamped or copied", () => {
  const workload = open();
  for (const make of [workload.stamped.bind(workload), workload.copied.bind(workload)]) {
    expect(stampOf(make(1, 70))).toEqual({ sender: 4, seq: 0, lagUs: 70 });
    expect(stampOf(make(2, 80))).toEqual({ sender: 3, seq: 1, lagUs: 80 });
  }
});

it("messages are counted with their bytes: those that are stamped as sent, whatever arrives as received", () => {
  const workload = open();
  const payload = workload.stamped(0, 0);
  workload.stamped(1, 0);
  workload.receive(0, payload, true, 1);
  workload.receive(0, Buffer.alloc(7), true, 1);
  workload.receive(0, payload, true, 1);
  expect(workload.totals).toEqual({ payloadsIn: 2, payloadBytesIn: 48, payloadsOut: 3, payloadBytesOut: 55 });
});

it("the latencies of a part of the window are those of the messages that are due in it", () => {
  const workload = open();
  workload.startWarmUp(100_000);
  workload.scheduleWindow({ t0Us: 200_000, t1Us: 300_000 });
  workload.receive(0, workload.copied(1, 0), true, 201_500);
  const latencies = (fromUs: number, toUs: number) => [...workload.latenciesIn({ fromUs, toUs }).largestLatencyUs];
  expect(latencies(0, 3_000)).toEqual([500, NaN]);
  expect(latencies(1_000, 2_000)).toEqual([500]);
  expect(latencies(2_000, 3_000)).toEqual([NaN]);
  expect(latencies(0, 1_000)).toEqual([]);
});

it("the last message of a connection is the last that was sent or received before its end", () => {
  const workload = open();
  const of = (client: number, endUs: number) => workload.lastMessages([{ slot: 0, client, endUs }])[0];
  expect(of(3, 5_000)).toBe(-Infinity);
  workload.startWarmUp(100_000);
  workload.scheduleWindow({ t0Us: 200_000, t1Us: 300_000 });
  expect([of(3, 100_000), of(3, 100_001), of(3, 202_000), of(3, 202_001)]).toEqual([
    -Infinity,
    100_000,
    100_000,
    202_000,
  ]);
  expect(of(9, 250_000)).toBe(-Infinity);
  workload.receive(0, workload.copied(1, 0), true, 201_500);
  expect([of(9, 250_000), of(3, 202_000), of(3, 250_000)]).toEqual([201_000, 201_000, 202_000]);
  expect(workload.lastMessages([])).toEqual([]);
});

it("a message of the warm-up that was due at T0 or later was not sent", () => {
  const lastBefore = (startUs: number) => {
    const workload = open();
    workload.startWarmUp(startUs);
    workload.scheduleWindow({ t0Us: 200_000, t1Us: 300_000 });
    return workload.lastMessages([{ slot: 0, client: 3, endUs: 201_000 }])[0];
  };
  expect([199_999, 200_000, 200_500].map(lastBefore)).toEqual([199_999, -Infinity, -Infinity]);
});

it("a copied payload stays as it is when the next one is stamped", () => {
  const workload = open();
  const copy = workload.copied(2, 80);
  workload.stamped(2, 90);
  expect(stampOf(copy).lagUs).toBe(80);
});

it("a payload is sent as its kind", () => {
  expect(open("text").sendsText).toBe(true);
  expect(open("binary").sendsText).toBe(false);
});

it("a delivery is counted, and its latency is from the due time after T0 to the arrival", () => {
  const workload = open();
  workload.startWarmUp(100_000);
  workload.scheduleWindow({ t0Us: 500_000, t1Us: 502_500 });
  workload.receive(0, workload.stamped(0, 0), true, 100_000);
  workload.receive(0, workload.stamped(1, 30), true, 501_090);
  workload.receive(0, workload.stamped(2, 0), true, 502_500);
  expect(workload.tally()).toEqual({ ...emptyTally, delivered: 2, windowDeliveries: 1 });
  const { latency, service, largestLatencyUs } = workload.histograms();
  expect(recordedValues(mergeHistograms([latency]))).toEqual([90, 500]);
  expect(recordedValues(mergeHistograms([service]))).toEqual([60, 500]);
  expect([...largestLatencyUs]).toEqual([90, 500]);
});

it("a delivery arrives when the event that is handled arrived, however long its handling takes", () => {
  const workload = open();
  const t0Us = nowUs() - 50_000;
  workload.startWarmUp(t0Us);
  workload.scheduleWindow({ t0Us, t1Us: Infinity });
  let [startedUs, busyUntilUs] = [0, 0];
  const data = (): void => {
    startedUs = nowUs();
    busyUntilUs = startedUs + 20_000;
    while (nowUs() < busyUntilUs);
    workload.receive(0, workload.stamped(1, 0), true);
  };
  timeArrival({ data }, undefined, 0, 0);
  expect(workload.histograms().largestLatencyUs[0]).toBeLessThanOrEqual(startedUs - t0Us - 1_000 + 1); // it is rounded
});
