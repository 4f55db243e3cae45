import type { Arrivals } from "../definitions/scenario.ts";

/** Due times in microseconds, ascending, and the sender of each message. */
export interface ArrivalTimes {
  dueUs: Float64Array;
  sender: Int32Array;
}

type Draw = (count: number, spanMs: number, allSenders: readonly number[], next: () => number) => ArrivalTimes;

const uniform: Draw = (count, spanMs, allSenders, next) => {
  const dueUs = new Float64Array(count).map(() => Math.floor(next() * spanMs * 1000)).toSorted();
  return { dueUs, sender: drawSenders(count, allSenders, next) };
};

/**
 * Every sender in turn, one message each in a round. Each has an offset of its own within its interval, so that no two
 * send in step.
 */
const even: Draw = (count, spanMs, allSenders, next) => {
  const gapUs = (spanMs * 1000) / count;
  const offsets = Float64Array.from(allSenders, next);
  const first = Math.floor(next() * allSenders.length);
  const senderAt = (k: number): number => (first + k) % allSenders.length;
  return {
    dueUs: new Float64Array(count).map((_, k) => Math.floor((k + offsets[senderAt(k)]!) * gapUs)),
    sender: new Int32Array(count).map((_, k) => allSenders[senderAt(k)]!),
  };
};

const bursts =
  (size: number): Draw =>
  (count, spanMs, allSenders, next) => {
    const burstCount = Math.ceil(count / size);
    const periodUs = (spanMs * 1000) / burstCount;
    const atUs = new Float64Array(burstCount).map((_, burst) => Math.floor((burst + next()) * periodUs));
    const dueUs = new Float64Array(count).map((_, k) => atUs[Math.floor(k / size)]!);
    return { dueUs, sender: drawSenders(count, allSenders, next) };
  };

function drawSenders(count: number, allSenders: readonly number[], next: () => number): Int32Array {
  return new Int32Array(count).map(() => allSenders[Math.floor(next() * allSenders.length)]!);
}

/**
 * Draws exactly `count` due times in [0, span), and a sender for each. Pure except for the random numbers of `next`.
 */
export function drawArrivals(arrivals: Arrivals, ...args: Parameters<Draw>): ArrivalTimes {
  if (typeof arrivals === "object") return bursts(arrivals.burst)(...args);
  return arrivals === "even" ? even(...args) : uniform(...args);
}

/** The messages of two sides in due order. If two are due at once, that of `one` comes first. */
export function mergeArrivals(one: ArrivalTimes, other: ArrivalTimes): ArrivalTimes {
  const length = one.dueUs.length + other.dueUs.length;
  const both = { dueUs: new Float64Array(length), sender: new Int32Array(length) };
  for (let [i, j] = [0, 0]; i + j < length;) {
    const first = j === other.dueUs.length || (i < one.dueUs.length && one.dueUs[i]! <= other.dueUs[j]!);
    const [from, at] = first ? [one, i] : [other, j];
    both.dueUs[i + j] = from.dueUs[at]!;
    both.sender[i + j] = from.sender[at]!;
    if (first) i++;
    else j++;
  }
  return both;
}
