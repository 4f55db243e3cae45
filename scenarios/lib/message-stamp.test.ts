import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readStamp, stampBytes, writeStamp, type Stamp } from "./message-stamp.ts";

const stamps = fc.record<Stamp>({
  sender: fc.nat(36 ** 5 - 1),
  seq: fc.nat(36 ** 5 - 1),
  lagUs: fc.nat(36 ** 6 - 1),
});

function written({ sender, seq, lagUs }: Stamp, payloadBytes = stampBytes): Buffer {
  const payload = Buffer.alloc(payloadBytes, "#");
  writeStamp(payload, sender, seq, lagUs);
  return payload;
}

function read(payload: Buffer): Stamp | false {
  const into: Stamp = { sender: NaN, seq: NaN, lagUs: NaN };
  return readStamp(payload, into) && into;
}

it("reads back any sender, sequence number and lag in range", () => {
  fc.assert(
    fc.property(stamps, (stamp) => {
      expect(read(written(stamp))).toEqual(stamp);
    }),
  );
  const largest = { sender: 36 ** 5 - 1, seq: 36 ** 5 - 1, lagUs: 36 ** 6 - 1 };
  expect(read(written(largest))).toEqual(largest);
});

it("always writes 16 letters and digits, and nothing after them", () => {
  expect(stampBytes).toBe(16);
  expect(written({ sender: 1, seq: 35, lagUs: 36 }).toString()).toBe("000010000z000010");
  fc.assert(
    fc.property(stamps, (stamp) => {
      expect(written(stamp, 20).toString("latin1")).toMatch(/^[0-9a-z]{16}#{4}$/);
    }),
  );
});

it("is not read if any of its characters is not a lower-case letter or digit", () => {
  const otherCodes = Array.from({ length: 256 }, (_, code) => code).filter(
    (code) => !/[0-9a-z]/.test(String.fromCharCode(code)),
  );
  for (let at = 0; at < stampBytes; at++)
    for (const code of otherCodes) {
      const payload = written({ sender: 12, seq: 34, lagUs: 56 }, 20);
      payload[at] = code;
      expect(read(payload)).toBe(false);
    }
});

it("is not read from a payload that is too short", () => {
  const payload = written({ sender: 12, seq: 34, lagUs: 56 });
  for (let length = 0; length < stampBytes; length++) expect(read(payload.subarray(0, length))).toBe(false);
});
