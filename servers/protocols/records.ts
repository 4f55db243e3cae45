import type { Framing } from "./framing.ts";

/**
 * Messages one after another on a byte stream: a big-endian uint32, then the payload. The number's top bit is set for text;
 * the other 31 are the payload's length. Four bytes of overhead, whatever is carried.
 */
const textBit = 0x8000_0000;

/** Bytes in front of each payload. */
export const recordHeaderBytes = 4;

/** One message as a record: header and payload in one buffer, to be handed to any number of sockets. */
export function record(payload: Buffer, text: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + payload.length);
  bytes.writeUInt32BE((text ? textBit : 0) + payload.length);
  payload.copy(bytes, recordHeaderBytes);
  return bytes;
}

/**
 * A reader of records that takes the stream in whatever pieces it comes and hands each payload on as soon as it is whole. At a
 * length above `maxPayloadBytes` it says so to `refuse`, before anything of that payload is kept, and reads no further.
 */
export function recordReader(
  maxPayloadBytes: number,
  receive: (payload: Buffer, text: boolean) => void,
  refuse: (error: RangeError) => void,
): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let heldBytes = 0;
  let neededBytes = recordHeaderBytes;

  return function read(chunk) {
    if (neededBytes === Infinity) return;
    pieces.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < neededBytes) return;
    const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces, heldBytes);
    let at = 0;
    for (;;) {
      neededBytes = recordHeaderBytes;
      if (bytes.length - at < neededBytes) break;
      const header = bytes.readUInt32BE(at);
      const payloadBytes = header & ~textBit;
      if (payloadBytes > maxPayloadBytes) {
        neededBytes = Infinity;
        refuse(new RangeError(`a record announces ${payloadBytes} bytes, at most ${maxPayloadBytes} are accepted`));
        break;
      }
      neededBytes += payloadBytes;
      if (bytes.length - at < neededBytes) break;
      receive(bytes.subarray(at + recordHeaderBytes, at + neededBytes), header >>> 31 === 1);
      at += neededBytes;
    }
    heldBytes = neededBytes === Infinity ? 0 : bytes.length - at;
    pieces = heldBytes === 0 ? [] : [bytes.subarray(at)];
  };
}

/** Records: 4 bytes around every message. */
export const recordFraming: Framing = { frame: record, reader: recordReader };
