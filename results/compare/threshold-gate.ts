import type { MeasuredNumber, Row } from "../model/columns.ts";
import { isAborted } from "../rows/row.ts";
import { countsInSummary, groupRepeats, summarise } from "../rows/summary.ts";
import { keeps, valueText, type Threshold } from "../rows/thresholds.ts";
import { countOf, joinWords } from "../text/lists.ts";
import { labelText, trialLabels } from "./labels.ts";
import type { GateResult } from "./regression-gate.ts";

/** A value that a threshold judges. `where` follows it in a sentence: ` in repeat 2`, or nothing for the only trial. */
interface Reading {
  value: number;
  where: string;
}

/**
 * Checks rows against thresholds: each valid and suspect row, and each trial that a threshold ended. A sentence for each
 * threshold of a transport that is broken, or cannot be judged because no row and no summary has the value.
 */
export function checkThresholds(rows: readonly Row[], thresholds: readonly Threshold[]): GateResult {
  const groups = groupRepeats(rows);
  const labels = trialLabels(groups.map(([row]) => row!)).map(labelText);
  const aborted = groups.flatMap((group, i) =>
    group
      .filter(isAborted)
      .map(({ repeat, error }) => `${labels[i]}${group.length > 1 ? `, repeat ${repeat}` : ""}: ${error}.`),
  );
  const results = groups.map((group, i) => checkGroup(labels[i]!, group.filter(countsInSummary), thresholds));
  return {
    exceeded: [...aborted, ...results.flatMap(({ exceeded }) => exceeded)],
    undecidable: results.flatMap(({ undecidable }) => undecidable),
  };
}

/** Checks the repeats of one trial. Without any there is nothing to judge. */
function checkGroup(label: string, repeats: readonly Row[], thresholds: readonly Threshold[]): GateResult {
  const result: GateResult = { exceeded: [], undecidable: [] };
  if (repeats.length === 0) return result;
  for (const threshold of thresholds) {
    const { column, text } = threshold;
    const readings = readingsOf(repeats, column);
    const broken = readings.filter(({ value }) => !keeps(value, threshold));
    if (readings.length === 0)
      result.undecidable.push(
        `${label}: the threshold ${text} could not be checked, since ${column} was not measured.`,
      );
    if (broken.length > 0)
      result.exceeded.push(`${label}: ${column} is ${readingsText(column, broken)}, and the threshold is ${text}.`);
  }
  return result;
}

/**
 * The values of the repeats. Where a repeat has none, also the value of the summary: together they may have enough
 * messages for a percentile.
 */
function readingsOf(repeats: readonly Row[], column: MeasuredNumber): Reading[] {
  const where = ({ repeat }: Row): string => (repeats.length === 1 ? "" : ` in repeat ${repeat}`);
  const own = repeats.flatMap((row): Reading[] =>
    row[column] === undefined ? [] : [{ value: row[column], where: where(row) }],
  );
  if (repeats.length === 1 || own.length === repeats.length) return own;
  const overall = summarise(repeats)[0]?.[column];
  return overall === undefined ? own : [...own, { value: overall, where: " over all repeats" }];
}

/** Values that a sentence lists; further ones are only counted. */
const maxListed = 3;

function readingsText(column: MeasuredNumber, readings: readonly Reading[]): string {
  const listed = readings.slice(0, maxListed).map(({ value, where }) => `${valueText(column, value)}${where}`);
  const more = readings.length - listed.length;
  return joinWords(more > 0 ? [...listed, `too much or too little in ${countOf(more, "more repeat")}`] : listed);
}
