import type { Connection } from "../../../scenarios/contract.ts";

/** Who is sent the same: the members of a room, or one client. */
export interface Recipients<Wire, Encoded> {
  members: Member<Wire, Encoded>[];
  /** The library's own broadcast to them, where it has one that is better than pushing to each. */
  nativeRoom: NativeRoom<Wire, Encoded> | undefined;
  /** What was sent to them in this turn of the event loop and has not left yet, and its payload bytes. */
  waiting: Encoded[];
  waitingBytes: number;
}

/** One client's place, which is an audience of one. */
export interface Member<Wire, Encoded> extends Recipients<Wire, Encoded> {
  socket: Wire;
  /** What its hub knows of it. */
  connection: Connection;
  /** False once the connection has ended. */
  present: boolean;
  /** The rooms it is in. */
  rooms: Recipients<Wire, Encoded>[];
  /** To be called when the connection has ended; the hub is told once. */
  leave(): void;
}

/** A room of the library's own. */
export interface NativeRoom<Wire, Encoded> {
  add(wire: Wire): void;
  delete(wire: Wire): void;
  push(encoded: Encoded): void;
}

/** Hands `encoded`, which is so many messages with so many payload bytes in all, to everybody in an audience. */
export type HandOver<Wire, Encoded> = (
  audience: Recipients<Wire, Encoded>,
  encoded: Encoded,
  messages: number,
  payloadBytes: number,
) => void;

/** No messages, or no rooms: shared by all who have none, and never added to. */
export const emptyList: never[] = [];

/** Sends that may wait for each other. */
export interface SendQueue<Wire, Encoded> {
  /** Hands over everything that waits, now. */
  flush(): void;
  send(audience: Recipients<Wire, Encoded>, encoded: Encoded, payloadBytes: number): void;
}

/** A function that has `work` done once, when this turn of the event loop has read all its input, however often it is called. */
export function oncePerTick(work: () => void): () => void {
  let scheduled = false;
  const run = (): void => {
    scheduled = false;
    work();
  };
  return function schedule() {
    if (scheduled) return;
    scheduled = true;
    setImmediate(run);
  };
}

/** Payload bytes for one audience that wait no longer: many small messages, and more than one write saves on large ones. */
const maxBytes = 64 * 1024;

/**
 * Makes one of the messages that go to the same audience in one turn of the event loop, with `join`, once for all receivers, and hands it
 * over when the turn's input is read. Whatever goes to the same client leaves in the order sent, whichever audience it was sent to.
 */
export function batchPerTick<Wire, Encoded>(
  join: (messages: Encoded[]) => Encoded,
  handOver: HandOver<Wire, Encoded>,
): SendQueue<Wire, Encoded> {
  const due: Recipients<Wire, Encoded>[] = [];
  const flushSoon = oncePerTick(flush);

  function flush(): void {
    // One by one: handing over may tell the hub that somebody left, which may send and flush in turn.
    for (let next = due.shift(); next; next = due.shift()) empty(next);
  }

  function empty(audience: Recipients<Wire, Encoded>): void {
    const { waiting, waitingBytes } = audience;
    if (waiting.length === 0) return;
    audience.waiting = emptyList;
    audience.waitingBytes = 0;
    handOver(audience, waiting.length === 1 ? waiting[0]! : join(waiting), waiting.length, waitingBytes);
  }

  /** Whether somebody in it waits for something that was sent to another audience. */
  function isBehind(audience: Recipients<Wire, Encoded>): boolean {
    if (due.length === 0 || (due.length === 1 && due[0] === audience)) return false;
    const waits = (other: Recipients<Wire, Encoded>): boolean => other !== audience && other.waiting.length > 0;
    return audience.members.some((member) => waits(member) || member.rooms.some(waits));
  }

  return {
    flush,
    send(audience, encoded, payloadBytes) {
      if (isBehind(audience)) flush();
      if (audience.waiting.length > 0) audience.waiting.push(encoded);
      else {
        audience.waiting = [encoded];
        due.push(audience);
      }
      audience.waitingBytes += payloadBytes;
      if (audience.waitingBytes >= maxBytes) empty(audience);
      else flushSoon();
    },
  };
}

/** Hands over each message as it is sent: for transports in which nothing is saved by waiting. */
export function sendImmediately<Wire, Encoded>(handOver: HandOver<Wire, Encoded>): SendQueue<Wire, Encoded> {
  return { flush: () => undefined, send: (audience, encoded, bytes) => handOver(audience, encoded, 1, bytes) };
}
