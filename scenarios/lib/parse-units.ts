import { UserError } from "./errors.ts";

const milliseconds: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const bytes: Record<string, number> = { "": 1, B: 1, KiB: 1024, MiB: 1024 ** 2 };

/**
 * Milliseconds of a duration such as 500ms, 10s or 2m. Throws a UserError without a unit, and outside 1ms to 24h.
 * `zero` allows 0.
 */
export function parseDuration(flag: string, text: string, { zero = false } = {}): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = number === undefined ? NaN : Number(number) * milliseconds[unit!]!;
  if (value >= (zero ? 0 : 1) && value <= 24 * 3_600_000) return value;
  throw new UserError(
    `${flag} "${text}" is not a duration: write a number and a unit, such as 500ms, 10s or 2m (24h at most).`,
  );
}

/** Bytes of a size such as 128, 1KiB or 2MiB. Throws a UserError for any other text, and outside the bounds. */
export function parseSize(flag: string, text: string, least: number, most: number): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(B|KiB|MiB|)$/.exec(text) ?? [];
  const value = number === undefined ? NaN : Number(number) * bytes[unit!]!;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`${flag} "${text}" is not a size from ${least} to ${most} bytes: write it as 128, 1KiB or 2MiB.`);
}

/** A whole number. Throws a UserError for any other text, and outside the bounds. */
export function parseInteger(flag: string, text: string, least: number, most: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UserError(`${flag} "${text}" is not a whole number from ${least} to ${most.toLocaleString("en")}.`);
}

/** A number above 0. Throws a UserError for any other text, and above the bound. */
export function parsePositive(flag: string, text: string, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= most) return value;
  throw new UserError(`${flag} "${text}" is not a number above 0, ${most.toLocaleString("en")} at most.`);
}
