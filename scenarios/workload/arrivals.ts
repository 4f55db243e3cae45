import type { Arrivals } from "../definitions/scenario.ts";

/** Due times in microseconds, ascending, and who speaks at each. */
export interface ArrivalTimes {
  dueUs: Float64Array;
  sender: Int32Array;
}

type Draw = (count: number, spanMs: number, allSenders: readonly number[], next: () => number) => ArrivalTimes;

const uniform: Draw = (count, spanMs, allSenders, next) => {
  const dueUs = new Float64Array(count).map(() => Math.floor(next() * spanMs * 1000)).toSorted();
  return { dueUs, sender: drawn(count, allSenders, next) };
};

/** The speakers take turns, each at its own place within its share of a round, so that no two of them beat together. */
const even: Draw = (count, spanMs, allSenders, next) => {
  const gapUs = (spanMs * 1000) / count;
  const places = Float64Array.from(allSenders, next);
  const from = Math.floor(next() * allSenders.length);
  const turn = (k: number): number => (from + k) % allSenders.length;
  return {
    dueUs: new Float64Array(count).map((_, k) => Math.floor((k + places[turn(k)]!) * gapUs)),
    sender: new Int32Array(count).map((_, k) => allSenders[turn(k)]!),
  };
};

const bursts =
  (size: number): Draw =>
  (count, spanMs, allSenders, next) => {
    const many = Math.ceil(count / size);
    const periodUs = (spanMs * 1000) / many;
    const atUs = new Float64Array(many).map((_, burst) => Math.floor((burst + next()) * periodUs));
    const dueUs = new Float64Array(count).map((_, k) => atUs[Math.floor(k / size)]!);
    return { dueUs, sender: drawn(count, allSenders, next) };
  };

function drawn(count: number, allSenders: readonly number[], next: () => number): Int32Array {
  return new Int32Array(count).map(() => allSenders[Math.floor(next() * allSenders.length)]!);
}

/** Draws exactly `count` due times in [0, span), and a speaker for each. Pure, but for what it takes from `next`. */
export function drawArrivals(arrivals: Arrivals, ...given: Parameters<Draw>): ArrivalTimes {
  if (typeof arrivals === "object") return bursts(arrivals.burst)(...given);
  return arrivals === "even" ? even(...given) : uniform(...given);
}

/** Two sides' messages in the order in which they are due; where two are due at once, the first side's is first. */
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
