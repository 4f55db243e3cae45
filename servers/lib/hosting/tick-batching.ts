import type { NativeRoom } from "./carrier.ts";
import type { Member } from "./members.ts";

/** Clients that are sent the same messages: the members of a room, or one client. */
export interface Recipients<Client, Encoded> {
  readonly members: Member<Client, Encoded>[];
  /** The library's own broadcast to them, where it has one that is better than a push to each. */
  readonly nativeRoom: NativeRoom<Client, Encoded> | undefined;
  /** Messages that were sent to them in this tick of the event loop and were not pushed yet. */
  waiting: Encoded[];
  /** Payload bytes of `waiting`. */
  waitingBytes: number;
}

/** Pushes `encoded` to all recipients. It holds so many messages with so many payload bytes in all. */
export type HandOver<Client, Encoded> = (
  recipients: Recipients<Client, Encoded>,
  encoded: Encoded,
  messages: number,
  payloadBytes: number,
) => void;

/** The empty list that everything without messages or rooms shares. Nothing is ever added to it. */
export const emptyList: never[] = [];

/** Messages that were sent and may wait for the end of the tick. */
export interface SendQueue<Client, Encoded> {
  /** Pushes everything that waits, now. */
  flush(): void;
  send(recipients: Recipients<Client, Encoded>, encoded: Encoded, payloadBytes: number): void;
}

/**
 * Returns a function that runs `work` once when this tick of the event loop has read all its input, however often it is
 * called.
 */
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

/**
 * Payload bytes at which messages are pushed before the tick ends. Many small messages share a write by then, and for
 * large ones a shared write saves little.
 */
const maxBytes = 64 * 1024;

/**
 * Concatenates all messages that are sent to the same recipients in one tick of the event loop, once for all of them,
 * and pushes the result when the tick's input is read. Every client gets its messages in the order sent, whether they
 * were sent to it or to one of its rooms.
 */
export function batchPerTick<Client, Encoded>(
  concat: (messages: Encoded[]) => Encoded,
  handOver: HandOver<Client, Encoded>,
): SendQueue<Client, Encoded> {
  const pending: Recipients<Client, Encoded>[] = [];
  const flushSoon = oncePerTick(flush);

  function flush(): void {
    // One by one: a push may make the application send and flush again, when a client is dropped.
    for (let next = pending.shift(); next; next = pending.shift()) pushWaiting(next);
  }

  function pushWaiting(recipients: Recipients<Client, Encoded>): void {
    const { waiting, waitingBytes } = recipients;
    if (waiting.length === 0) return;
    recipients.waiting = emptyList;
    recipients.waitingBytes = 0;
    handOver(recipients, waiting.length === 1 ? waiting[0]! : concat(waiting), waiting.length, waitingBytes);
  }

  /** True if one of the recipients waits for a message that was sent to other recipients. */
  function isBehind(recipients: Recipients<Client, Encoded>): boolean {
    if (pending.length === 0 || (pending.length === 1 && pending[0] === recipients)) return false;
    const waits = (other: Recipients<Client, Encoded>): boolean => other !== recipients && other.waiting.length > 0;
    return recipients.members.some((member) => waits(member) || member.rooms.some(waits));
  }

  return {
    flush,
    send(recipients, encoded, payloadBytes) {
      if (isBehind(recipients)) flush();
      if (recipients.waiting.length > 0) recipients.waiting.push(encoded);
      else {
        recipients.waiting = [encoded];
        pending.push(recipients);
      }
      recipients.waitingBytes += payloadBytes;
      if (recipients.waitingBytes >= maxBytes) pushWaiting(recipients);
      else flushSoon();
    },
  };
}

/** Pushes each message as it is sent: for transports in which waiting saves nothing. */
export function sendImmediately<Client, Encoded>(handOver: HandOver<Client, Encoded>): SendQueue<Client, Encoded> {
  return {
    flush: () => undefined,
    send: (recipients, encoded, payloadBytes) => handOver(recipients, encoded, 1, payloadBytes),
  };
}
