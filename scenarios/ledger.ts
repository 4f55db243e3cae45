import type { Cast, Plan } from "./plan.ts";
import type { Payloads } from "./payloads.ts";
import { readStamp, type Stamp } from "./stamp.ts";

/** What became of every delivery that a ledger's receivers saw, warm-up included, but for `delivered`, which is of the window only. */
export interface Tally {
  /** Distinct correct (message, receiver) pairs of the measured messages. */
  delivered: number;
  /** Deliveries beyond the first. */
  duplicated: number;
  /** Deliveries that came after a later message of the same sender. */
  reordered: number;
  /** Payloads with a stamp of the plan that are otherwise not as they were sent. */
  corrupted: number;
  /** Messages that are on no plan, not due yet or not for this receiver; a damaged stamp makes a message one of these. */
  unexpected: number;
  /** Those of the unexpected that came before they were due: the clocks of the processes disagree. */
  early: number;
  /** First deliveries of any message that fell between T0 and T1. */
  windowDeliveries: number;
}

/** Nothing yet. */
export const emptyTally: Tally = {
  delivered: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  unexpected: 0,
  early: 0,
  windowDeliveries: 0,
};

/** The sum of two tallies. */
export function addTallies(one: Tally, other: Tally): Tally {
  const names = Object.keys(emptyTally) as (keyof Tally)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Tally;
}

/** When the load begins and what of it is measured, on the host's clock. Infinity until it is agreed. */
export interface Window {
  startUs: number;
  t0Us: number;
  t1Us: number;
}

/** Told of each first delivery of a measured message. */
export type OnDelivery = (message: number, dueUs: number, lagUs: number, nowUs: number) => void;

/** The exact account of what some receivers have received. Times are on the host's clock. */
export interface Ledger {
  /** Enters one delivery to the `slot`-th receiver. Allocates nothing. */
  enter(slot: number, payload: Buffer, text: boolean, nowUs: number): void;
  tally(): Tally;
}

/**
 * Opens the books for `receivers`: one bit per message and receiver, and the last sequence number per sender and receiver. Every
 * delivery ends in exactly one of delivered, duplicated, corrupted and unexpected; a reordered one is counted beside that.
 */
export function openLedger(
  receivers: readonly number[],
  { senders, roomOf }: Cast,
  { sender: senderOf, seq: seqOf, dueUs, warmup }: Plan,
  payloads: Payloads,
  window: Window,
  onDelivery: OnDelivery,
): Ledger {
  const books = indexMessages(senders, roomOf, senderOf, seqOf);
  const seen = receivers.map((client) => new Uint8Array(Math.ceil((books.messagesIn.get(roomOf(client)) ?? 0) / 8)));
  const lastSeq = receivers.map((client) => new Int32Array(books.sendersIn.get(roomOf(client)) ?? 0).fill(-1));
  const rooms = Int32Array.from(receivers, roomOf);
  const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };
  const tally = { ...emptyTally };

  const dueOf = (message: number): number => dueUs[message]! + (message < warmup ? window.startUs : window.t0Us);

  /** The first correct delivery of a message to this receiver. */
  function first(slot: number, place: number, message: number, nowUs: number): void {
    const last = lastSeq[slot]!;
    if (stamp.seq > last[place]!) last[place] = stamp.seq;
    else tally.reordered++;
    if (nowUs >= window.t0Us && nowUs < window.t1Us) tally.windowDeliveries++;
    if (message < warmup) return;
    tally.delivered++;
    onDelivery(message, dueOf(message), stamp.lagUs, nowUs);
  }

  function early(): void {
    tally.unexpected++;
    tally.early++;
  }

  return {
    tally: () => ({ ...tally }),
    enter(slot, payload, text, nowUs) {
      const of = readStamp(payload, stamp) ? books.bySender.get(stamp.sender) : undefined;
      const message = of?.room === rooms[slot] ? of?.messages[stamp.seq] : undefined;
      if (of === undefined || message === undefined) tally.unexpected++;
      else if (dueOf(message) > nowUs) early();
      else if (!payloads.intact(payload, text, stamp.sender, stamp.seq)) tally.corrupted++;
      else if (mark(seen[slot]!, books.inRoom[message]!)) first(slot, of.place, message, nowUs);
      else tally.duplicated++;
    },
  };
}

/** Sets a bit; false where it was set already. */
function mark(bits: Uint8Array, bit: number): boolean {
  const mask = 1 << (bit & 7);
  if (bits[bit >> 3]! & mask) return false;
  bits[bit >> 3]! |= mask;
  return true;
}

/** Where each sender's messages stand in the plan and among the messages of their room. */
function indexMessages(
  senders: readonly number[],
  roomOf: (client: number) => number,
  senderOf: Int32Array,
  seqOf: Int32Array,
) {
  const bySender = new Map<number, { room: number; place: number; messages: number[] }>();
  const sendersIn = new Map<number, number>();
  for (const client of senders) {
    const room = roomOf(client);
    const place = sendersIn.get(room) ?? 0;
    bySender.set(client, { room, place, messages: [] });
    sendersIn.set(room, place + 1);
  }
  const messagesIn = new Map<number, number>();
  const inRoom = new Int32Array(senderOf.length);
  for (let message = 0; message < senderOf.length; message++) {
    const of = bySender.get(senderOf[message]!)!;
    inRoom[message] = messagesIn.get(of.room) ?? 0;
    messagesIn.set(of.room, inRoom[message]! + 1);
    of.messages[seqOf[message]!] = message;
  }
  return { bySender, sendersIn, messagesIn, inRoom };
}
