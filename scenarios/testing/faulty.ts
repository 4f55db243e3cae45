import tcp from "../../servers/tcp.ts";
import type { App, Room, Serve } from "../contract.ts";
import { readStamp, type Stamp } from "../lib/message-stamp.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** Milliseconds by which the pretend transport delays every delivery. */
export const delayMs = 300;

/** What the pretend transport does to a sender's messages, by the last digit of their number. */
export const faults = { lost: 3, duplicated: 5, heldBack: 7, corrupted: 9 } as const;

/** Raw TCP whose rooms delay, lose, duplicate, reorder and corrupt by a rule: what a run over it must say is known beforehand. */
const serve: Serve = (app, options) => tcp(faulty(app), options);

export default { ...transports.tcp, server: () => Promise.resolve({ default: serve }) } satisfies Transport;

function faulty(app: App): App {
  return (openRoom) =>
    app(() => {
      const room = openRoom();
      const held = new Map<number, Buffer>();
      const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };
      return {
        ...room,
        send: (payload, text) => void setTimeout(() => misbehave(room, payload, text, held, stamp), delayMs),
      };
    });
}

function misbehave(room: Room, payload: Buffer, text: boolean, held: Map<number, Buffer>, stamp: Stamp): void {
  if (!readStamp(payload, stamp)) throw new Error("the pretend transport carries stamped payloads only");
  const before = held.get(stamp.sender);
  held.delete(stamp.sender);
  const digit = stamp.seq % 10;
  if (digit === faults.heldBack) held.set(stamp.sender, payload);
  else if (digit === faults.corrupted) room.send(Buffer.concat([payload.subarray(0, -1), Buffer.from([0])]), text);
  else if (digit !== faults.lost) room.send(payload, text);
  if (digit === faults.duplicated) room.send(payload, text);
  if (before) room.send(before, text);
}
