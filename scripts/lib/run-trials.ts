import type { MachineLoad } from "../../results/model/measurement.ts";
import type { Row } from "../../results/model/columns.ts";
import { hasFault } from "../../results/rows/faults.ts";
import { faultLine } from "../../results/text/fault-numbers.ts";
import { abortedRow, failedRow, buildRow } from "../../results/rows/row.ts";
import { timelinePoints, type TimelinePoint } from "../../results/model/timeline.ts";
import { projectFolder } from "../../results/model/environment.ts";
import { rowKeys, type RunContext } from "../../scenarios/runner/run-metadata.ts";
import { errorMessage } from "../../scenarios/lib/errors.ts";
import { withoutSecrets } from "../../scenarios/lib/secrets.ts";
import { ThresholdAbort } from "../../scenarios/runner/threshold-watch.ts";
import type { SecondSoFar } from "../../scenarios/runner/latency-watch.ts";
import { runTrial } from "../../scenarios/runner/run-trial.ts";
import type { Trial } from "../../scenarios/definitions/settings.ts";
import type { ProgressView } from "../../scenarios/runner/progress.ts";
import type { ResultFiles } from "./result-files.ts";
import { isModulePath, withoutTlsSuffix } from "../../scenarios/transports/load-transport.ts";
import { showTrial } from "./progress.ts";
import { assertSameCode, rememberCode } from "./same-code.ts";

/**
 * A trial in the queue, with its label. `run` runs it; default: in this version of the project. `summaryLine` is shown
 * when it has not failed; default: its main numbers.
 */
export interface QueuedTrial {
  label: string;
  trial: Trial;
  run?: TrialRunner;
  summaryLine?: (measured: Row) => string;
}

/**
 * Runs a trial. Undefined where `signal` aborted it. `previous` are the rows of this run so far, with its earlier
 * repeats.
 */
export type TrialRunner = (
  trial: Trial,
  context: RunContext,
  previous: readonly Row[],
  signal: AbortSignal,
  show: (view: ProgressView) => void,
  latencySeen?: (second: SecondSoFar) => void,
) => Promise<TrialResult | undefined>;

/** Result of a trial: its row, and its timeline second by second. */
export interface TrialResult {
  row: Row;
  points: readonly TimelinePoint[];
  /** Load of each machine, where agents ran the trial. */
  machines?: readonly MachineLoad[];
}

/** Somebody who follows a run, such as a page. */
export interface RunWatcher {
  /** A trial begins. `isElsewhere`: a command of its own runs it, which reports no progress. */
  trialBegins(label: string, trial: Trial, isElsewhere: boolean): void;
  progress(view: ProgressView): void;
  latency(second: SecondSoFar): void;
  trialEnds(result: TrialResult): void;
}

rememberCode(projectFolder); // as this process has loaded it

/**
 * Runs trials one after the other until there are no more or `signal` aborts. Each row is written as soon as it is
 * measured, then added to `rows`. A queue whose next trial depends on the last row can be a generator that reads
 * `rows`. Throws a UserError where the code changed during a trial, whose row is then left out. `watcher` is told what
 * happens; default: nobody is.
 */
export async function runTrials(
  queue: Iterable<QueuedTrial>,
  context: RunContext,
  files: ResultFiles,
  signal: AbortSignal,
  rows: Row[],
  watcher?: RunWatcher,
): Promise<void> {
  for (const { label, trial, run = runHere, summaryLine = mainNumbers } of queue) {
    if (signal.aborted) break;
    await context.gang?.refill();
    const code = [projectFolder, ...(isModulePath(trial.transport) ? [moduleOf(trial.transport)] : [])];
    code.forEach(rememberCode);
    watcher?.trialBegins(label, trial, run !== runHere);
    await showTrial(label, async (print) => {
      const show = watcher ? bothSee(print, watcher) : print;
      // A signal of its own: one that outlives many trials would keep a listener of each.
      const measured = await run(trial, context, rows, AbortSignal.any([signal]), show, watcher?.latency);
      if (!measured) return { failed: true, summary: "interrupted" };
      for (const path of code) assertSameCode(path, label);
      files.append(measured.row, measured.points);
      rows.push(measured.row);
      watcher?.trialEnds(measured);
      if (measured.machines)
        files.note("agent_loads", { transport: label, repeat: trial.repeat, machines: measured.machines });
      return { failed: measured.row.status === "failed", summary: endLine(measured.row, summaryLine) };
    });
  }
}

function bothSee(print: (view: ProgressView) => void, watcher: RunWatcher): (view: ProgressView) => void {
  return (view) => {
    print(view);
    watcher.progress(view);
  };
}

const moduleOf = (transport: string): string => withoutTlsSuffix(transport) ?? transport;

const equalInRepeats = [
  "transport",
  "build",
  "clients",
  "offered_per_s",
  "payload_bytes",
  "payload_kind",
  "network",
  "through",
  "fault",
] as const;

/** Runs a trial in this version of the project. An error makes a failed row; an abort by `signal` makes none. */
const runHere: TrialRunner = async (trial, context, previous, signal, show, latencySeen) => {
  const keys = await rowKeys(trial, context, new Date());
  const siblings = previous.filter((each) => equalInRepeats.every((name) => each[name] === keys[name]));
  try {
    const measurement = await runTrial(trial, signal, show, undefined, context.gang, latencySeen);
    const { hosts } = measurement.machine;
    return {
      row: hidingSecrets(buildRow(keys, measurement, siblings)),
      points: timelinePoints(keys, measurement.seconds),
      ...(hosts && { machines: hosts }),
    };
  } catch (error) {
    if (signal.aborted) return undefined;
    const rowOf = error instanceof ThresholdAbort ? abortedRow : failedRow;
    return { row: rowOf(keys, withoutSecrets(errorMessage(error))), points: [] };
  }
};

/** A row whose reasons repeat nothing that was given in confidence: they may say what a server answered. */
function hidingSecrets(row: Row): Row {
  return row.reasons === undefined ? row : { ...row, reasons: withoutSecrets(row.reasons) };
}

/** Last line of a trial on the terminal. */
function endLine(measured: Row, summaryLine: (measured: Row) => string): string {
  return measured.error === undefined ? summaryLine(measured) : `failed: ${measured.error}`;
}

function mainNumbers({ status, latency_p50_us: p50, latency_p99_us: p99, ...measured }: Row): string {
  const idle = measured.idle_bytes_per_client_s;
  if (idle !== undefined) return `${idle} bytes per client and second when idle · ${status}`;
  if (hasFault(measured)) return `${faultLine(measured)} · ${status}`;
  const ms = (us?: number): string => (us === undefined ? "-" : (us / 1000).toFixed(2));
  return `p50 ${ms(p50)} ms · p99 ${ms(p99)} ms · ${measured.deliveries_per_s} deliveries/s · ${status}`;
}
