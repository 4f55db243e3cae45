import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "./errors.ts";
import { parseDuration, parsePositive, parseSize, parseInteger } from "./parse-units.ts";

const expectRejection = (parse: () => number, ...parts: string[]): void => {
  expect(parse).toThrow(UserError);
  for (const part of parts) expect(parse).toThrow(part);
};

describe("a duration", () => {
  it.each([
    ["1ms", 1],
    ["500ms", 500],
    ["10s", 10_000],
    ["1.5s", 1_500],
    ["2m", 120_000],
    ["24h", 86_400_000],
  ])("of %s is %d milliseconds", (text, ms) => expect(parseDuration("--duration", text)).toBe(ms));

  it.each(["", "10", "s", "10 s", "-1s", "1e3ms", "10S", "1,5s", "10s ", "0s", "0.5ms", "24.1h", "∞s"])(
    'is rejected as "%s", with the flag, the value and examples',
    (text) => expectRejection(() => parseDuration("--warmup", text), `--warmup "${text}"`, "500ms, 10s or 2m"),
  );

  it("may be 0 if that is allowed, but needs a unit", () => {
    expect(parseDuration("--warmup", "0s", { zero: true })).toBe(0);
    expectRejection(() => parseDuration("--warmup", "0", { zero: true }));
  });

  it("is read for any whole number of any unit", () => {
    const units = fc.constantFrom(["ms", 1] as const, ["s", 1000] as const, ["m", 60_000] as const);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1440 }), units, (number, [unit, ms]) => {
        expect(parseDuration("--duration", `${number}${unit}`)).toBe(number * ms);
      }),
    );
  });
});

describe("a size", () => {
  const parse = (text: string): number => parseSize("--payload-bytes", text, 16, 2 * 1024 ** 2);

  it.each([
    ["16", 16],
    ["128B", 128],
    ["1KiB", 1024],
    ["1.5KiB", 1536],
    ["2MiB", 2 * 1024 ** 2],
  ])("of %s is %d bytes", (text, bytes) => expect(parse(text)).toBe(bytes));

  it.each(["", "15", "2.1MiB", "2097153", "1KB", "1kib", "16.5", "-16", "KiB", "1 KiB", "0x10"])(
    'is rejected as "%s", with the flag, the value and the bounds',
    (text) => expectRejection(() => parse(text), `--payload-bytes "${text}"`, "from 16 to 2097152 bytes", "1KiB"),
  );
});

describe("a whole number", () => {
  it.each(["1", "7", "1000"])("is read from %s", (text) =>
    expect(parseInteger("--clients", text, 1, 1000)).toBe(Number(text)),
  );

  it.each(["", "0", "1001", "-1", "1.0", "1e2", "ten", " 5", "99999999999999999999"])(
    'is rejected as "%s", with the flag, the value and the bounds',
    (text) => expectRejection(() => parseInteger("--clients", text, 1, 1000), `--clients "${text}"`, "from 1 to 1,000"),
  );

  it("may be negative if the bounds allow it", () => expect(parseInteger("--x", "-3", -5, 5)).toBe(-3));
});

describe("a positive number", () => {
  it.each(["0.1", "1", "99.5", "100"])("is read from %s", (text) =>
    expect(parsePositive("--rate", text, 100)).toBe(Number(text)),
  );

  it.each(["", "0", "0.0", "-1", "100.1", "1e2", ".5", "5/s", "NaN", "Infinity"])(
    'is rejected as "%s", with the flag, the value and the bound',
    (text) => expectRejection(() => parsePositive("--rate", text, 100), `--rate "${text}"`, "100 at most"),
  );
});
