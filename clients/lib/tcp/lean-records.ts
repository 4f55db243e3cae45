import type { WriteSpace } from "../net/write-batch.ts";
import { recordHeaderBytes } from "../../../servers/protocols/records.ts";
import { UnitReader } from "../net/unit-reader.ts";
import type { BufferView } from "../net/buffer-views.ts";

const textBit = 0x80;

/** Writes a record: the payload's length as a big-endian uint32, whose top bit is set for text, and the payload. */
export function writeRecord({ bytes, at }: WriteSpace, payload: Buffer, text: boolean): void {
  const { length } = payload;
  bytes[at] = (length >>> 24) | (text ? textBit : 0);
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
  payload.copy(bytes, at + recordHeaderBytes);
}

/**
 * A reader of records that arrive in any pieces. A length above `maxPayloadBytes` is refused, and nothing is read after
 * it.
 */
export abstract class LeanRecordReader extends UnitReader {
  private readonly maxPayloadBytes: number;

  constructor(maxPayloadBytes: number) {
    super();
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /** `payload` is valid during the call only. */
  protected abstract receive(payload: Buffer, text: boolean): void;
  /** Called once. */
  protected abstract refuse(error: RangeError): void;

  protected unitSizeAt(bytes: Buffer, at: number, availableBytes: number): number {
    if (availableBytes < recordHeaderBytes) return recordHeaderBytes;
    const payloadBytes =
      ((bytes[at]! & ~textBit) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (payloadBytes <= this.maxPayloadBytes) return recordHeaderBytes + payloadBytes;
    this.refuse(
      new RangeError(`a record announces ${payloadBytes} bytes, at most ${this.maxPayloadBytes} are accepted`),
    );
    return Infinity;
  }

  protected readUnit(from: BufferView, start: number, end: number): boolean {
    this.receive(from.view(start + recordHeaderBytes, end), from.bytes[start]! >= textBit);
    return true;
  }
}
