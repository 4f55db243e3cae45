import { expect, it } from "vitest";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { recordedValues } from "../../results/testing/measurement.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { createPayloads } from "../workload/payloads.ts";
import type { Schedule } from "../workload/schedule.ts";
import { OpenLoopSender } from "./sender.ts";
import { Workload } from "./workload.ts";

/** Three warm-up messages and four measured ones, of two senders in turn. */
const schedule: Schedule = {
  sender: Int32Array.of(0, 1, 0, 1, 0, 1, 0),
  seq: Int32Array.of(0, 0, 1, 1, 2, 2, 3),
  dueUs: Float64Array.of(1_000, 4_000, 9_000, 0, 2_000, 5_000, 5_000),
  sendUs: Float64Array.of(1_000, 4_000, 9_000, 0, 2_000, 5_000, 5_000),
  warmupCount: 3,
};

interface Scene {
  plan?: Schedule;
  isOwn?: (sender: number) => boolean;
  precise?: boolean;
  /** Microseconds that the send of each of these messages takes. */
  takesUs?: Record<number, number>;
  nowUs?: number;
}

/** A sender on a clock of its own, and what it sent when. */
function open({ plan = schedule, isOwn = () => true, precise = false, takesUs = {}, nowUs = 0 }: Scene = {}) {
  const clock = virtualClock(nowUs);
  const spins: number[] = [];
  const counted = { ...clock, soon: (callback: () => void) => (spins.push(clock.nowUs()), clock.soon(callback)) };
  const workload = new Workload(
    {
      schedule: plan,
      payloads: createPayloads(16, "text", 1),
      payloadKind: "text",
      receivers: [0, 1],
      audience: { allSenders: [0, 1], audienceRoom: () => 0, roomOf: () => 0 },
    },
    counted,
  );
  const sent: { message: number; atUs: number; lagUs: number }[] = [];
  const sender = new OpenLoopSender(workload, isOwn, precise, (message, lagUs) => {
    sent.push({ message, atUs: clock.nowUs(), lagUs });
    clock.pass(takesUs[message] ?? 0);
  });
  const waitUntil = (atUs: number): Promise<void> =>
    new Promise((resolve) => clock.after((atUs - clock.nowUs()) / 1000, resolve));
  return { clock, workload, sender, sent, spins, waitUntil };
}

const onTime = (fromUs: number, messages: readonly number[], plan = schedule) =>
  messages.map((message) => ({ message, atUs: fromUs + plan.sendUs[message]!, lagUs: 0 }));

const sendLags = ({ recorder }: Workload): number[] => recordedValues(mergeHistograms([recorder.histograms().sendLag]));

it("the warm-up sends its own messages, each at its time after the start, and no measured one", async () => {
  const { sender, sent, waitUntil } = open();
  sender.warmUp(100_000);
  await waitUntil(1_000_000);
  expect(sent).toEqual(onTime(100_000, [0, 1, 2]));
});

it("the warm-up agrees the start of the load and no T0", () => {
  const { sender, workload } = open();
  sender.warmUp(100_000);
  expect(workload.window).toEqual({ startUs: 100_000, t0Us: Infinity, t1Us: Infinity });
});

it("the warm-up counts nothing, and its lag is in no histogram", async () => {
  const { sender, sent, workload, waitUntil } = open({ takesUs: { 0: 4_000 } });
  sender.warmUp(0);
  await waitUntil(100_000);
  expect(sent.map(({ lagUs }) => lagUs)).toEqual([0, 1_000, 0]);
  expect(sendLags(workload)).toEqual([]);
  expect(await sender.runWindow({ t0Us: 200_000, t1Us: 300_000 })).toMatchObject({ sent: 4 });
});

it("the warm-up ends at T0: a message that is due before T0 is sent, and one that is due at T0 is not", async () => {
  for (const [t0Us, expected] of [
    [9_000, [0, 1]],
    [9_001, [0, 1, 2]],
  ] as const) {
    const { sender, sent, workload, waitUntil } = open();
    sender.warmUp(0);
    await waitUntil(2_000);
    workload.scheduleWindow({ t0Us, t1Us: 1e6 });
    await waitUntil(1e6);
    expect(sent.map(({ message }) => message)).toEqual(expected);
  }
});

it("the load runs through T0: the rest of the warm-up comes before T0, and the window begins at T0", async () => {
  const { sender, sent, waitUntil } = open();
  sender.warmUp(0);
  await waitUntil(2_000);
  await sender.runWindow({ t0Us: 20_000, t1Us: 30_000 });
  expect(sent).toEqual([...onTime(0, [0, 1, 2]), ...onTime(20_000, [3, 4, 5, 6])]);
});

it("the window sends its own measured messages, each at its time after T0, and agrees T0 and T1", async () => {
  const { sender, sent, workload } = open();
  await sender.runWindow({ t0Us: 50_000, t1Us: 56_000 });
  expect(sent).toEqual(onTime(50_000, [3, 4, 5, 6]));
  expect(workload.window).toEqual({ startUs: Infinity, t0Us: 50_000, t1Us: 56_000 });
});

it("T0 and T1 are agreed before the first measured message is sent", () => {
  const { sender, workload } = open();
  void sender.runWindow({ t0Us: 50_000, t1Us: 56_000 });
  expect(workload.window).toMatchObject({ t0Us: 50_000, t1Us: 56_000 });
});

it("messages of senders in other processes are neither sent nor counted", async () => {
  const { sender, sent, waitUntil } = open({ isOwn: (number) => number === 1 });
  sender.warmUp(0);
  await waitUntil(20_000);
  const counts = await sender.runWindow({ t0Us: 50_000, t1Us: 56_000 });
  expect(sent.map(({ message }) => message)).toEqual([1, 3, 5]);
  expect(counts).toEqual({ sent: 2 });
});

it("the window counts what it sent", async () => {
  const { sender } = open();
  expect(await sender.runWindow({ t0Us: 0, t1Us: 6_000 })).toEqual({ sent: 4 });
});

it("the counts are known when the last message is sent, and not before", async () => {
  const { sender, clock } = open();
  await sender.runWindow({ t0Us: 0, t1Us: 60_000 });
  expect(clock.nowUs()).toBe(5_000);
});

it("a process without a message of its own counts zeros", async () => {
  const { sender, sent } = open({ isOwn: () => false });
  sender.warmUp(0);
  expect(await sender.runWindow({ t0Us: 0, t1Us: 6_000 })).toEqual({ sent: 0 });
  expect(sent).toEqual([]);
});

it("what falls due while a send takes long is sent late, and its stamp and the histogram have its lag", async () => {
  const { sender, sent, workload } = open({ takesUs: { 3: 4_000 } });
  await sender.runWindow({ t0Us: 10_000, t1Us: 16_000 });
  expect(sent).toEqual([
    { message: 3, atUs: 10_000, lagUs: 0 },
    { message: 4, atUs: 14_000, lagUs: 2_000 },
    { message: 5, atUs: 15_000, lagUs: 0 },
    { message: 6, atUs: 15_000, lagUs: 0 },
  ]);
  expect(sendLags(workload)).toEqual([0, 0, 0, 2_000]);
});

it("every message of a window that begins late is sent at once, with a lag from its due time", async () => {
  const { sender, sent } = open({ nowUs: 107_000 });
  await sender.runWindow({ t0Us: 100_000, t1Us: 106_000 });
  expect(sent.map(({ message, lagUs }) => [message, lagUs])).toEqual([
    [3, 7_000],
    [4, 5_000],
    [5, 2_000],
    [6, 2_000],
  ]);
});

it("lags are rounded to whole microseconds", async () => {
  const { sender, sent, waitUntil, workload } = open({ nowUs: 20_000.6 });
  sender.warmUp(15_000);
  await waitUntil(40_000);
  await sender.runWindow({ t0Us: 39_000.3, t1Us: 60_000 });
  expect(sent.map(({ message, lagUs }) => [message, lagUs])).toEqual([
    [0, 4_001],
    [1, 1_001],
    [2, 1],
    [3, 1_000],
    [4, 1_000],
    [5, 1_000],
    [6, 1_000],
  ]);
  expect(sendLags(workload)).toEqual([1_000, 1_000, 1_000, 1_000]);
});

it("a message that waits for its half-duplex slot has that wait in its stamp and not in the histogram", async () => {
  const sendUs = schedule.sendUs.map((us, message) => (message === 1 || message === 4 ? us + 2_000 : us));
  const { sender, sent, workload, waitUntil } = open({ plan: { ...schedule, sendUs } });
  sender.warmUp(0);
  await waitUntil(20_000);
  await sender.runWindow({ t0Us: 30_000, t1Us: 36_000 });
  expect(sent[1]).toEqual({ message: 1, atUs: 6_000, lagUs: 2_000 });
  expect(sent[4]).toEqual({ message: 4, atUs: 34_000, lagUs: 2_000 });
  expect(sendLags(workload)).toEqual([0, 0, 0, 0]);
});

it("a precise sender spins before a message, in the warm-up and in the window; another never does", async () => {
  const plan = { ...schedule, dueUs: schedule.dueUs.map((us) => us + 500) };
  for (const precise of [true, false]) {
    const { sender, spins, waitUntil } = open({ plan: { ...plan, sendUs: plan.dueUs }, precise });
    sender.warmUp(0);
    await waitUntil(20_000);
    expect(spins.length > 0).toBe(precise);
    spins.splice(0);
    await sender.runWindow({ t0Us: 40_000, t1Us: 60_000 });
    expect(spins.length > 0).toBe(precise);
  }
});
