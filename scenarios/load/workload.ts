import type { Traffic } from "../contract.ts";
import { arrivalUs } from "../lib/clock.ts";
import { countBelow } from "../lib/count-below.ts";
import { pace, realClock, type Clock } from "../lib/pace.ts";
import type { DeliveryTally } from "../../results/model/measurement.ts";
import type { Payloads } from "../workload/payloads.ts";
import type { Schedule } from "../workload/schedule.ts";
import type { Absence } from "../workload/gone-client.ts";
import { openLedger, type Ledger, type OnDelivery } from "./delivery-ledger.ts";
import type { EndedConnection } from "./gone-clients.ts";
import { openWindow, type MeasurementWindow, type WindowTimes } from "./measurement-window.ts";
import type { Audience, MissingDeliveries } from "./missing-deliveries.ts";
import { openRecorder, type Histograms, type MessageLatencies, type Recorder } from "./recorder.ts";

/** Parts of a trial that one process needs to send and to account for messages. */
export interface WorkloadParts {
  schedule: Schedule;
  payloads: Payloads;
  payloadKind: "text" | "binary";
  /** Numbers of the receivers of this process; a receiver's index here is its slot. */
  receivers: ArrayLike<number>;
  audience: Audience;
  /** Latency above which a delivery is counted as late, in microseconds. Default: none is. */
  lateAboveUs?: number | undefined;
  /** Most by which the clock of a sender may differ, in microseconds. Default: 0, all have one clock. */
  clockErrorUs?: number | undefined;
  /** Called with each first delivery of a measured message, too. Default: nothing is. */
  onDelivery?: OnDelivery | undefined;
}

/** Counts of one process by which a trial may end early. */
export interface WatchedCounts {
  /** Distinct correct deliveries of measured messages. */
  delivered: number;
  /** Of these, the ones that took longer than the bound. */
  late: number;
  /** Deliveries that have not come, although a later one of the same sender has. */
  overtaken: number;
  /** Deliveries that came after a later one of the same sender. */
  reordered: number;
}

/** A part of the window, in microseconds from T0. Its end is not in it. */
export interface PartOfWindow {
  fromUs: number;
  toUs: number;
}

/** Messages of one process so far, counted as a server counts them: `in` is what its clients sent, `out` what they received. */
export type PayloadTotals = Pick<Traffic, "payloadsIn" | "payloadBytesIn" | "payloadsOut" | "payloadBytesOut">;

/**
 * Schedule, payloads, window and account of one process of a trial. Persistent clients, short sessions, a closed loop
 * and a server that sends share it; they differ in when they connect and in what makes them send.
 */
export class Workload {
  readonly schedule: Schedule;
  readonly window: MeasurementWindow = openWindow();
  readonly recorder: Recorder;
  readonly sendsText: boolean;
  readonly totals: PayloadTotals = { payloadsIn: 0, payloadBytesIn: 0, payloadsOut: 0, payloadBytesOut: 0 };
  private readonly clock: Clock;
  private readonly payloads: Payloads;
  private readonly ledger: Ledger;

  /** Tests pass their own clock. */
  constructor(
    { schedule, payloads, payloadKind, receivers, audience, lateAboveUs, clockErrorUs, onDelivery }: WorkloadParts,
    clock: Clock = realClock,
  ) {
    this.schedule = schedule;
    this.clock = clock;
    this.payloads = payloads;
    this.sendsText = payloadKind === "text";
    this.recorder = openRecorder(schedule, lateAboveUs);
    this.ledger = openLedger(
      receivers,
      audience,
      schedule,
      payloads,
      this.window,
      onDelivery ? both(this.recorder.onDelivery, onDelivery) : this.recorder.onDelivery,
      clockErrorUs,
    );
  }

  /** The load begins: messages of the warm-up are due from `startUs` on. */
  startWarmUp(startUs: number): void {
    this.window.startUs = startUs;
  }

  /** The window is agreed: measured messages are due from T0 on. */
  scheduleWindow({ t0Us, t1Us }: WindowTimes): void {
    this.window.t0Us = t0Us;
    this.window.t1Us = t1Us;
  }

  /**
   * Records one message that arrived in this event at the receiver in `slot`. Allocates nothing. `receivedBytes` is its
   * length where `payload` is what it answers.
   */
  receive(slot: number, payload: Buffer, text: boolean, atUs = arrivalUs(), receivedBytes = payload.length): void {
    this.totals.payloadsOut++;
    this.totals.payloadBytesOut += receivedBytes;
    this.ledger.recordDelivery(slot, payload, text, atUs);
  }

  /** Payload of a message that is sent now, valid until the next one is stamped. Allocates nothing. */
  stamped(message: number, lagUs: number): Buffer {
    const payload = this.payloads.stamped(this.schedule.sender[message]!, this.schedule.seq[message]!, lagUs);
    this.totals.payloadsIn++;
    this.totals.payloadBytesIn += payload.length;
    return payload;
  }

  /** Payload of a message in a buffer of its own, for a receiver that keeps it. */
  copied(message: number, lagUs: number): Buffer {
    return this.payloads.make(this.schedule.sender[message]!, this.schedule.seq[message]!, lagUs);
  }

  /**
   * Calls `send` for each of these messages at its time from `fromUs` on, in order and never early. Resolves after the
   * last one that is due before `until()`.
   */
  paceMessages(
    messages: ArrayLike<number>,
    fromUs: number,
    precise: boolean,
    send: (message: number, atUs: number, index: number) => void,
    until?: () => number,
  ): Promise<void> {
    const times = Float64Array.from(messages, (message) => fromUs + this.schedule.sendUs[message]!);
    return pace(times, (index, atUs) => send(messages[index]!, atUs, index), precise, this.clock, until);
  }

  tally(): DeliveryTally {
    return this.ledger.tally();
  }

  watched(): WatchedCounts {
    const { delivered, reordered } = this.ledger.tally();
    return { delivered, late: this.recorder.late(), overtaken: this.ledger.overtaken(), reordered };
  }

  /** Latencies so far of the measured messages that are due in this part of the window. Looks at these alone. */
  latenciesIn({ fromUs, toUs }: PartOfWindow): MessageLatencies {
    const { dueUs, warmupCount } = this.schedule;
    const measuredUs = dueUs.subarray(warmupCount);
    return this.recorder.largest(countBelow(measuredUs, fromUs), countBelow(measuredUs, toUs));
  }

  missing(gone: readonly Absence[]): MissingDeliveries {
    return this.ledger.missing(gone);
  }

  /**
   * Due time of the last message on each of these connections, received or sent, in microseconds on the host's clock;
   * -Infinity without one. Looks at every message.
   */
  lastMessages(ended: readonly EndedConnection[]): number[] {
    const { schedule, window } = this;
    const ends = new Map(ended.map(({ client, endUs }) => [client, endUs]));
    const sentUs = new Map<number, number>();
    for (const [message, sender] of ended.length > 0 ? schedule.sender.entries() : []) {
      const endUs = ends.get(sender);
      if (endUs === undefined) continue;
      const ofWarmup = message < schedule.warmupCount;
      const atUs = (ofWarmup ? window.startUs : window.t0Us) + schedule.sendUs[message]!;
      if (atUs < endUs && !(ofWarmup && atUs >= window.t0Us)) sentUs.set(sender, atUs);
    }
    return ended.map(({ slot, client }) => Math.max(sentUs.get(client) ?? -Infinity, this.ledger.lastDueUs(slot)));
  }

  histograms(): Histograms {
    return this.recorder.histograms();
  }
}

/** One function that calls two. Allocates nothing. */
function both(one: OnDelivery, other: OnDelivery): OnDelivery {
  return (message, dueUs, lagUs, atUs, slot) => {
    one(message, dueUs, lagUs, atUs, slot);
    other(message, dueUs, lagUs, atUs, slot);
  };
}
