import type { Schedule } from "../workload/schedule.ts";
import type { Payloads } from "../workload/payloads.ts";
import { readStamp, type Stamp } from "../lib/message-stamp.ts";
import type { DeliveryTally } from "../../results/model/measurement.ts";
import type { Assignment } from "../workload/assignment.ts";

/** Nothing yet. */
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

/** When the load begins and what of it is measured, on the host's clock. Infinity until it is agreed. */
export interface MeasurementWindow {
  startUs: number;
  t0Us: number;
  t1Us: number;
}

/** Who speaks, in which room each is heard, and in which room a receiver is. */
export type Audience = Pick<Assignment, "allSenders" | "audienceRoom" | "roomOf">;

/** Told of each first delivery of a measured message. */
export type OnDelivery = (message: number, dueUs: number, lagUs: number, nowUs: number) => void;

/** The exact account of what some receivers have received. Times are on the host's clock. */
export interface Ledger {
  /** Enters one delivery to the `slot`-th receiver. Allocates nothing. */
  recordDelivery(slot: number, payload: Buffer, text: boolean, nowUs: number): void;
  tally(): DeliveryTally;
}

/**
 * Opens the books for `receivers`: one bit per message and receiver, and the last sequence number per sender and receiver. Every
 * delivery ends in exactly one of delivered, duplicated, corrupted and unexpected; a reordered one is counted beside that.
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
  const { roomOf, placeOf, messageOf, seenAt, lastAt, seen, last } = buildIndex(receivers, assignment, schedule);
  const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };
  const tally = { ...emptyTally };

  const dueOf = (message: number): number => dueUs[message]! + (message < warmupCount ? window.startUs : window.t0Us);

  /** The first correct delivery of a message to this receiver. */
  function first(slot: number, message: number, nowUs: number): void {
    const before = lastAt(stamp.sender) + placeOf[slot]!;
    if (stamp.seq > last[before]!) last[before] = stamp.seq;
    else tally.reordered++;
    if (nowUs >= window.t0Us && nowUs < window.t1Us) tally.windowDeliveries++;
    if (message < warmupCount) return;
    tally.delivered++;
    onDelivery(message, dueOf(message), stamp.lagUs, nowUs);
  }

  /** A payload that is as it was sent. */
  function intact(slot: number, message: number, nowUs: number): void {
    if (setBit(seen, seenAt[message]! + placeOf[slot]!)) first(slot, message, nowUs);
    else tally.duplicated++;
  }

  function early(): void {
    tally.unexpected++;
    tally.early++;
  }

  /**
   * Measured messages that came before this process had read when T0 is, four numbers each: a worker that is behind its load reads that
   * behind the messages. They wait until their due times are known.
   */
  const held: number[] = [];
  function enterHeld(): void {
    if (held.length === 0 || window.t0Us === Infinity) return;
    const numbers = held.splice(0).values();
    for (const slot of numbers) {
      const [message, lagUs, nowUs] = [numbers.next().value!, numbers.next().value!, numbers.next().value!];
      Object.assign(stamp, { sender: schedule.sender[message], seq: schedule.seq[message], lagUs });
      if (dueOf(message) > nowUs) early();
      else intact(slot, message, nowUs);
    }
  }

  return {
    tally() {
      enterHeld();
      return { ...tally };
    },
    recordDelivery(slot, payload, text, nowUs) {
      enterHeld();
      const message = readStamp(payload, stamp) ? messageOf(stamp.sender, stamp.seq, roomOf[slot]!) : -1;
      const atUs = message < 0 ? Infinity : dueOf(message);
      if (message < 0) tally.unexpected++;
      else if (atUs > nowUs && atUs < Infinity) early();
      else if (!payloads.matches(payload, text, stamp.sender, stamp.seq)) tally.corrupted++;
      else if (atUs === Infinity) held.push(slot, message, stamp.lagUs, nowUs);
      else intact(slot, message, nowUs);
    },
  };
}

/** Sets a bit; false where it was set already. */
function setBit(bits: Uint8Array, bit: number): boolean {
  const mask = 1 << (bit & 7);
  const byte = bit >>> 3;
  if (bits[byte]! & mask) return false;
  bits[byte]! |= mask;
  return true;
}

/**
 * The books: what belongs to one message, or to one sender, lies side by side for all receivers of its room, because that is how a
 * broadcast comes. Everything is found by number, without a look-up in a map.
 */
function buildIndex(receivers: readonly number[], { allSenders, audienceRoom, roomOf }: Audience, schedule: Schedule) {
  const { sender: senderOf, seq: seqOf } = schedule;
  /** How many of the receivers are in each room, and the place of each among those of its own. */
  const inRoom = new Map<number, number>();
  const placeOf = Int32Array.from(receivers, (client) => {
    const place = inRoom.get(roomOf(client)) ?? 0;
    inRoom.set(roomOf(client), place + 1);
    return place;
  });

  /** What is known of each client that speaks, four numbers one beside the other; for the others, a room that is none. */
  const known = new Int32Array(4 * (allSenders.reduce((most, client) => Math.max(most, client), 0) + 1)).fill(-1);
  const [firstLast, lastCount] = prefixSums(allSenders.map((client) => inRoom.get(audienceRoom(client)) ?? 0));
  const [seenAt, seenCount] = prefixSums(Array.from(senderOf, (client) => inRoom.get(audienceRoom(client)) ?? 0));

  const sentBy = new Int32Array(known.length / 4);
  for (const client of senderOf) sentBy[client]!++;
  const [firstMessage] = prefixSums(allSenders.map((client) => sentBy[client]!));
  for (const [i, client] of allSenders.entries())
    known.set([audienceRoom(client), sentBy[client]!, firstMessage[i]!, firstLast[i]!], 4 * client);
  const messages = new Int32Array(senderOf.length);
  for (const [message, client] of senderOf.entries()) messages[known[4 * client + 2]! + seqOf[message]!] = message;

  return {
    roomOf: Int32Array.from(receivers, roomOf),
    placeOf,
    /** The message of that sender and sequence number, if it is said in that room; -1 where there is none. */
    messageOf(client: number, seq: number, room: number): number {
      const at = 4 * client;
      if (at >= known.length || known[at] !== room || seq >= known[at + 1]!) return -1;
      return messages[known[at + 2]! + seq]!;
    },
    seenAt,
    seen: new Uint8Array(Math.ceil(seenCount / 8)),
    lastAt: (client: number): number => known[4 * client + 3]!,
    last: new Int32Array(lastCount).fill(-1),
  };
}

/** Where each of several stretches of these lengths begins when they lie one behind the other, and the length of all. */
function prefixSums(lengths: readonly number[]): [starts: Float64Array, total: number] {
  let total = 0;
  const starts = Float64Array.from(lengths, (length) => (total += length) - length);
  return [starts, total];
}
