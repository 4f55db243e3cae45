import type { WindowTimes } from "./measurement-window.ts";
import type { Workload } from "./workload.ts";

/** Messages of the window that were due at one process and that it handed to its connections, open or not. */
export interface SendCounts {
  sent: number;
}

/** Sends a message. `lagUs` is the time since it was due, in whole microseconds, for its stamp. */
export type SendMessage = (message: number, lagUs: number) => void;

/** The numbers of the messages of some senders. Allocates nothing else: a trial may have millions. */
function ownMessages(sender: Int32Array, isOwn: (sender: number) => boolean): Int32Array {
  const messages = new Int32Array(sender.length);
  let count = 0;
  for (let message = 0; message < sender.length; message++) if (isOwn(sender[message]!)) messages[count++] = message;
  return messages.slice(0, count);
}

/** An open loop: sends messages when they are due, whatever became of earlier ones. */
export class OpenLoopSender {
  private readonly workload: Workload;
  private readonly messages: Int32Array;
  private readonly precise: boolean;
  private readonly send: SendMessage;

  /** `isOwn` selects the senders of this process; `precise` is for `pace`. */
  constructor(workload: Workload, isOwn: (sender: number) => boolean, precise: boolean, send: SendMessage) {
    const { sender } = workload.schedule;
    this.workload = workload;
    this.messages = ownMessages(sender, isOwn);
    this.precise = precise;
    this.send = send;
  }

  /** Sends the messages of the warm-up from `startUs` on until T0, whenever that will be. */
  warmUp(startUs: number): void {
    const { schedule, window } = this.workload;
    this.workload.startWarmUp(startUs);
    const messages = this.messages.filter((message) => message < schedule.warmupCount);
    const send = (message: number, atUs: number): void =>
      this.send(message, Math.round(atUs - startUs - schedule.dueUs[message]!));
    void this.workload.paceMessages(messages, startUs, this.precise, send, () => window.t0Us);
  }

  /** Sends the messages of the window. Resolves when the last one is sent. */
  async runWindow(times: WindowTimes): Promise<SendCounts> {
    const { schedule, recorder } = this.workload;
    const { dueUs, sendUs, warmupCount } = schedule;
    const { t0Us } = times;
    this.workload.scheduleWindow(times);
    const counts = { sent: 0 };
    const messages = this.messages.filter((message) => message >= warmupCount);
    const send = (message: number, atUs: number): void => {
      this.send(message, Math.round(atUs - t0Us - dueUs[message]!));
      recorder.sendLag.record(Math.round(atUs - t0Us - sendUs[message]!));
      counts.sent++;
    };
    await this.workload.paceMessages(messages, t0Us, this.precise, send);
    return counts;
  }
}
