import type { Row } from "../../results/model/columns.ts";
import { failedRow, buildRow } from "../../results/rows/row.ts";
import { timelinePoints, type TimelinePoint } from "../../results/model/timeline.ts";
import { rowKeys, type RunContext } from "../../scenarios/runner/run-metadata.ts";
import { errorMessage } from "../../scenarios/lib/errors.ts";
import { runTrial } from "../../scenarios/runner/run-trial.ts";
import type { Trial } from "../../scenarios/definitions/settings.ts";
import type { ProgressView } from "../../scenarios/runner/progress.ts";
import type { ResultFiles } from "./result-files.ts";
import { showTrial } from "./progress.ts";

/**
 * A trial that is to be run, what a person calls it, and how; by default in this version of the project. `says` is the sentence that one
 * which did not fail ends with; by default its main numbers.
 */
export interface QueuedTrial {
  label: string;
  trial: Trial;
  run?: TrialRunner;
  summaryLine?: (measured: Row) => string;
}

/** Runs a trial and says what it measured; undefined where `signal` ended it. `taken` are the rows before it, its earlier repeats among them. */
export type TrialRunner = (
  trial: Trial,
  place: RunContext,
  taken: readonly Row[],
  signal: AbortSignal,
  show: (view: ProgressView) => void,
) => Promise<TrialResult | undefined>;

/** What a trial has to show: its row and a point a second. */
export interface TrialResult {
  row: Row;
  points: readonly TimelinePoint[];
}

/**
 * Runs jobs one after the other until there are no more or `signal` aborts. Each row goes to the output as soon as it is measured, then to
 * `taken`; so a series whose next job depends on its last row can be a generator that looks at what was taken.
 */
export async function runTrials(
  jobs: Iterable<QueuedTrial>,
  place: RunContext,
  output: ResultFiles,
  signal: AbortSignal,
  taken: Row[],
): Promise<void> {
  for (const { label, trial, run = attemptHere, summaryLine = numbers } of jobs) {
    if (signal.aborted) break;
    await showTrial(label, async (show) => {
      // A signal of the trial's own, or its listeners would gather over a long series.
      const measured = await run(trial, place, taken, AbortSignal.any([signal]), show);
      if (!measured) return { failed: true, summary: "interrupted" };
      output.append(measured.row, measured.points);
      taken.push(measured.row);
      return { failed: measured.row.status === "failed", summary: ending(measured.row, summaryLine) };
    });
  }
}

const sameInSiblings = ["transport", "build", "clients", "offered_per_s", "payload_bytes", "payload_kind"] as const;

/** Runs a trial in this version of the project; a broken one becomes a failed row, one that Ctrl-C ended becomes none. */
const attemptHere: TrialRunner = async (trial, place, taken, signal, show) => {
  const keys = await rowKeys(trial, place, new Date());
  const siblings = taken.filter((each) => sameInSiblings.every((name) => each[name] === keys[name]));
  try {
    const measurement = await runTrial(trial, signal, show);
    return { row: buildRow(keys, measurement, siblings), points: timelinePoints(keys, measurement.seconds) };
  } catch (error) {
    return signal.aborted ? undefined : { row: failedRow(keys, errorMessage(error)), points: [] };
  }
};

/** The sentence that a trial ends with. */
function ending(measured: Row, says: (measured: Row) => string): string {
  return measured.error === undefined ? says(measured) : `failed: ${measured.error}`;
}

function numbers({ status, latency_p50_us: p50, latency_p99_us: p99, ...measured }: Row): string {
  const idle = measured.idle_bytes_per_client_s;
  if (idle !== undefined) return `${idle} bytes per client and second when idle · ${status}`;
  const ms = (us?: number): string => (us === undefined ? "-" : (us / 1000).toFixed(2));
  return `p50 ${ms(p50)} ms · p99 ${ms(p99)} ms · ${measured.deliveries_per_s} deliveries/s · ${status}`;
}
