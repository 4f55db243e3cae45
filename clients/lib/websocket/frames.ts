import { isUtf8 } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { borrowReassembly, type ReassemblyBuffer } from "../net/reassembly.ts";
import type { WriteSpace } from "../net/write-batch.ts";
import { UnitReader } from "../net/unit-reader.ts";
import type { BufferView } from "../net/buffer-views.ts";

/** Opcodes of frames (RFC 6455, section 5.2). */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const fin = 0x80;
const maskBit = 0x80;

/**
 * A strict reader of a server's frames without extensions (RFC 6455, sections 5 and 7.4). The stream may arrive in any
 * pieces. A fragmented message is put together.
 */
export abstract class FrameReader extends UnitReader {
  private readonly maxPayloadBytes: number;
  /** The fragments so far of an incomplete message. */
  private fragments: ReassemblyBuffer | undefined;
  /** Opcode of the incomplete message; 0 without one. */
  private fragmentedOpcode = 0;

  constructor(maxPayloadBytes: number) {
    super();
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * A message: the bytes of `from` from `start` to before `end`, during the call only. Text has been checked to be
   * UTF-8.
   */
  protected abstract message(from: BufferView, start: number, end: number, text: boolean): void;
  /** The payload is valid during the call only. */
  protected abstract ping(payload: Buffer): void;
  /**
   * The server's close frame: a code and a reason, or nothing. No frame is read after it. The payload is valid during
   * the call only.
   */
  protected abstract closeFrame(payload: Buffer): void;
  /** A violation of the RFC, with the close code for it. No frame is read after it. */
  protected abstract refuse(code: number, error: Error): void;

  protected unitSizeAt(bytes: Buffer, at: number, availableBytes: number): number {
    if (availableBytes < 2) return 2;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    const problem = findHeadProblem(first, second, this.fragmentedOpcode !== 0);
    if (problem) return this.stop(1002, problem);
    const headerBytes = serverHeaderBytes(second);
    if (availableBytes < headerBytes) return headerBytes;
    const length = lengthAt(bytes, at, second);
    if (headerBytes > minHeaderBytes(length))
      return this.stop(1002, `a length of ${length} in more bytes than necessary`);
    return this.limitedSize(first, headerBytes, length);
  }

  private limitedSize(first: number, headerBytes: number, length: number): number {
    const messageBytes = length + (this.fragments ? this.fragments.filledBytes : 0);
    const { maxPayloadBytes } = this;
    if (messageBytes <= maxPayloadBytes || (first & 15) >= opcodes.close) return headerBytes + length;
    return this.stop(1009, `a message of ${messageBytes} bytes or more, at most ${maxPayloadBytes} are accepted`);
  }

  protected readUnit(from: BufferView, start: number, end: number): boolean {
    const first = from.bytes[start]!;
    const payloadAt = start + serverHeaderBytes(from.bytes[start + 1]!);
    const opcode = first & 15;
    if (opcode >= opcodes.close) return this.readControl(opcode, from.view(payloadAt, end));
    if (first >= fin && this.fragmentedOpcode === 0) return this.deliver(from, payloadAt, end, opcode === opcodes.text);
    this.fragments ??= borrowReassembly(end - payloadAt);
    this.fragments.add(from.bytes, payloadAt, end);
    this.fragmentedOpcode ||= opcode;
    return first < fin || this.deliverFragments(this.fragments);
  }

  private deliverFragments(fragments: ReassemblyBuffer): boolean {
    const text = this.fragmentedOpcode === opcodes.text;
    this.fragments = undefined;
    this.fragmentedOpcode = 0;
    const more = this.deliver(fragments.contents, 0, fragments.filledBytes, text);
    fragments.release();
    return more;
  }

  private deliver(from: BufferView, start: number, end: number, text: boolean): boolean {
    if (text && !isUtf8(from.view(start, end))) return this.stop(1007, "text that is not UTF-8") < 0;
    this.message(from, start, end, text);
    return true;
  }

  private readControl(opcode: number, payload: Buffer): boolean {
    if (opcode === opcodes.ping) this.ping(payload);
    if (opcode !== opcodes.close) return true;
    const problem = findCloseProblem(payload);
    if (problem) this.stop(...problem);
    else this.closeFrame(payload);
    return false;
  }

  private stop(code: number, problem: string): typeof Infinity {
    this.refuse(code, new Error(`the server sent ${problem}`));
    return Infinity;
  }
}

/** A violation in the first two bytes of a server's frame. `fragmented` is true between the fragments of a message. */
function findHeadProblem(first: number, second: number, fragmented: boolean): string | undefined {
  const opcode = first & 15;
  if (first & 0x70) return "a frame with a reserved bit set";
  if (second >= maskBit) return "a masked frame";
  if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close))
    return `the reserved opcode ${opcode}`;
  if (opcode >= opcodes.close) return findControlProblem(first, second);
  if (opcode === opcodes.continuation && !fragmented) return "a continuation frame without a message to continue";
  if (opcode !== opcodes.continuation && fragmented) return "a new message between the fragments of another";
  return undefined;
}

function findControlProblem(first: number, second: number): string | undefined {
  if (first < fin) return "a fragmented control frame";
  return second > 125 ? "a control frame of more than 125 bytes" : undefined;
}

/** Bytes in front of the payload of a server's frame, which has no mask. `second` is the frame's second byte. */
function serverHeaderBytes(second: number): number {
  return second < 126 ? 2 : second === 126 ? 4 : 10;
}

/** Fewest header bytes for a payload of this length, without a mask. */
function minHeaderBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
}

/**
 * The payload's length. The RFC forbids the top bit of a 64-bit length; it needs no check, since such a length is above
 * every limit.
 */
function lengthAt(bytes: Buffer, at: number, second: number): number {
  if (second < 126) return second;
  if (second === 126) return bytes.readUInt16BE(at + 2);
  return bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
}

/** A violation in the payload of a close frame (sections 5.5.1 and 7.4), with the close code for it. */
function findCloseProblem(payload: Buffer): [code: number, problem: string] | undefined {
  if (payload.length === 0) return undefined;
  if (payload.length === 1) return [1002, "a close frame with a payload of one byte"];
  const code = payload.readUInt16BE(0);
  const defined = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
  if (!defined && (code < 3000 || code > 4999)) return [1002, `a close frame with the code ${code}`];
  return isUtf8(payload.subarray(2)) ? undefined : [1007, "a close frame whose reason is not UTF-8"];
}

/**
 * Random masks, which must be unpredictable (section 5.3). They are generated in blocks, because one call costs more
 * than a mask.
 */
const masks = new Int32Array(2048);
let masksUsed = masks.length;

function nextMask(): number {
  if (masksUsed === masks.length) {
    randomFillSync(masks);
    masksUsed = 0;
  }
  return masks[masksUsed++]!;
}

/** Bytes of a client's frame in front of a payload of this length. */
export function frameHeaderBytes(payloadBytes: number): number {
  return 4 + minHeaderBytes(payloadBytes);
}

/** Writes the header of a client's frame, with a new mask, and moves `space.at` to the payload's place. */
export function beginFrame(space: WriteSpace, opcode: number, payloadBytes: number): void {
  const { bytes, words, at } = space;
  bytes[at] = fin | opcode;
  const headerBytes = minHeaderBytes(payloadBytes);
  if (headerBytes === 2) bytes[at + 1] = maskBit | payloadBytes;
  else if (headerBytes === 4) words.setUint32(at, ((fin | opcode) << 24) | ((maskBit | 126) << 16) | payloadBytes);
  else {
    bytes[at + 1] = maskBit | 127;
    words.setUint32(at + 2, payloadBytes / 2 ** 32);
    words.setUint32(at + 6, payloadBytes);
  }
  words.setInt32(at + headerBytes, nextMask(), true);
  space.at = at + headerBytes + 4;
}

/** Masks the payload of a frame that `beginFrame` began. The payload has been written at `space.at`. */
export function maskPayload({ bytes, words, at }: WriteSpace, payloadBytes: number): void {
  const mask = words.getInt32(at - 4, true);
  const end = at + payloadBytes;
  let i = at;
  for (; i + 4 <= end; i += 4) words.setInt32(i, words.getInt32(i, true) ^ mask, true);
  for (let rest = mask; i < end; i++, rest >>>= 8) bytes[i]! ^= rest;
}
