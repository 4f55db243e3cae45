import { didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import { measuredNumbers, type MeasuredNumber } from "../model/columns.ts";

/** Comparisons of a value with a bound, by their sign. */
const operators = {
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
  "=": (value, bound) => value === bound,
} satisfies Record<string, (value: number, bound: number) => boolean>;

/** What a measured column must hold in every trial. Plain JSON: it is recorded with the settings of a trial. */
export interface Threshold {
  column: MeasuredNumber;
  operator: keyof typeof operators;
  /** In the unit of the column. */
  bound: number;
  /** As the user wrote it, without blanks: `latency_p99_us<250ms`. */
  text: string;
}

/** True where a value keeps a threshold. */
export function keeps(value: number, { operator, bound }: Threshold): boolean {
  return operators[operator](value, bound);
}

const times = { us: 1, ms: 1e3, s: 1e6 };
const sizes = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Unit of a column, and how much each accepted unit is worth. A count has neither. */
interface ColumnUnit {
  unit: string;
  accepted: Record<string, number>;
}

const count: ColumnUnit = { unit: "", accepted: {} };

/** Units by the names of columns. The first pattern that a name has decides. */
const unitsByName: readonly [name: RegExp, unit: ColumnUnit][] = [
  [/_bytes(_|$)/, { unit: "B", accepted: sizes }],
  [/_kib(_|$)/, { unit: "KiB", accepted: sizes }],
  [/_mib$/, { unit: "MiB", accepted: sizes }],
  [/_percent$/, { unit: "%", accepted: { "%": 1 } }],
  [/_us(_|$)/, { unit: "us", accepted: times }],
  [/_ms$/, { unit: "ms", accepted: times }],
  [/_per_s$/, count],
  [/_s$/, { unit: "s", accepted: times }],
];

/** Unit of a column. */
function unitOf(column: MeasuredNumber): ColumnUnit {
  return unitsByName.find(([name]) => name.test(column))?.[1] ?? count;
}

/** A value of a column with its unit: `312,000 us`. */
export function valueText(column: MeasuredNumber, value: number): string {
  return `${value.toLocaleString("en", { maximumFractionDigits: 3 })} ${unitOf(column).unit}`.trim();
}

const form = /^([a-z]\w*)\s*(<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*|%)$/;

/**
 * Parses thresholds with commas between them: `latency_p99_us<250ms,lost=0`. A number without a unit has the column's.
 * `source` is the option or the field, for messages. Throws a UserError for anything else.
 */
export function parseThresholds(source: string, text: string): Threshold[] {
  return text.split(",").map((part) => parseThreshold(source, part.trim()));
}

function parseThreshold(source: string, text: string): Threshold {
  const [, name, operator, number, unit] = form.exec(text) ?? [];
  if (name === undefined)
    throw new UserError(
      `${source} "${text}" is not a threshold: write what a column must hold, as latency_p99_us<250ms or lost=0, with <, <=, >, >= or =.`,
    );
  const column = measuredNumbers.find((each) => each === name);
  if (column === undefined)
    throw new UserError(
      `${source} "${text}" names no measured number.${didYouMean(name, measuredNumbers, "results/README.md lists the columns.")}`,
    );
  return {
    column,
    operator: operator as Threshold["operator"],
    bound: Number(number) * factorOf(source, text, column, unit!),
    text: text.replaceAll(/\s/g, ""),
  };
}

/** Factor from a unit to the unit of the column. Throws a UserError for a unit that does not fit. */
function factorOf(source: string, text: string, column: MeasuredNumber, unit: string): number {
  const own = unitOf(column);
  if (unit === "" || unit === own.unit) return 1;
  const factor = Object.hasOwn(own.accepted, unit) ? own.accepted[unit] : undefined;
  if (factor !== undefined) return factor / own.accepted[own.unit]!;
  const fitting = Object.keys(own.accepted);
  throw new UserError(
    fitting.length === 0
      ? `${source} "${text}": ${column} has no unit: write the number alone.`
      : `${source} "${text}": "${unit}" is no unit of ${column}: write ${fitting.join(", ")}, or the number alone for ${own.unit}.`,
  );
}

/** The thresholds of a scenario, with those of an option. The option replaces all thresholds of its columns. */
export function replaceThresholds(ofScenario: readonly Threshold[], ofOption: readonly Threshold[]): Threshold[] {
  return [...ofScenario.filter(({ column }) => !ofOption.some((each) => each.column === column)), ...ofOption];
}
