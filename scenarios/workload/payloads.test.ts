import { execFileSync } from "node:child_process";
import { isUtf8 } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyVariety, createPayloads } from "./payloads.ts";
import { readStamp, stampBytes } from "../lib/message-stamp.ts";

const kinds = ["text", "binary"] as const;
const cases = kinds.flatMap((kind) => [16, 17, 128, 1000].map((payloadBytes) => ({ kind, payloadBytes })));
const bodiesOf = (kind: (typeof kinds)[number], count: number): Buffer[] =>
  Array.from({ length: count }, (_, seq) => createPayloads(128, kind, 5).make(0, seq, 0).subarray(stampBytes));

describe.each(cases)("$kind payloads of $payloadBytes bytes", ({ kind, payloadBytes }) => {
  const content = createPayloads(payloadBytes, kind, 42);
  const text = kind === "text";
  const ids = [fc.nat(100_000), fc.nat(100_000)] as const;

  it("have exactly that length and a readable stamp, and match as they were made", () => {
    fc.assert(
      fc.property(...ids, fc.nat(1_000_000), (sender, seq, lagUs) => {
        const payload = content.make(sender, seq, lagUs);
        const stamp = { sender: -1, seq: -1, lagUs: -1 };
        expect(payload.length).toBe(payloadBytes);
        expect(readStamp(payload, stamp)).toBe(true);
        expect(stamp).toEqual({ sender, seq, lagUs });
        expect(content.matches(payload, text, sender, seq)).toBe(true);
        expect(isUtf8(payload) || !text).toBe(true);
      }),
    );
  });

  it("do not match if any byte after the stamp has changed", () => {
    fc.assert(
      fc.property(...ids, fc.integer({ min: 1, max: 255 }), (sender, seq, flip) => {
        for (let at = stampBytes; at < payloadBytes; at++) {
          const payload = content.make(sender, seq, 0);
          payload[at]! ^= flip;
          expect(content.matches(payload, text, sender, seq)).toBe(false);
        }
      }),
      { numRuns: 10 },
    );
  });

  it("do not match as the other kind, shortened or lengthened", () => {
    const payload = content.make(3, 4, 5);
    expect(content.matches(payload, !text, 3, 4)).toBe(false);
    expect(content.matches(payload.subarray(0, -1), text, 3, 4)).toBe(false);
    expect(content.matches(Buffer.concat([payload, Buffer.from(".")]), text, 3, 4)).toBe(false);
    expect(content.matches(Buffer.alloc(0), text, 3, 4)).toBe(false);
  });
});

it("do not match with the body of the sender's next message", () => {
  const content = createPayloads(128, "text", 42);
  expect(content.matches(content.make(3, 5, 0), true, 3, 4)).toBe(false);
});

it("do not match with the body of another sender's message of the same number", () => {
  for (const kind of kinds) {
    const content = createPayloads(128, kind, 42);
    expect(content.matches(content.make(4, 5, 0), kind === "text", 3, 5)).toBe(false);
  }
});

it("are the same in every process for the same seed, and different for another seed", () => {
  const source = `import { createPayloads } from ${JSON.stringify(new URL("./payloads.js", import.meta.url).href)};
    for (const kind of ["text", "binary"]) console.log(createPayloads(128, kind, 42).make(7, 9, 11).toString("hex"));`;
  const otherProcess = execFileSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
  const thisProcess = (seed: number): string[] =>
    kinds.map((kind) => createPayloads(128, kind, seed).make(7, 9, 11).toString("hex"));
  expect(otherProcess.trim().split("\n")).toEqual(thisProcess(42));
  for (const [i, other] of thisProcess(43).entries()) expect(other).not.toBe(thisProcess(42)[i]);
});

it("have texts with words, accents, quotes and emoji, and no filler", () => {
  const bodies = bodiesOf("text", 64).map(String);
  const all = bodies.join(" ");
  expect(new Set(bodies).size).toBeGreaterThan(60);
  expect(new Set(all.split(/\s+/)).size).toBeGreaterThan(50);
  for (const kind of [/"/, /\\/, /\p{Lu}/u, /\d/, /[à-ÿ]/, /\p{Script=Hiragana}/u, /\p{Emoji_Presentation}/u])
    expect(all).toMatch(kind);
  for (const body of bodies) expect(body).not.toMatch(/(.)\1{3}/u);
});

it("have binary bodies with every byte value about equally often", () => {
  const counts = new Uint32Array(256);
  const bodies = bodiesOf("binary", 64);
  for (const body of bodies) for (const byte of body) counts[byte]!++;
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(Math.max(...counts)).toBeLessThan((3 * 64 * 112) / 256);
  expect(new Set(bodies.map((body) => body.toString("hex"))).size).toBe(64);
});

it.each([16, 115, 116, 128, 1_000])("have equally many JSON escapes in every text of %d bytes", (payloadBytes) => {
  const { make } = createPayloads(payloadBytes, "text", 3);
  const escapes = (seq: number): number =>
    JSON.stringify(make(0, seq, 0).toString()).length - make(0, seq, 0).toString().length;
  const all = Array.from({ length: 64 }, (_, seq) => escapes(seq) - 2);
  expect(new Set(all)).toEqual(new Set([2 * Math.floor((payloadBytes - 16) / 100)]));
});

it("prepares fewer bodies of large payloads, and two at least", () => {
  const mib = 2 ** 20;
  expect([16, 1_024, mib, 2 * mib, 16 * mib, 64 * mib].map(bodyVariety)).toEqual([64, 64, 64, 32, 4, 2]);
});
