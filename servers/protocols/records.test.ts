import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { record, recordHeaderBytes, recordReader } from "./records.ts";

interface ReaderResult {
  messages: { payload: string; text: boolean }[];
  refusals: RangeError[];
  read(chunk: Buffer): void;
}

function reader(maxPayloadBytes: number): ReaderResult {
  const messages: ReaderResult["messages"] = [];
  const refusals: ReaderResult["refusals"] = [];
  const read = recordReader(
    maxPayloadBytes,
    (payload, text) => void messages.push({ payload: payload.toString("hex"), text }),
    (error) => void refusals.push(error),
  );
  return { messages, refusals, read };
}

/** Encodes a header without its payload. */
function header(payloadBytes: number, text: boolean): Buffer {
  const bytes = Buffer.alloc(recordHeaderBytes);
  bytes.writeUInt32BE(payloadBytes + (text ? 0x8000_0000 : 0));
  return bytes;
}

const message = fc.record({ payload: fc.uint8Array({ maxLength: 40 }).map(Buffer.from), text: fc.boolean() });

/** Cuts the stream into pieces, some of them empty. */
function pieces(stream: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  return cuts.slice(1).map((cut, i) => stream.subarray(cuts[i], cut));
}

describe("record", () => {
  it("is a big-endian length with the top bit set for text, then the payload", () => {
    expect(record(Buffer.from("hi"), true).toString("hex")).toBe("800000026869");
    expect(record(Buffer.from("hi"), false).toString("hex")).toBe("000000026869");
    expect(record(Buffer.alloc(0), true).toString("hex")).toBe("80000000");
    expect(record(Buffer.alloc(0x01_02_03), false).subarray(0, 4).toString("hex")).toBe("00010203");
  });
});

describe("recordReader", () => {
  it("returns the same messages however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat()), (messages, places) => {
        const stream = Buffer.concat(messages.map(({ payload, text }) => record(payload, text)));
        const { read, ...result } = reader(40);
        for (const piece of pieces(stream, places)) read(piece);
        expect(result).toEqual({
          messages: messages.map(({ payload, text }) => ({ payload: payload.toString("hex"), text })),
          refusals: [],
        });
      }),
    );
  });

  it("returns a payload with its last byte, not with the next record", () => {
    const { read, messages } = reader(40);
    const stream = record(Buffer.from("abc"), true);
    const counts = [...stream.keys()].map((at) => {
      read(stream.subarray(at, at + 1));
      return messages.length;
    });
    expect(counts).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it("accepts a payload of the maximum and refuses one byte more, naming both numbers", () => {
    const { read, messages, refusals } = reader(8);
    read(record(Buffer.alloc(8), false));
    expect([messages.length, refusals.length]).toEqual([1, 0]);
    read(header(9, false));
    expect(refusals).toEqual([new RangeError("a record announces 9 bytes, at most 8 are accepted")]);
  });

  it.each([true, false])("refuses at the last byte of the header, before any payload (text: %s)", (text) => {
    const { read, refusals } = reader(1024);
    const giant = header(0x7fff_ffff, text);
    const refused = [...giant.keys()].map((at) => {
      read(giant.subarray(at, at + 1));
      return refusals.length;
    });
    expect(refused).toEqual([0, 0, 0, 1]);
    expect(refusals[0]!.message).toContain("2147483647");
  });

  it("returns the messages before a refusal and reads no further, however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(message), fc.array(fc.nat()), (before, after, places) => {
        const records = (all: typeof before): Buffer[] => all.map(({ payload, text }) => record(payload, text));
        const stream = Buffer.concat([...records(before), header(41, false), ...records(after)]);
        const { read, messages, refusals } = reader(40);
        for (const piece of pieces(stream, places)) read(piece);
        expect([messages.length, refusals.length]).toEqual([before.length, 1]);
      }),
    );
  });
});
