import type { Socket } from "node:net";
import { viewOf, type BufferView } from "./buffer-views.ts";

/*
 * What the connections of this process send in one tick is laid, frame after frame, into one scratch buffer, and leaves when the tick
 * is over, or the event that was handled: in one write per connection.
 */

/** Where the caller of `reserve` writes its frame: in `bytes`, from `at` on. One object for all: good until the next call. */
export interface WriteSpace {
  bytes: Buffer;
  /** The same bytes, to be read and written by words. */
  words: DataView;
  at: number;
}

/** What waits on one connection for the end of the tick. */
export interface WriteQueue {
  socket: Socket;
  /** Whether the socket encrypts what it is given, as soon as nothing else waits there, and then reads it no more. */
  encrypts: boolean;
  /** Whether anything waits; if so, `from` to before `to` of the scratch buffer, after what the socket itself holds back. */
  waiting: boolean;
  from: number;
  to: number;
  /** The next one with something waiting. */
  next: WriteQueue | undefined;
}

/** As much as one tick's messages usually are: when it is full, what waits leaves before the tick is over. */
const scratchBytes = 64 * 1024;

/** A tick's writes begin at few places, nearly always at the first. */
const placeBits = 8;

let scratch: BufferView = freshScratch(scratchBytes);
let filledBytes = 0;
/** Whether sockets still read from the scratch buffer: then it is filled to its end once, and not used again. */
let pinned = false;
const space: WriteSpace = { bytes: scratch.bytes, words: wordsOf(scratch.bytes), at: 0 };
let first: WriteQueue | undefined;
let last: WriteQueue | undefined;
let due = false;

function freshScratch(bytes: number): BufferView {
  return viewOf(Buffer.allocUnsafeSlow(bytes), placeBits);
}

function wordsOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/**
 * Takes so many bytes at the end of what this tick sends on that connection. The caller fills all of them before it does anything
 * else. They leave at the end of the tick, or at `flush`; where the connection cannot be written to any more, they go nowhere.
 */
export function reserveSpace(queue: WriteQueue, bytes: number): WriteSpace {
  if (filledBytes + bytes > scratch.bytes.length) makeRoom(bytes);
  if (!queue.waiting) enqueue(queue);
  else if (queue.to !== filledBytes) holdBack(queue);
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
  if (due) return;
  due = true;
  process.nextTick(flushWrites);
}

/** Another connection's frame lies between what waits and what comes: the socket keeps the former, to write both at once. */
function holdBack(queue: WriteQueue): void {
  const { socket, from, to } = queue;
  if (socket.writableCorked === 0) socket.cork();
  if (socket.writable) socket.write(scratch.view(from, to));
  queue.from = filledBytes;
}

function makeRoom(bytes: number): void {
  flushWrites();
  if (!pinned && bytes <= scratch.bytes.length) return;
  scratch = freshScratch(Math.max(bytes, scratchBytes));
  space.bytes = scratch.bytes;
  space.words = wordsOf(scratch.bytes);
  filledBytes = 0;
  pinned = bytes > scratchBytes; // one that was made for a large frame is not kept
}

/** Says that whoever calls this calls `flush` before the tick is over, so that nobody else has to see to it. */
export function scheduleFlush(): void {
  due = true;
}

/** Hands all that waits to the kernel, on every connection of the process. */
export function flushWrites(): void {
  due = false;
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
