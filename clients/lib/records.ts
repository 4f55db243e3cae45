import type { Space } from "./outbox.ts";
import { recordHeaderBytes } from "../../servers/lib/records.ts";
import { unitReader, type UnitReader } from "./units.ts";

const textBit = 0x80;

/** Writes a record: a uint32, big-endian, of the payload's length with the top bit set for text, and the payload. */
export function writeRecord({ bytes, at }: Space, payload: Buffer, text: boolean): void {
  const { length } = payload;
  bytes[at] = (length >>> 24) | (text ? textBit : 0);
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
  payload.copy(bytes, at + recordHeaderBytes);
}

/** Reads records in whatever pieces they come. At a length above `maxPayloadBytes` it says so to `refuse`, once, and reads no further. */
export function recordUnits(
  maxPayloadBytes: number,
  receive: (payload: Buffer, text: boolean) => void,
  refuse: (error: RangeError) => void,
): UnitReader {
  return unitReader({
    sizeAt(bytes, at, thereBytes) {
      if (thereBytes < recordHeaderBytes) return recordHeaderBytes;
      const payloadBytes =
        ((bytes[at]! & ~textBit) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      if (payloadBytes <= maxPayloadBytes) return recordHeaderBytes + payloadBytes;
      refuse(new RangeError(`a record announces ${payloadBytes} bytes, at most ${maxPayloadBytes} are accepted`));
      return Infinity;
    },
    take(from, start, end) {
      receive(from.view(start + recordHeaderBytes, end), from.bytes[start]! >= textBit);
      return true;
    },
  });
}
