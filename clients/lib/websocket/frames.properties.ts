import { deepEqual, ok } from "node:assert/strict";
import type { Writable } from "node:stream";
import * as fc from "fast-check";
import * as library from "ws";
import { FrameReader } from "./frames.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { cutAt, feed, twoPieces, cutPlaces, type Properties } from "../testing/stream-cuts.ts";

/** Everything that a reader says, in order. */
type Saying =
  | ["message", payload: string, text: boolean]
  | ["ping" | "closing", payload: string]
  | ["refuse", code: number];

/** What the RFC says to refuse and the library does not: lengths in more bytes than they take (section 5.2). */
const stricter = /in more bytes than it takes/;

function lean(pieces: readonly Buffer[], maxPayloadBytes: number): { said: Saying[]; stricter: boolean } {
  const said: Saying[] = [];
  let beyond = false;
  class Said extends FrameReader {
    protected message(from: BufferView, start: number, end: number, isText: boolean): void {
      said.push(["message", from.view(start, end).toString("hex"), isText]);
    }
    protected ping(payload: Buffer): void {
      said.push(["ping", payload.toString("hex")]);
    }
    protected closing(payload: Buffer): void {
      said.push(["closing", payload.toString("hex")]);
    }
    protected refuse(code: number, error: Error): void {
      beyond = stricter.test(error.message);
      said.push(["refuse", code]);
    }
  }
  feed(new Said(maxPayloadBytes), pieces);
  return { said, stricter: beyond };
}

/** The parser of `ws`, which its package exports and its types do not know. */
const { Receiver } = library as unknown as { Receiver: new (options: object) => Writable };

function oracle(pieces: readonly Buffer[], maxPayload: number): Saying[] {
  const said: Saying[] = [];
  const receiver = new Receiver({ maxPayload });
  receiver.on("message", (data: Buffer, binary: boolean) => void said.push(["message", data.toString("hex"), !binary]));
  receiver.on("ping", (data: Buffer) => void said.push(["ping", data.toString("hex")]));
  receiver.on("conclude", (code: number, reason: Buffer) => {
    const payload = code === 1005 ? [] : [Buffer.from([code >> 8, code & 255]), reason];
    said.push(["closing", Buffer.concat(payload).toString("hex")]);
  });
  let refused = false;
  for (const piece of pieces) {
    if (refused) break;
    // Written to the parser itself: a stream would tell of the refusal a tick later.
    receiver["_write"](Buffer.from(piece), "buffer" as BufferEncoding, (error) => {
      refused = error instanceof Error;
      if (error) said.push(["refuse", codeOf(error)]);
    });
  }
  return said;
}

/** The close code that `ws` answers an error with, which it keeps under a symbol. */
function codeOf(error: Error): number {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === "status-code");
  return (error as unknown as Record<symbol, number>)[symbol!]!;
}

/** A frame as a server might write it, rightly or not. */
interface Written {
  first: number;
  masked: boolean;
  /** Bytes that the length takes; 0 for as few as it can. */
  lengthBytes: 0 | 2 | 8;
  payload: Uint8Array;
}

function bytesOf({ first, masked, lengthBytes, payload }: Written): Buffer {
  const { length } = payload;
  const takes = lengthBytes || (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const extended = Buffer.alloc(8);
  extended.writeBigUInt64BE(BigInt(length));
  const second = (masked ? 0x80 : 0) | (takes === 0 ? length : takes === 2 ? 126 : 127);
  return Buffer.concat([
    Buffer.from([first, second]),
    extended.subarray(8 - takes),
    ...(masked ? [Buffer.from([1, 2, 3, 4])] : []),
    payload,
  ]);
}

const written = ([first, payload]: [number, Uint8Array]): Buffer =>
  bytesOf({ first, masked: false, lengthBytes: 0, payload });

const text = fc.string({ unit: "binary", maxLength: 40 }).map((string) => Buffer.from(string));
const bound = fc.constantFrom(0, 1, 124, 125, 126, 127, 999, 1000, 1001, 65_535, 65_536);
const payload = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 40 }),
  bound.map((length) => Buffer.alloc(length, "x")),
);
const short = fc.uint8Array({ maxLength: 125 });
const reason = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) });
const code = fc.oneof(
  fc.constantFrom(999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000),
  fc.nat(65_535),
);
const goodbye = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.constant(Buffer.from([3])),
  fc.tuple(code, reason).map(([number, why]) => Buffer.concat([Buffer.from([number >> 8, number & 255]), why])),
);
const control = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(0x89, 0x8a), short) },
  { weight: 1, arbitrary: fc.tuple(fc.constant(0x88), goodbye) },
);
/** A message in fragments, with a control frame between any two; now and then without its last. */
const fragmented = fc
  .tuple(fc.constantFrom(1, 2), payload, cutPlaces, fc.option(control), fc.constantFrom(0, 0, 0, 1))
  .map(([opcode, bytes, at, between, missing]) => {
    const parts = cutAt(Buffer.from(bytes), at);
    const fragments = parts.map((part, i) =>
      written([(i === 0 ? opcode : 0) | (i === parts.length - 1 ? 0x80 : 0), part]),
    );
    const said = fragments.slice(0, fragments.length - missing);
    return Buffer.concat(said.flatMap((each, i) => (i > 0 && between ? [written(between), each] : [each])));
  });
/** Any opcode, final or not, with any payload: often wrong, now and then in more ways than one. */
const wrong = fc.record<Written>({
  first: fc
    .tuple(fc.nat(15), fc.constantFrom(0x80, 0), fc.constantFrom(0, 0, 0, 0, 0x40, 0x20, 0x10))
    .map(([opcode, last, reserved]) => opcode | last | reserved),
  masked: fc.constantFrom(false, false, false, true),
  lengthBytes: fc.constantFrom(0, 0, 0, 2, 8),
  payload: fc.oneof(
    short,
    bound.map((length) => Buffer.alloc(length, "x")),
  ),
});
const topBit = fc.constantFrom(
  "827fffffffffffffffff",
  "827f8000000000000005",
  "827f0020000000000000",
  "817f0000000100000000",
);
const frames = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom(0x81, 0x82), payload).map(written) },
  { weight: 3, arbitrary: fragmented },
  { weight: 3, arbitrary: control.map(written) },
  { weight: 2, arbitrary: wrong.map(bytesOf) },
  { weight: 1, arbitrary: topBit.map((hex) => Buffer.from(hex, "hex")) },
);
const stream = fc.array(frames, { maxLength: 8 }).map((all) => Buffer.concat(all));
/** A stream of which some bytes have been changed. */
const damaged = fc
  .tuple(stream, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([bytes, changes]) => {
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
    return bytes;
  });
const limit = fc.constantFrom(100, 1_000, 70_000);

/** The two read the same, but that what only we refuse ends our reading. */
function agree(ours: ReturnType<typeof lean>, theirs: readonly Saying[]): void {
  if (!ours.stricter) return deepEqual(ours.said, theirs);
  deepEqual(ours.said.at(-1), ["refuse", 1002]);
  deepEqual(ours.said.slice(0, -1), theirs.slice(0, ours.said.length - 1));
}

/** What is true of the reader of a server's frames, with the parser of `ws` as the oracle. */
export const frameProperties: Properties = {
  "frames are read and refused as ws does, in whatever pieces they come": fc.property(
    damaged,
    cutPlaces,
    limit,
    (bytes, at, max) => agree(lean(cutAt(bytes, at), max), oracle([bytes], max)),
  ),
  "frames are read the same at every split": fc.property(
    damaged.map((bytes) => bytes.subarray(0, 200)),
    (bytes) => {
      const expected = oracle([bytes], 1_000);
      for (const pieces of twoPieces(bytes)) agree(lean(pieces, 1_000), expected);
    },
  ),
  "frames are read the same byte by byte": fc.property(
    damaged.map((bytes) => bytes.subarray(0, 2_000)),
    (bytes) =>
      agree(
        lean(
          Array.from(bytes, (byte) => Buffer.from([byte])),
          1_000,
        ),
        oracle([bytes], 1_000),
      ),
  ),
  "a message of a length at a bound is read as ws does": fc.property(
    fc.constantFrom(0x81, 0x82, 0x89),
    bound,
    limit,
    (first, length, max) => {
      const bytes = written([first, Buffer.alloc(length, "x")]);
      deepEqual(lean([bytes], max).said, oracle([bytes], max));
    },
  ),
  "a goodbye is taken or refused as ws does": fc.property(goodbye, (bytes) =>
    deepEqual(lean([written([0x88, bytes])], 100).said, oracle([written([0x88, bytes])], 100)),
  ),
  "a length in more bytes than it takes is refused": fc.property(
    fc.constantFrom(0x81, 0x82),
    fc.constantFrom<[2 | 8, number]>([2, 0], [2, 125], [8, 0], [8, 126], [8, 65_535]),
    (first, [lengthBytes, length]) => {
      const bytes = bytesOf({ first, masked: false, lengthBytes, payload: Buffer.alloc(length, "x") });
      const { said, stricter: beyond } = lean([bytes], 100_000);
      ok(beyond);
      deepEqual(said, [["refuse", 1002]]);
    },
  ),
};
