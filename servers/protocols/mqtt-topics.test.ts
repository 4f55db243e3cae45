import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetWatch, mqttTopics } from "./mqtt-topics.ts";

/** Encodes the header of a packet: its type, and the length of the rest in bytes of seven bits. */
function header(bytes: number): Buffer {
  const digits: number[] = [];
  for (let rest = bytes; digits.length === 0 || rest > 0; rest = Math.floor(rest / 128)) digits.push(rest % 128);
  return Buffer.from([0x30, ...digits.map((digit, i) => (i < digits.length - 1 ? digit | 0x80 : digit))]);
}

/** Bytes of a stream that were read when it was refused; undefined where it was not. `places` are its cuts. */
function refusedAt(stream: Buffer, maxBytes: number, places: readonly number[]): number | undefined {
  let [at, refusals]: [number | undefined, number] = [undefined, 0];
  let readBytes = 0;
  const read = packetWatch(maxBytes, () => {
    at ??= readBytes;
    refusals++;
  });
  const cuts = [...places.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  for (const cut of cuts) {
    const piece = stream.subarray(readBytes, cut);
    readBytes = cut;
    read(piece);
  }
  expect(refusals).toBe(at === undefined ? 0 : 1);
  return at;
}

const size = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(127, 128, 16_383, 16_384));
const packet = (bytes: number): Buffer => Buffer.concat([header(bytes), Buffer.alloc(bytes, 0xff)]);

describe("packetWatch", () => {
  it("accepts every packet up to the maximum, however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(size), fc.array(fc.nat()), (sizes, places) => {
        const stream = Buffer.concat(sizes.map(packet));
        expect(refusedAt(stream, Math.max(0, ...sizes), places)).toBeUndefined();
      }),
    );
  });

  it("refuses one byte more once, as soon as it is announced", () => {
    fc.assert(
      fc.property(fc.array(size), size, fc.array(size), (before, bytes, after) => {
        const all = [...before, bytes + 1, ...after].map(packet);
        const stream = Buffer.concat(all);
        const bytewise = Array.from(stream.keys());
        fc.pre(before.every((each) => each <= bytes));
        const announced = Buffer.concat(all.slice(0, before.length)).length + header(bytes + 1).length;
        expect(refusedAt(stream, bytes, bytewise)).toBeLessThanOrEqual(announced);
        expect(refusedAt(stream, bytes, [])).toBe(stream.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe("topics", () => {
  it.each([
    ["in/anna", "in", "anna", undefined],
    ["in/anna/bin", "in", "anna", "/bin"],
    ["out/anna", "out", "anna", undefined],
    ["out/anna/#", "out", "anna", "/#"],
  ] as const)("accepts %s", (topic, direction, name, rest) => {
    expect(mqttTopics[direction].exec(topic)?.slice(1)).toEqual([name, rest]);
  });

  it.each(["in/", "in/a/b", "in/+", "in/#", "out/", "out/#", "out/+", "out/a/+", "#", "$SYS/#", "out/a/#/b", "chat/1"])(
    "refuses %s",
    (topic) => {
      expect([mqttTopics.in.test(topic), mqttTopics.out.test(topic)]).toEqual([false, false]);
    },
  );
});
