import { deepEqual, ok } from "node:assert/strict";
import type { Writable } from "node:stream";
import * as fc from "fast-check";
import * as library from "ws";
import { FrameReader } from "./frames.ts";
import type { BufferView } from "../net/buffer-views.ts";
import type { Properties } from "../testing/all-properties.ts";
import { cutAt, feedPieces, allTwoPieceCuts, cutPlaces } from "../testing/stream-cuts.ts";

/** A call of a reader. */
type ReaderCall =
  | ["message", payload: string, text: boolean]
  | ["ping" | "close", payload: string]
  | ["refuse", code: number];

/** Our error where the RFC says to fail and `ws` does not: a length in more bytes than necessary (section 5.2). */
const stricterError = /in more bytes than necessary/;

function readWithOurs(
  pieces: readonly Buffer[],
  maxPayloadBytes: number,
): { calls: ReaderCall[]; isStricter: boolean } {
  const calls: ReaderCall[] = [];
  let isStricter = false;
  class RecordingReader extends FrameReader {
    protected message(from: BufferView, start: number, end: number, isText: boolean): void {
      calls.push(["message", from.view(start, end).toString("hex"), isText]);
    }
    protected ping(payload: Buffer): void {
      calls.push(["ping", payload.toString("hex")]);
    }
    protected closeFrame(payload: Buffer): void {
      calls.push(["close", payload.toString("hex")]);
    }
    protected refuse(code: number, error: Error): void {
      isStricter = stricterError.test(error.message);
      calls.push(["refuse", code]);
    }
  }
  feedPieces(new RecordingReader(maxPayloadBytes), pieces);
  return { calls, isStricter };
}

/** The parser of `ws`. The package exports it; its types do not. */
const { Receiver } = library as unknown as { Receiver: new (options: object) => Writable };

function readWithWs(pieces: readonly Buffer[], maxPayload: number): ReaderCall[] {
  const calls: ReaderCall[] = [];
  const receiver = new Receiver({ maxPayload });
  receiver.on(
    "message",
    (data: Buffer, binary: boolean) => void calls.push(["message", data.toString("hex"), !binary]),
  );
  receiver.on("ping", (data: Buffer) => void calls.push(["ping", data.toString("hex")]));
  receiver.on("conclude", (code: number, reason: Buffer) => {
    const payload = code === 1005 ? [] : [Buffer.from([code >> 8, code & 255]), reason];
    calls.push(["close", Buffer.concat(payload).toString("hex")]);
  });
  let failed = false;
  for (const piece of pieces) {
    if (failed) break;
    // FrameFields to the parser itself: a stream reports the error one tick later.
    receiver["_write"](Buffer.from(piece), "buffer" as BufferEncoding, (error) => {
      failed = error instanceof Error;
      if (error) calls.push(["refuse", closeCodeOf(error)]);
    });
  }
  return calls;
}

/** The close code that belongs to an error of `ws`, which stores it under a symbol. */
function closeCodeOf(error: Error): number {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === "status-code");
  return (error as unknown as Record<symbol, number>)[symbol!]!;
}

/** A frame of a server, valid or not. */
interface FrameFields {
  /** First byte: FIN, reserved bits and opcode. */
  first: number;
  masked: boolean;
  /** Bytes of the extended length; 0 for as few as necessary. */
  lengthBytes: 0 | 2 | 8;
  payload: Uint8Array;
}

function frameBytes({ first, masked, lengthBytes, payload }: FrameFields): Buffer {
  const { length } = payload;
  const extendedBytes = lengthBytes || (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const extended = Buffer.alloc(8);
  extended.writeBigUInt64BE(BigInt(length));
  const second = (masked ? 0x80 : 0) | (extendedBytes === 0 ? length : extendedBytes === 2 ? 126 : 127);
  return Buffer.concat([
    Buffer.from([first, second]),
    extended.subarray(8 - extendedBytes),
    ...(masked ? [Buffer.from([1, 2, 3, 4])] : []),
    payload,
  ]);
}

const frame = ([first, payload]: [number, Uint8Array]): Buffer =>
  frameBytes({ first, masked: false, lengthBytes: 0, payload });

const text = fc.string({ unit: "binary", maxLength: 40 }).map((string) => Buffer.from(string));
const boundaryLength = fc.constantFrom(0, 1, 124, 125, 126, 127, 999, 1000, 1001, 65_535, 65_536);
const payload = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 40 }),
  boundaryLength.map((length) => Buffer.alloc(length, "x")),
);
const short = fc.uint8Array({ maxLength: 125 });
const reason = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) });
const code = fc.oneof(
  fc.constantFrom(999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000),
  fc.nat(65_535),
);
const closePayload = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.constant(Buffer.from([3])),
  fc.tuple(code, reason).map(([number, why]) => Buffer.concat([Buffer.from([number >> 8, number & 255]), why])),
);
const control = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(0x89, 0x8a), short) },
  { weight: 1, arbitrary: fc.tuple(fc.constant(0x88), closePayload) },
);
/** A fragmented message, maybe with a control frame between any two fragments, sometimes without its last fragment. */
const fragmented = fc
  .tuple(fc.constantFrom(1, 2), payload, cutPlaces, fc.option(control), fc.constantFrom(0, 0, 0, 1))
  .map(([opcode, bytes, at, between, missing]) => {
    const parts = cutAt(Buffer.from(bytes), at);
    const fragments = parts.map((part, i) =>
      frame([(i === 0 ? opcode : 0) | (i === parts.length - 1 ? 0x80 : 0), part]),
    );
    const sent = fragments.slice(0, fragments.length - missing);
    return Buffer.concat(sent.flatMap((each, i) => (i > 0 && between ? [frame(between), each] : [each])));
  });
/** Any opcode, final or not, with any payload: mostly invalid, sometimes for several reasons. */
const anyFrame = fc.record<FrameFields>({
  first: fc
    .tuple(fc.nat(15), fc.constantFrom(0x80, 0), fc.constantFrom(0, 0, 0, 0, 0x40, 0x20, 0x10))
    .map(([opcode, last, reserved]) => opcode | last | reserved),
  masked: fc.constantFrom(false, false, false, true),
  lengthBytes: fc.constantFrom(0, 0, 0, 2, 8),
  payload: fc.oneof(
    short,
    boundaryLength.map((length) => Buffer.alloc(length, "x")),
  ),
});
const hugeLength = fc.constantFrom(
  "827fffffffffffffffff",
  "827f8000000000000005",
  "827f0020000000000000",
  "817f0000000100000000",
);
const frames = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom(0x81, 0x82), payload).map(frame) },
  { weight: 3, arbitrary: fragmented },
  { weight: 3, arbitrary: control.map(frame) },
  { weight: 2, arbitrary: anyFrame.map(frameBytes) },
  { weight: 1, arbitrary: hugeLength.map((hex) => Buffer.from(hex, "hex")) },
);
const stream = fc.array(frames, { maxLength: 8 }).map((all) => Buffer.concat(all));
/** A stream with some bytes changed. */
const damaged = fc
  .tuple(stream, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([bytes, changes]) => {
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
    return bytes;
  });
const limit = fc.constantFrom(100, 1_000, 70_000);

/** Asserts that both readers make the same calls, except that our reading ends where we are stricter. */
function agree(ours: ReturnType<typeof readWithOurs>, theirs: readonly ReaderCall[]): void {
  if (!ours.isStricter) return deepEqual(ours.calls, theirs);
  deepEqual(ours.calls.at(-1), ["refuse", 1002]);
  deepEqual(ours.calls.slice(0, -1), theirs.slice(0, ours.calls.length - 1));
}

export const properties: Properties = {
  "a damaged stream in any pieces is read and refused as ws does": fc.property(
    damaged,
    cutPlaces,
    limit,
    (bytes, places, max) => agree(readWithOurs(cutAt(bytes, places), max), readWithWs([bytes], max)),
  ),
  "a stream is read the same at every cut into two pieces": fc.property(
    damaged.map((bytes) => bytes.subarray(0, 200)),
    (bytes) => {
      const expected = readWithWs([bytes], 1_000);
      for (const pieces of allTwoPieceCuts(bytes)) agree(readWithOurs(pieces, 1_000), expected);
    },
  ),
  "a stream is read the same byte by byte": fc.property(
    damaged.map((bytes) => bytes.subarray(0, 2_000)),
    (bytes) => {
      const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
      agree(readWithOurs(pieces, 1_000), readWithWs([bytes], 1_000));
    },
  ),
  "a message whose length is at a boundary is read as ws does": fc.property(
    fc.constantFrom(0x81, 0x82, 0x89),
    boundaryLength,
    limit,
    (first, length, max) => {
      const bytes = frame([first, Buffer.alloc(length, "x")]);
      deepEqual(readWithOurs([bytes], max).calls, readWithWs([bytes], max));
    },
  ),
  "a close frame is accepted or refused as ws does": fc.property(closePayload, (payloadBytes) => {
    const bytes = frame([0x88, payloadBytes]);
    deepEqual(readWithOurs([bytes], 100).calls, readWithWs([bytes], 100));
  }),
  "a length in more bytes than necessary is refused": fc.property(
    fc.constantFrom(0x81, 0x82),
    fc.constantFrom<[2 | 8, number]>([2, 0], [2, 125], [8, 0], [8, 126], [8, 65_535]),
    (first, [lengthBytes, length]) => {
      const bytes = frameBytes({ first, masked: false, lengthBytes, payload: Buffer.alloc(length, "x") });
      const { calls, isStricter } = readWithOurs([bytes], 100_000);
      ok(isStricter);
      deepEqual(calls, [["refuse", 1002]]);
    },
  ),
};
