import type { Schedule } from "../workload/schedule.ts";
import type { Payloads } from "../workload/payloads.ts";
import { readStamp, type Stamp } from "../lib/message-stamp.ts";
import type { DeliveryTally } from "../../results/model/measurement.ts";
import type { Absence } from "../workload/gone-client.ts";
import type { MeasurementWindow } from "./measurement-window.ts";
import { findMissing, type Audience, type MissingDeliveries } from "./missing-deliveries.ts";

/** A tally without a delivery. */
export const emptyTally: DeliveryTally = {
  delivered: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  unexpected: 0,
  early: 0,
  windowDeliveries: 0,
};

/** The sum of two tallies. */
export function addTallies(one: DeliveryTally, other: DeliveryTally): DeliveryTally {
  const names = Object.keys(emptyTally) as (keyof DeliveryTally)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as DeliveryTally;
}

/** Called with each first delivery of a measured message. `lagUs` is the time from its due time to its send. */
export type OnDelivery = (message: number, dueUs: number, lagUs: number, nowUs: number) => void;

/** Exact account of the deliveries to some receivers. Times are on the host's clock. */
export interface Ledger {
  /** Records one delivery to the receiver in `slot`. Allocates nothing. */
  recordDelivery(slot: number, payload: Buffer, text: boolean, nowUs: number): void;
  tally(): DeliveryTally;
  /**
   * Measured messages that a receiver has not, although it has a later one of the same sender; one for each receiver.
   * Looks at each pair of a sender and a receiver.
   */
  overtaken(): number;
  /** What is missing of the measured messages, where these clients are gone. Looks at every bit. */
  missing(gone: readonly Absence[]): MissingDeliveries;
  /** Due time of the last message that has reached the receiver in `slot`; -Infinity without one. */
  lastDueUs(slot: number): number;
}

/**
 * A ledger for `receivers`, with one bit per message and receiver, and the last sequence number per sender and
 * receiver. Each delivery counts as exactly one of delivered, duplicated, corrupted and unexpected; a reordered one is
 * counted in addition.
 */
export function openLedger(
  receivers: readonly number[],
  assignment: Audience,
  schedule: Schedule,
  payloads: Payloads,
  window: MeasurementWindow,
  onDelivery: OnDelivery,
): Ledger {
  const { dueUs, warmupCount } = schedule;
  const index = buildIndex(receivers, assignment, schedule);
  const { roomOf, placeOf, messageOf, seenAt, lastAt, seen, last, reached } = index;
  const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };
  const tally = { ...emptyTally };

  const dueOf = (message: number): number => dueUs[message]! + (message < warmupCount ? window.startUs : window.t0Us);

  /** Records the first correct delivery of a message to this receiver. */
  function recordFirst(slot: number, message: number, nowUs: number): void {
    const before = lastAt(stamp.sender) + placeOf[slot]!;
    if (stamp.seq > last[before]!) last[before] = stamp.seq;
    else tally.reordered++;
    if (nowUs >= window.t0Us && nowUs < window.t1Us) tally.windowDeliveries++;
    if (message < warmupCount) return;
    tally.delivered++;
    onDelivery(message, dueOf(message), stamp.lagUs, nowUs);
  }

  const hasSeen = (bit: number): boolean => hasBit(seen, bit);
  const lastSeq = (sender: number, place: number): number => last[lastAt(sender) + place]!;

  /** Records a payload that arrived as it was sent. */
  function countOnce(slot: number, message: number, nowUs: number): void {
    if (setBit(seen, seenAt[message]! + placeOf[slot]!)) recordFirst(slot, message, nowUs);
    else tally.duplicated++;
  }

  function countEarly(): void {
    tally.unexpected++;
    tally.early++;
  }

  /**
   * Measured messages that arrived before this process knew T0, four numbers each: a busy worker may read them before
   * the call that announces T0. They wait until T0 is known.
   */
  const pending: number[] = [];
  function recordPending(): void {
    if (pending.length === 0 || window.t0Us === Infinity) return;
    const numbers = pending.splice(0).values();
    for (const slot of numbers) {
      const [message, lagUs, nowUs] = [numbers.next().value!, numbers.next().value!, numbers.next().value!];
      Object.assign(stamp, { sender: schedule.sender[message], seq: schedule.seq[message], lagUs });
      if (dueOf(message) > nowUs) countEarly();
      else countOnce(slot, message, nowUs);
    }
  }

  function recordDelivery(slot: number, payload: Buffer, text: boolean, nowUs: number): void {
    recordPending();
    const message = readStamp(payload, stamp) ? messageOf(stamp.sender, stamp.seq, roomOf[slot]!) : -1;
    const atUs = message < 0 ? Infinity : dueOf(message);
    if (message < 0) tally.unexpected++;
    else if (atUs > nowUs && atUs < Infinity) countEarly();
    else if (!payloads.matches(payload, text, stamp.sender, stamp.seq)) tally.corrupted++;
    else if (atUs === Infinity) pending.push(slot, message, stamp.lagUs, nowUs);
    else countOnce(slot, message, nowUs);
  }

  /** Where a speaker does not hear itself, its own message is not for it. */
  function recordOfOthers(slot: number, payload: Buffer, text: boolean, nowUs: number): void {
    if (readStamp(payload, stamp) && stamp.sender === receivers[slot]) tally.unexpected++;
    else recordDelivery(slot, payload, text, nowUs);
  }

  return {
    tally() {
      recordPending();
      return { ...tally };
    },
    overtaken() {
      recordPending();
      return reached() - tally.delivered;
    },
    missing(gone) {
      recordPending();
      return findMissing(schedule, assignment, { ...index, hasSeen, lastSeq }, window.t0Us, gone);
    },
    lastDueUs(slot) {
      recordPending();
      const place = placeOf[slot]!;
      const heard = assignment.allSenders.filter((sender) => assignment.audienceRoom(sender) === roomOf[slot]);
      return heard.reduce((latestUs, sender) => {
        const seq = lastSeq(sender, place);
        return seq < 0 ? latestUs : Math.max(latestUs, dueOf(messageOf(sender, seq, roomOf[slot]!)));
      }, -Infinity);
    },
    recordDelivery: assignment.speakerExcluded ? recordOfOthers : recordDelivery,
  };
}

function hasBit(bits: Uint8Array, bit: number): boolean {
  return (bits[bit >>> 3]! & (1 << (bit & 7))) !== 0;
}

/** Sets a bit. Returns false where it was set already. */
function setBit(bits: Uint8Array, bit: number): boolean {
  const mask = 1 << (bit & 7);
  const byte = bit >>> 3;
  if (bits[byte]! & mask) return false;
  bits[byte]! |= mask;
  return true;
}

/**
 * The tables of a ledger. Entries of one message, or of one sender, lie side by side for all receivers of its room,
 * since a broadcast arrives in that order. Every entry is found by a number, without a look-up in a map.
 */
function buildIndex(receivers: readonly number[], { allSenders, audienceRoom, roomOf }: Audience, schedule: Schedule) {
  const { sender: senderOf, seq: seqOf } = schedule;
  /** Receivers in each room, and the place of each receiver among those of its room. */
  const inRoom = new Map<number, number[]>();
  const placeOf = Int32Array.from(receivers, (client) => {
    const members = inRoom.get(roomOf(client));
    if (members) return members.push(client) - 1;
    inRoom.set(roomOf(client), [client]);
    return 0;
  });
  const heardBy = (sender: number): number => inRoom.get(audienceRoom(sender))?.length ?? 0;

  /**
   * Four numbers of each sender: its room, its messages, its first message, its first entry in `last`. -1 for clients
   * that do not send.
   */
  const senderTable = new Int32Array(4 * (allSenders.reduce((most, client) => Math.max(most, client), 0) + 1)).fill(-1);
  const [firstLast, lastCount] = prefixSums(allSenders.map(heardBy));
  const [seenAt, seenCount] = prefixSums(Array.from(senderOf, heardBy));

  const sentBy = new Int32Array(senderTable.length / 4);
  for (const client of senderOf) sentBy[client]!++;
  const [firstMessage] = prefixSums(allSenders.map((client) => sentBy[client]!));
  for (const [i, client] of allSenders.entries())
    senderTable.set([audienceRoom(client), sentBy[client]!, firstMessage[i]!, firstLast[i]!], 4 * client);
  const warmupOf = new Int32Array(sentBy.length);
  for (const client of senderOf.subarray(0, schedule.warmupCount)) warmupOf[client]!++;
  const last = new Int32Array(lastCount).fill(-1);
  const messages = new Int32Array(senderOf.length);
  for (const [message, client] of senderOf.entries())
    messages[senderTable[4 * client + 2]! + seqOf[message]!] = message;

  return {
    inRoom,
    roomOf: Int32Array.from(receivers, roomOf),
    placeOf,
    /** The message with this sender, sequence number and room; -1 without one. */
    messageOf(client: number, seq: number, room: number): number {
      const at = 4 * client;
      if (at >= senderTable.length || senderTable[at] !== room || seq >= senderTable[at + 1]!) return -1;
      return messages[senderTable[at + 2]! + seq]!;
    },
    /** First bit of each message, and the number of bits. */
    seenAt,
    seenCount,
    seen: new Uint8Array(Math.ceil(seenCount / 8)),
    lastAt: (client: number): number => senderTable[4 * client + 3]!,
    last,
    /** Measured messages up to the last one that arrived, over all pairs of a sender and a receiver. */
    reached(): number {
      let sum = 0;
      for (const [i, client] of allSenders.entries())
        for (let at = firstLast[i]!; at < (firstLast[i + 1] ?? lastCount); at++)
          sum += Math.max(0, last[at]! + 1 - warmupOf[client]!);
      return sum;
    },
  };
}

/** Starts of consecutive ranges with these lengths, and their total length. */
function prefixSums(lengths: readonly number[]): [starts: Float64Array, total: number] {
  let total = 0;
  const starts = Float64Array.from(lengths, (length) => (total += length) - length);
  return [starts, total];
}
