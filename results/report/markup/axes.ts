/** One axis of a drawing: its ends, where its numbers stand, and what they are called. */
export interface Axis {
  name: string;
  log: boolean;
  min: number;
  max: number;
  ticks: readonly number[];
  format(value: number): string;
}

/** From this range on, what is small could not be read on a linear axis. */
const logFrom = 20;

/** An axis for these values: from 0, or, where the largest is more than 20 times the smallest, logarithmic. */
export function axisFor(name: string, values: readonly number[], wantsLog = true): Axis {
  const positive = values.filter((value) => value > 0);
  const [least, most] = [smallest(positive), largest(positive)];
  const log = wantsLog && least > 0 && most / least > logFrom && positive.length === values.length;
  return log ? logAxis(name, least, most) : linearAxis(name, positive.length > 0 ? most : 1);
}

/**
 * The ticks of an axis of so many pixels for which there is room, so many pixels each. Of a logarithmic one rather the decades alone than
 * some of those between.
 */
export function withoutOverlap({ log, min, max, ticks }: Axis, pixels: number, apart: number): number[] {
  const at = (value: number): number =>
    pixels * (log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min));
  const fits = (some: readonly number[]): boolean =>
    some.every((tick, i) => i === 0 || at(tick) - at(some[i - 1]!) >= apart);
  const whole = ticks.filter((tick) => Number.isInteger(tidy(Math.log10(tick))));
  const choices = [
    [...ticks],
    ...(log && whole.length > 1 ? [whole] : []),
    ...[2, 3, 4].map((nth) => ticks.filter((_, i) => i % nth === 0)),
  ];
  return choices.find(fits) ?? [ticks[0]!, ticks.at(-1)!];
}

/** 1, 2 and 5 of each decade, or its 1 alone where there are many. */
function logAxis(name: string, least: number, most: number): Axis {
  const steps = decades(least, most).flatMap((one) => [one, 2 * one, 5 * one].map(tidy));
  const [from, to] = [steps.findLastIndex((step) => step <= least), steps.findIndex((step) => step >= most)];
  const within = steps.slice(from, to + 1);
  const ticks = most / least > 500 ? within.filter((step) => Number.isInteger(tidy(Math.log10(step)))) : within;
  return { name, log: true, min: within[0]!, max: within.at(-1)!, ticks, format: plain };
}

function decades(least: number, most: number): number[] {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

function linearAxis(name: string, most: number): Axis {
  const rough = most / 4;
  const one = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * one).find((each) => each >= rough * 0.999)!;
  const ticks = Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => tidy(i * step));
  return { name, log: false, min: 0, max: ticks.at(-1)!, ticks, format: plain };
}

function plain(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

/** Without what binary fractions add. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** Not spread into Math.max: a long run has more points than a call takes arguments. */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => (value < least ? value : least), Infinity);
}
