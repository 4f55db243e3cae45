import type { Framing } from "./framing.ts";

/*
 * Messages one after another on a byte stream: a big-endian uint32, then the payload. The top bit of the number is set
 * for text. The other 31 bits are the payload's length. So every message costs 4 bytes.
 */
const textBit = 0x8000_0000;

/** Bytes before each payload. */
export const recordHeaderBytes = 4;

/** Encodes a message as a record: header and payload in one buffer, which can be written to any number of sockets. */
export function record(payload: Buffer, text: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + payload.length);
  bytes.writeUInt32BE((text ? textBit : 0) + payload.length);
  payload.copy(bytes, recordHeaderBytes);
  return bytes;
}

/**
 * A reader of records that accepts the stream in pieces of any size and calls `receive` with each payload as soon as it
 * is complete. At a length above `maxPayloadBytes` it calls `refuse`, before it keeps any of that payload, and reads no
 * further.
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

/** Framing by records: 4 bytes for every message. */
export const recordFraming: Framing = { frame: record, reader: recordReader };
