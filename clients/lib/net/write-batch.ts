import type { Socket } from "node:net";
import { createBufferView, type BufferView } from "./buffer-views.ts";

/*
 * All connections of this process write their frames one after another into one scratch buffer. At the end of the tick,
 * or of the event that is handled, each connection's bytes leave in one write.
 */

/** Space for one frame: `bytes` from `at` on. The object is reused: it is valid until the next `reserveSpace`. */
export interface WriteSpace {
  bytes: Buffer;
  /** The same bytes, to be read and written as words. */
  words: DataView;
  at: number;
}

/** The output of one connection that waits for the end of the tick. */
export interface WriteQueue {
  socket: Socket;
  /** True if the socket encrypts. It then copies its input as soon as no other output waits in it. */
  encrypts: boolean;
  /**
   * True if output waits. The output is the scratch buffer from `from` to before `to`. It follows the output that the
   * corked socket holds.
   */
  waiting: boolean;
  from: number;
  to: number;
  /** The next queue with waiting output. */
  next: WriteQueue | undefined;
}

/**
 * Size of the scratch buffer: room for the messages of a usual tick. A full buffer is written before the end of the
 * tick.
 */
const scratchBytes = 64 * 1024;

/** 2^8 cached views are enough: the writes of a tick begin at few places, nearly always at the first. */
const slotBits = 8;

let scratch: BufferView = newScratch(scratchBytes);
let filledBytes = 0;
/** True if sockets still read from the scratch buffer. The rest of it is then filled before a new buffer is used. */
let pinned = false;
const space: WriteSpace = { bytes: scratch.bytes, words: dataViewOn(scratch.bytes), at: 0 };
let first: WriteQueue | undefined;
let last: WriteQueue | undefined;
let flushScheduled = false;

function newScratch(bytes: number): BufferView {
  return createBufferView(Buffer.allocUnsafeSlow(bytes), slotBits);
}

function dataViewOn({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/**
 * Reserves `bytes` bytes at the end of this tick's output on a connection. The caller fills all of them before it does
 * anything else. They leave at the end of the tick or at `flushWrites`. A connection that cannot be written to drops
 * them.
 */
export function reserveSpace(queue: WriteQueue, bytes: number): WriteSpace {
  if (filledBytes + bytes > scratch.bytes.length) makeRoom(bytes);
  if (!queue.waiting) enqueue(queue);
  else if (queue.to !== filledBytes) cork(queue);
  queue.to = filledBytes + bytes;
  space.at = filledBytes;
  filledBytes += bytes;
  return space;
}

function enqueue(queue: WriteQueue): void {
  queue.waiting = true;
  queue.from = filledBytes;
  if (last) last.next = queue;
  else first = queue;
  last = queue;
  if (flushScheduled) return;
  flushScheduled = true;
  process.nextTick(flushWrites);
}

/**
 * Hands the waiting output to the corked socket, because another connection's frame follows it. The socket writes both
 * parts at once.
 */
function cork(queue: WriteQueue): void {
  const { socket, from, to } = queue;
  if (socket.writableCorked === 0) socket.cork();
  if (socket.writable) socket.write(scratch.view(from, to));
  queue.from = filledBytes;
}

function makeRoom(bytes: number): void {
  flushWrites();
  if (!pinned && bytes <= scratch.bytes.length) return;
  scratch = newScratch(Math.max(bytes, scratchBytes));
  space.bytes = scratch.bytes;
  space.words = dataViewOn(scratch.bytes);
  filledBytes = 0;
  pinned = bytes > scratchBytes; // a buffer for one large frame is not used again
}

/** Promises a call of `flushWrites` before the end of the tick, so that `reserveSpace` does not schedule one. */
export function scheduleFlush(): void {
  flushScheduled = true;
}

/** Writes the waiting output of all connections. */
export function flushWrites(): void {
  flushScheduled = false;
  while (first) {
    const { socket, encrypts, from, to, next } = first;
    first.waiting = false;
    first.next = undefined;
    first = next;
    if (socket.writable) socket.write(scratch.view(from, to));
    if (socket.writableCorked > 0) socket.uncork();
    if (socket.writableLength > (encrypts ? to - from : 0)) pinned = true;
  }
  last = undefined;
  if (!pinned) filledBytes = 0;
}
