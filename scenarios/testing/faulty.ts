import tcp from "../../servers/tcp.ts";
import type { App, Room, Serve } from "../contract.ts";
import { readStamp, type Stamp } from "../lib/message-stamp.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** Milliseconds by which this transport delays every delivery. */
export const delayMs = 300;

/** The fault of a message, by the last digit of its sequence number. */
export const faults = { lost: 3, duplicated: 5, heldBack: 7, corrupted: 9 } as const;

/**
 * Raw TCP whose rooms delay, lose, duplicate, reorder and corrupt messages by a fixed rule, so that the counts of a run
 * are known beforehand.
 */
const serve: Serve = (app, options) => tcp(faulty(app), options);

export default {
  ...transports.tcp,
  guarantees: { ...transports.tcp.guarantees, reliable: false },
  server: () => Promise.resolve({ default: serve }),
} satisfies Transport;

/** The application with rooms that have these faults. */
export function faulty(app: App): App {
  return (openRoom) =>
    app(() => {
      const room = openRoom();
      const heldBack = new Map<number, Buffer>();
      const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };
      return {
        add: (connection) => room.add(connection),
        delete: (connection) => room.delete(connection),
        send: (payload, text) => void setTimeout(() => sendWithFault(room, payload, text, heldBack, stamp), delayMs),
      };
    });
}

function sendWithFault(room: Room, payload: Buffer, text: boolean, heldBack: Map<number, Buffer>, stamp: Stamp): void {
  if (!readStamp(payload, stamp)) throw new Error("this transport carries stamped payloads only");
  const previous = heldBack.get(stamp.sender);
  heldBack.delete(stamp.sender);
  const digit = stamp.seq % 10;
  if (digit === faults.heldBack) heldBack.set(stamp.sender, payload);
  else if (digit === faults.corrupted) room.send(Buffer.concat([payload.subarray(0, -1), Buffer.from([0])]), text);
  else if (digit !== faults.lost) room.send(payload, text);
  if (digit === faults.duplicated) room.send(payload, text);
  if (previous) room.send(previous, text);
}
