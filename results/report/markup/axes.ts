/** Axis of a chart: its range, its ticks, and the format of their labels. */
export interface Axis {
  name: string;
  log: boolean;
  min: number;
  max: number;
  ticks: readonly number[];
  format(value: number): string;
}

/**
 * Ratio of the largest to the smallest value from which an axis is logarithmic, since small values are not readable on
 * a linear one.
 */
const logRatio = 20;

/** Axis for these values: linear from 0, or logarithmic where the largest value is more than 20 times the smallest. */
export function axisFor(name: string, values: readonly number[], allowLog = true): Axis {
  const positive = values.filter((value) => value > 0);
  const [least, most] = [smallest(positive), largest(positive)];
  const log = allowLog && least > 0 && most / least > logRatio && positive.length === values.length;
  return log ? logAxis(name, least, most) : linearAxis(name, positive.length > 0 ? most : 1);
}

/**
 * Ticks whose labels do not overlap on an axis of `pixels`, at least `apart` pixels from each other. A logarithmic axis
 * rather has only its decades than some of the ticks between.
 */
export function withoutOverlap({ log, min, max, ticks }: Axis, pixels: number, apart: number): number[] {
  const at = (value: number): number =>
    pixels * (log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min));
  const fits = (chosen: readonly number[]): boolean =>
    chosen.every((tick, i) => i === 0 || at(tick) - at(chosen[i - 1]!) >= apart);
  const wholeDecades = ticks.filter((tick) => Number.isInteger(tidy(Math.log10(tick))));
  const choices = [
    [...ticks],
    ...(log && wholeDecades.length > 1 ? [wholeDecades] : []),
    ...[2, 3, 4].map((nth) => ticks.filter((_, i) => i % nth === 0)),
  ];
  return choices.find(fits) ?? [ticks[0]!, ticks.at(-1)!];
}

/** Logarithmic axis with ticks at 1, 2 and 5 of each decade, or only at its 1 where there are many decades. */
function logAxis(name: string, least: number, most: number): Axis {
  const steps = decades(least, most).flatMap((one) => [one, 2 * one, 5 * one].map(tidy));
  const [from, to] = [steps.findLastIndex((step) => step <= least), steps.findIndex((step) => step >= most)];
  const within = steps.slice(from, to + 1);
  const ticks = most / least > 500 ? within.filter((step) => Number.isInteger(tidy(Math.log10(step)))) : within;
  return { name, log: true, min: within[0]!, max: within.at(-1)!, ticks, format: fourDigits };
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
  return { name, log: false, min: 0, max: ticks.at(-1)!, ticks, format: fourDigits };
}

function fourDigits(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

/** Removes the rounding error of binary fractions. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * Largest value, 0 for none. `Math.max(...values)` fails for a long run, since a call has a limited number of
 * arguments.
 */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => (value < least ? value : least), Infinity);
}
