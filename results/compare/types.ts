import type { ReadWarning } from "../files/read-warnings.ts";
import type { ColumnName, Row } from "../model/columns.ts";
import type { OutcomeMetric } from "./outcomes.ts";

/**
 * The verdict about one metric. `better` and `worse` are real changes; `same`: equal bytes, or no change found with
 * enough repeats; `undecided`: too few repeats; `within noise`: a change that is not larger than the noise floor;
 * `shown`: a metric that is not tested.
 */
export type MetricVerdict = "worse" | "better" | "same" | "undecided" | "within noise" | "shown";

/** One metric of a pair. Shifts are after - before, in the unit of the metric. An undefined number is not known. */
export interface MetricComparison {
  metric: ColumnName | OutcomeMetric;
  /** True if no statistics are needed: numbers of repeats, deliveries, and bytes that do not depend on chance. */
  exact: boolean;
  /** Medians over the repeats; means of deliveries that went wrong; numbers of repeats. */
  before: number | undefined;
  after: number | undefined;
  /** Hodges-Lehmann shift; `low` to `high` contains the true shift with the probability `coverage`, 0 to 1. */
  shift: number | undefined;
  low: number | undefined;
  high: number | undefined;
  coverage: number | undefined;
  /** The smallest shift that these repeats show with a probability of 80 %. */
  detectable: number | undefined;
  /** Only of metrics that are tested by statistics: p after Holm's correction. */
  p: number | undefined;
  /** The noise floor in the unit of the metric; undefined where both sides were measured in one run. */
  noiseFloor: number | undefined;
  verdict: MetricVerdict;
  /** A remark, such as how many repeats are needed; empty where there is none. */
  note: string;
}

/** The repeats of one trial before, and of its partner after. */
export interface PairComparison {
  /** The match columns before. */
  keys: Row;
  transport: { before: string; after: string };
  /** Repeats that count: valid and suspect ones. */
  repeats: { before: number; after: number };
  /** Suspect ones among them. */
  suspect: { before: number; after: number };
  /** Worse metrics first, then better, undecided, within noise, same and shown ones. Only numbers of repeats if gone. */
  metrics: MetricComparison[];
}

/** One side of a comparison: a file, or one build of a file. */
export interface ComparedSide {
  path: string;
  build: string | undefined;
}

/** Trials without a partner, and why. */
export interface UnpairedTrials {
  sentence: string;
  /** True if they were measured after only, so that nothing is left unjudged. */
  onlyAfter: boolean;
}

/** Two runs, or two builds of one run. Pairs with lost trials or messages come first, then those with more worse metrics. */
export interface Comparison {
  before: ComparedSide;
  after: ComparedSide;
  /** True if both sides were measured in one run, interleaved. Drift of the machine then affected both. */
  interleaved: boolean;
  pairs: PairComparison[];
  unpaired: UnpairedTrials[];
  /** Problems of the files that were read. */
  readWarnings: readonly ReadWarning[];
  /** Sentences: differences of the environments and settings, and rows that do not count or are suspect. */
  warnings: string[];
}
