import type { ColumnName, Row } from "../model/columns.ts";

/**
 * What is said of a metric. `better` and `worse` are real; `same` is equal to the byte, or a difference that was looked for with enough
 * repeats and not found; `undecided` had too few repeats; `below floor` is one that two runs of the same thing differ by as well; `shown`
 * is a metric that is not decided, only shown.
 */
export type MetricVerdict = "worse" | "better" | "same" | "undecided" | "below floor" | "shown";

/** One metric of a pair. What is undefined could not be known. Shifts are after - before, in the metric's unit. */
export interface MetricComparison {
  metric: ColumnName;
  /** Medians over the repeats. */
  before: number | undefined;
  after: number | undefined;
  /** Hodges-Lehmann, with the interval that covers the true one with `coverage`, 0 to 1. */
  shift: number | undefined;
  low: number | undefined;
  high: number | undefined;
  coverage: number | undefined;
  /** The smallest shift that these repeats could have shown to be real with a probability of 80 %. */
  detectable: number | undefined;
  /** Of the metrics that are decided by statistics: after Holm's correction. */
  p: number | undefined;
  /** What two runs of the same thing differ by, in the metric's unit; undefined where both sides were measured in one run. */
  floor: number | undefined;
  verdict: MetricVerdict;
  /** What a reader should know of it, such as how many repeats it takes; empty where nothing. */
  note: string;
}

/** The repeats of one trial before, and those of its partner after. */
export interface PairComparison {
  /** The match columns before. */
  keys: Row;
  transport: { before: string; after: string };
  /** Repeats that count: valid and suspect ones. */
  repeats: { before: number; after: number };
  /** What got worse first, then better, undecided, same and shown. */
  metrics: MetricComparison[];
}

/** One side of a comparison, as a person calls it: a file, or a file and a build. */
export interface ComparedSide {
  path: string;
  build: string | undefined;
}

/** Two runs, or two builds of one run, set against each other. The pair in which most got worse comes first. */
export interface Comparison {
  before: ComparedSide;
  after: ComparedSide;
  /** Whether both sides were measured in one run, interleaved, so that the machine's drift fell on both. */
  interleaved: boolean;
  pairs: PairComparison[];
  /** Sentences: what had no partner, and why. */
  unpaired: string[];
  /** Sentences: where the environments differ in what matters, and what could not be read. */
  warnings: string[];
}
