import { isUtf8 } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { borrowReassembly, type ReassemblyBuffer } from "../net/reassembly.ts";
import type { WriteSpace } from "../net/write-batch.ts";
import { UnitReader } from "../net/unit-reader.ts";
import type { BufferView } from "../net/buffer-views.ts";

/** What a frame is (RFC 6455, section 5.2). */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const fin = 0x80;
const maskBit = 0x80;

/**
 * Reads a server's frames in whatever pieces they come, strictly as RFC 6455 says (sections 5 and 7.4), no extension being in use.
 * Messages in fragments are put together.
 */
export abstract class FrameReader extends UnitReader {
  private readonly maxPayloadBytes: number;
  /** The fragments so far of a message that is not whole yet, and its kind. */
  private fragments: ReassemblyBuffer | undefined;
  private fragmented = 0;

  constructor(maxPayloadBytes: number) {
    super();
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /** A message: the bytes of `from` from `start` to before `end`; text is UTF-8. What is said in these calls is there during them only. */
  protected abstract message(from: BufferView, start: number, end: number, text: boolean): void;
  protected abstract ping(payload: Buffer): void;
  /** The server's goodbye: its payload is a code and a reason, or nothing. Nothing is read after it. */
  protected abstract closing(payload: Buffer): void;
  /** What the RFC says to refuse, and the code to refuse it with. Nothing is read after it. */
  protected abstract refuse(code: number, error: Error): void;

  protected sizeAt(bytes: Buffer, at: number, thereBytes: number): number {
    if (thereBytes < 2) return 2;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    const fault = headFault(first, second, this.fragmented !== 0);
    if (fault) return this.stop(1002, fault);
    const headerBytes = headerBytesOf(second);
    if (thereBytes < headerBytes) return headerBytes;
    const length = lengthAt(bytes, at, second);
    if (headerBytes > leastHeaderBytes(length))
      return this.stop(1002, `a length of ${length} in more bytes than it takes`);
    return this.bounded(first, headerBytes, length);
  }

  private bounded(first: number, headerBytes: number, length: number): number {
    const messageBytes = length + (this.fragments ? this.fragments.filledBytes : 0);
    const { maxPayloadBytes } = this;
    if (messageBytes <= maxPayloadBytes || (first & 15) >= opcodes.close) return headerBytes + length;
    return this.stop(1009, `a message of ${messageBytes} bytes or more, at most ${maxPayloadBytes} are accepted`);
  }

  protected take(from: BufferView, start: number, end: number): boolean {
    const first = from.bytes[start]!;
    const payloadAt = start + headerBytesOf(from.bytes[start + 1]!);
    const opcode = first & 15;
    if (opcode >= opcodes.close) return this.control(opcode, from.view(payloadAt, end));
    if (first >= fin && this.fragmented === 0) return this.handOn(from, payloadAt, end, opcode === opcodes.text);
    this.fragments ??= borrowReassembly(end - payloadAt);
    this.fragments.add(from.bytes, payloadAt, end);
    this.fragmented ||= opcode;
    return first < fin || this.whole(this.fragments);
  }

  private whole(all: ReassemblyBuffer): boolean {
    const text = this.fragmented === opcodes.text;
    this.fragments = undefined;
    this.fragmented = 0;
    const more = this.handOn(all.held, 0, all.filledBytes, text);
    all.release();
    return more;
  }

  private handOn(from: BufferView, start: number, end: number, text: boolean): boolean {
    if (text && !isUtf8(from.view(start, end))) return this.stop(1007, "text that is no UTF-8") < 0;
    this.message(from, start, end, text);
    return true;
  }

  private control(opcode: number, payload: Buffer): boolean {
    if (opcode === opcodes.ping) this.ping(payload);
    if (opcode !== opcodes.close) return true;
    const fault = goodbyeFault(payload);
    if (fault) this.stop(...fault);
    else this.closing(payload);
    return false;
  }

  private stop(code: number, what: string): typeof Infinity {
    this.refuse(code, new Error(`the server sent ${what}`));
    return Infinity;
  }
}

/** What is wrong with the first two bytes of a server's frame, which comes within a message in fragments or not. */
function headFault(first: number, second: number, within: boolean): string | undefined {
  const opcode = first & 15;
  if (first & 0x70) return "a frame with a reserved bit set";
  if (second >= maskBit) return "a masked frame";
  if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close))
    return `the reserved opcode ${opcode}`;
  if (opcode >= opcodes.close) return controlFault(first, second);
  if (opcode === opcodes.continuation && !within) return "a continuation of nothing";
  if (opcode !== opcodes.continuation && within) return "a new message within one in fragments";
  return undefined;
}

function controlFault(first: number, second: number): string | undefined {
  if (first < fin) return "a control frame in fragments";
  return second > 125 ? "a control frame of more than 125 bytes" : undefined;
}

/** The bytes of a frame in front of its payload, from its second one; a server's has no mask. */
function headerBytesOf(second: number): number {
  return second < 126 ? 2 : second === 126 ? 4 : 10;
}

function leastHeaderBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
}

/** A length with its top bit set, which the RFC forbids, is as much too large as others are. */
function lengthAt(bytes: Buffer, at: number, second: number): number {
  if (second < 126) return second;
  if (second === 126) return bytes.readUInt16BE(at + 2);
  return bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
}

/** What is wrong with the payload of a close frame (sections 5.5.1 and 7.4), and the code to refuse it with. */
function goodbyeFault(payload: Buffer): [code: number, what: string] | undefined {
  if (payload.length === 0) return undefined;
  if (payload.length === 1) return [1002, "a goodbye of one byte"];
  const code = payload.readUInt16BE(0);
  const defined = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
  if (!defined && (code < 3000 || code > 4999)) return [1002, `a goodbye with the code ${code}`];
  return isUtf8(payload.subarray(2)) ? undefined : [1007, "a goodbye whose reason is no UTF-8"];
}

/** Masks that nobody can foresee, as the RFC demands (section 5.3), drawn in blocks. */
const masks = new Int32Array(2048);
let masksUsed = masks.length;

function nextMask(): number {
  if (masksUsed === masks.length) {
    randomFillSync(masks);
    masksUsed = 0;
  }
  return masks[masksUsed++]!;
}

/** Bytes of a client's frame in front of a payload of that length. */
export function frameHeaderBytes(payloadBytes: number): number {
  return 4 + leastHeaderBytes(payloadBytes);
}

/** Writes what stands in front of a client's payload, with a mask of its own, and moves `at` to where the payload goes. */
export function beginFrame(space: WriteSpace, opcode: number, payloadBytes: number): void {
  const { bytes, words, at } = space;
  bytes[at] = fin | opcode;
  const headerBytes = leastHeaderBytes(payloadBytes);
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

/** Masks the payload that was written at `at` of a frame that was begun. */
export function maskPayload({ bytes, words, at }: WriteSpace, payloadBytes: number): void {
  const mask = words.getInt32(at - 4, true);
  const end = at + payloadBytes;
  let i = at;
  for (; i + 4 <= end; i += 4) words.setInt32(i, words.getInt32(i, true) ^ mask, true);
  for (let rest = mask; i < end; i++, rest >>>= 8) bytes[i]! ^= rest;
}
