import type { Row } from "../../results/model/columns.ts";
import { buildRow, failedRow } from "../../results/rows/row.ts";
import type { Trial } from "../../scenarios/definitions/settings.ts";
import { errorMessage } from "../../scenarios/lib/errors.ts";
import { newRunContext, rowKeys, type RunContext } from "../../scenarios/runner/run-metadata.ts";
import { runTrial } from "../../scenarios/runner/run-trial.ts";
import { appendJsonLine } from "./json-lines.ts";
import { measureMissing, type MissingRow } from "./missing-rows.ts";

/** A trial of which several rows are wanted. */
export type TrialCell = Omit<Trial, "repeat">;

/** Where measured rows go, and how each is named when it is there. */
export interface RowKeeping {
  /** File of one JSON object per line, for every row that has not failed. */
  path: string;
  /** The rows so far. Each new one is added. */
  rows: Row[];
  nameOf(row: Row): string;
}

/**
 * Measures missing rows one after the other until there are no more, the time is up, or a person ends it. Prints a line
 * for each. Returns true if a person ended it.
 */
export function measureRows(
  missing: readonly MissingRow<TrialCell>[],
  timeLimitMs: number,
  { path, rows, nameOf }: RowKeeping,
): Promise<boolean> {
  const context = newRunContext();
  return measureMissing(missing, timeLimitMs, async (each, signal) => {
    const row = await measureRow(each, context, signal);
    if (!row) return;
    if (row.status !== "failed") appendJsonLine(path, row);
    rows.push(row);
    console.log(`${nameOf(row)}: ${row.status} ${row.error ?? row.rules ?? ""}`.trim());
  });
}

/** Measures one row, failed where its trial failed. Undefined where it was interrupted. */
async function measureRow(
  { cell, repeat }: MissingRow<TrialCell>,
  context: RunContext,
  signal: AbortSignal,
): Promise<Row | undefined> {
  const trial: Trial = { ...cell, repeat, settings: { ...cell.settings, seed: repeat } };
  const keys = await rowKeys(trial, context, new Date());
  try {
    return buildRow(keys, await runTrial(trial, AbortSignal.any([signal]), () => undefined));
  } catch (error) {
    return signal.aborted ? undefined : failedRow(keys, errorMessage(error));
  }
}
