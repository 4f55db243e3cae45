import type { MeasurementWindow } from "./delivery-ledger.ts";
import { pace, realClock } from "../lib/pace.ts";
import type { Schedule } from "../workload/schedule.ts";
import type { Recorder } from "./recorder.ts";
import type { Assignment } from "../workload/assignment.ts";

/** Hands a message to its link, stamped with how long after its due time that is, in whole microseconds. */
export type SendMessage = (message: number, lagUs: number) => void;

/** What was sent, and what that should cause. */
export interface SendCounts {
  /** Measured messages handed to their links. */
  sent: number;
  /** Deliveries that these should cause, over all receivers of all processes that are not stopped, and to the slow clients that are. */
  expected: number;
  pausedExpected: number;
}

/** The part of a plan that one process says. */
export interface Sender {
  /** Says what is due before T0, from the start of the load on. */
  warmUp(): void;
  /** Says what is due in the window; resolves when all of it is said. */
  runWindow(): Promise<SendCounts>;
}

/** The lines of those speakers that are `ours`. They are said when they may be sent; `precise` is for `pace`. */
export function createSender(
  ours: (sender: number) => boolean,
  schedule: Schedule,
  assignment: Assignment,
  window: MeasurementWindow,
  { sendLag }: Recorder,
  precise: boolean,
  say: SendMessage,
): Sender {
  const mine = [...schedule.sender.keys()].filter((message) => ours(schedule.sender[message]!));
  const warmup = mine.filter((message) => message < schedule.warmupCount);
  const measured = mine.filter((message) => message >= schedule.warmupCount);
  const sendTimes = (messages: readonly number[], fromUs: number): Float64Array =>
    Float64Array.from(messages, (message) => fromUs + schedule.sendUs[message]!);
  const sayAt = (message: number, fromUs: number, atUs: number): void =>
    say(message, Math.round(atUs - fromUs - schedule.dueUs[message]!));

  return {
    warmUp() {
      const send = (i: number, atUs: number): void => sayAt(warmup[i]!, window.startUs, atUs);
      void pace(sendTimes(warmup, window.startUs), send, precise, realClock, () => window.t0Us);
    },
    async runWindow() {
      let [sent, expected, slowExpected] = [0, 0, 0];
      const times = sendTimes(measured, window.t0Us);
      function send(i: number, atUs: number): void {
        sayAt(measured[i]!, window.t0Us, atUs);
        sendLag.record(Math.round(atUs - times[i]!));
        sent++;
        const sender = schedule.sender[measured[i]!]!;
        expected += assignment.receiverCount(sender);
        slowExpected += assignment.pausedReceiverCount(sender);
      }
      await pace(times, send, precise);
      return { sent, expected, pausedExpected: slowExpected };
    },
  };
}
