import type { Schedule } from "../workload/schedule.ts";
import type { Payloads } from "../workload/payloads.ts";
import { openRanks } from "../lib/number-index.ts";
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
  mostEarlyUs: 0,
  windowDeliveries: 0,
};

/** The sum of two tallies; of how early a message came, the larger one. */
export function addTallies(one: DeliveryTally, other: DeliveryTally): DeliveryTally {
  const names = Object.keys(emptyTally) as (keyof DeliveryTally)[];
  const sums = Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as DeliveryTally;
  return { ...sums, mostEarlyUs: Math.max(one.mostEarlyUs, other.mostEarlyUs) };
}

/**
 * Called with each first delivery of a measured message to the receiver in `slot`. `lagUs` is the time from its due time
 * to its send.
 */
export type OnDelivery = (message: number, dueUs: number, lagUs: number, nowUs: number, slot: number) => void;

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
 * receiver. A message that seems to arrive before it is due, by at most `clockErrorUs`, has a latency of 0. Each delivery
 * counts as exactly one of delivered, duplicated, corrupted and unexpected; a reordered one is
 * counted in addition.
 */
export function openLedger(
  receivers: ArrayLike<number>,
  assignment: Audience,
  schedule: Schedule,
  payloads: Payloads,
  window: MeasurementWindow,
  onDelivery: OnDelivery,
  clockErrorUs = 0,
): Ledger {
  const { dueUs, warmupCount } = schedule;
  const index = buildIndex(receivers, assignment, schedule);
  const { roomOf, placeOf, messageOf, seenAt, lastAt, seen, last, reached } = index;
  const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };
  const tally = { ...emptyTally };

  /** Where clocks may differ, a due time of another host may be in the future. */
  const reportOfOtherClock: OnDelivery = (message, due, lagUs, nowUs, slot) => {
    if (due - nowUs > tally.mostEarlyUs) tally.mostEarlyUs = due - nowUs;
    onDelivery(message, due, lagUs, Math.max(due, nowUs), slot);
  };
  const report = clockErrorUs > 0 ? reportOfOtherClock : onDelivery;
  const dueOf = (message: number): number => dueUs[message]! + (message < warmupCount ? window.startUs : window.t0Us);

  /** Records the first correct delivery of a message to this receiver. */
  function recordFirst(slot: number, message: number, nowUs: number): void {
    const before = lastAt(stamp.sender) + placeOf[slot]!;
    if (stamp.seq > last[before]!) last[before] = stamp.seq;
    else tally.reordered++;
    if (nowUs >= window.t0Us && nowUs < window.t1Us) tally.windowDeliveries++;
    if (message < warmupCount) return;
    tally.delivered++;
    report(message, dueOf(message), stamp.lagUs, nowUs, slot);
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
      if (dueOf(message) > nowUs + clockErrorUs) countEarly();
      else countOnce(slot, message, nowUs);
    }
  }

  function recordDelivery(slot: number, payload: Buffer, text: boolean, nowUs: number): void {
    recordPending();
    const message = readStamp(payload, stamp) ? messageOf(stamp.sender, stamp.seq, roomOf[slot]!) : -1;
    const atUs = message < 0 ? Infinity : dueOf(message);
    if (message < 0) tally.unexpected++;
    else if (atUs > nowUs + clockErrorUs && atUs < Infinity) countEarly();
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

/** The receivers of this ledger in each room, and the place of each receiver among those of its room. */
function placeInRooms(receivers: ArrayLike<number>, { roomOf: roomOfClient }: Audience) {
  const roomOf = Int32Array.from(receivers, roomOfClient);
  const lowest = roomOf.reduce((least, room) => Math.min(least, room), 0); // the server application is in room -1
  const rankOf = openRanks(roomOf.map((room) => room - lowest));
  const ranks = roomOf.map((room) => rankOf(room - lowest));
  const counts = new Int32Array(ranks.reduce((most, rank) => Math.max(most, rank), -1) + 1);
  const placeOf = ranks.map((rank) => counts[rank]!++);
  const [first] = prefixSums(counts);
  const members = new Int32Array(receivers.length);
  for (let slot = 0; slot < receivers.length; slot++) members[first[ranks[slot]!]! + placeOf[slot]!] = receivers[slot]!;
  return {
    roomOf,
    placeOf,
    countIn: (room: number): number => counts[rankOf(room - lowest)] ?? 0,
    receiverIn: (room: number, place: number): number => members[first[rankOf(room - lowest)]! + place]!,
  };
}

/**
 * The tables of a ledger. Entries of one message, or of one sender, lie side by side for all receivers of its room,
 * since a broadcast arrives in that order. Every entry is found by a number, without a look-up in a map.
 */
function buildIndex(receivers: ArrayLike<number>, audience: Audience, schedule: Schedule) {
  const { allSenders, audienceRoom } = audience;
  const { sender: senderOf, seq: seqOf } = schedule;
  const { countIn, ...places } = placeInRooms(receivers, audience);
  const rankOf = openRanks(allSenders);
  const senders = Int32Array.from(allSenders).toSorted();
  const heardBy = (sender: number): number => countIn(audienceRoom(sender));

  /** Four numbers of each sender, by its rank: its room, its messages, its first message, its first entry in `last`. */
  const senderTable = new Int32Array(4 * senders.length);
  const [firstLast, lastCount] = prefixSums(senders.map(heardBy));
  const [seenAt, seenCount] = prefixSums(senderOf.map(heardBy));

  const sentBy = new Int32Array(senders.length);
  for (const client of senderOf) sentBy[rankOf(client)]!++;
  const [firstMessage] = prefixSums(sentBy);
  for (const [rank, client] of senders.entries())
    senderTable.set([audienceRoom(client), sentBy[rank]!, firstMessage[rank]!, firstLast[rank]!], 4 * rank);
  const warmupOf = new Int32Array(senders.length);
  for (const client of senderOf.subarray(0, schedule.warmupCount)) warmupOf[rankOf(client)]!++;
  const last = new Int32Array(lastCount).fill(-1);
  const messages = new Int32Array(senderOf.length);
  for (const [message, client] of senderOf.entries())
    messages[senderTable[4 * rankOf(client) + 2]! + seqOf[message]!] = message;

  return {
    ...places,
    /** The message with this sender, sequence number and room; -1 without one. */
    messageOf(client: number, seq: number, room: number): number {
      const at = 4 * rankOf(client);
      if (at < 0 || senderTable[at] !== room || seq >= senderTable[at + 1]!) return -1;
      return messages[senderTable[at + 2]! + seq]!;
    },
    /** First bit of each message, and the number of bits. */
    seenAt,
    seenCount,
    seen: new Uint8Array(Math.ceil(seenCount / 8)),
    lastAt: (client: number): number => senderTable[4 * rankOf(client) + 3]!,
    last,
    /** Measured messages up to the last one that arrived, over all pairs of a sender and a receiver. */
    reached(): number {
      let sum = 0;
      for (let rank = 0; rank < senders.length; rank++)
        for (let at = firstLast[rank]!; at < (firstLast[rank + 1] ?? lastCount); at++)
          sum += Math.max(0, last[at]! + 1 - warmupOf[rank]!);
      return sum;
    },
  };
}

/** Starts of consecutive ranges with these lengths, and their total length. */
function prefixSums(lengths: Int32Array): [starts: Float64Array, total: number] {
  let total = 0;
  const starts = Float64Array.from(lengths, (length) => (total += length) - length);
  return [starts, total];
}
