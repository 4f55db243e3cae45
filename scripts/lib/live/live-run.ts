import { transportLabel } from "../../../scenarios/transports/load-transport.ts";
import type { TimelinePoint } from "../../../results/model/timeline.ts";
import type { Trial } from "../../../scenarios/definitions/settings.ts";
import { commandOf } from "../next-command.ts";
import { reportOf } from "../report-of.ts";
import type { RunWatcher } from "../run-trials.ts";
import { openEventLog, type LiveEvent, type TimelineValues } from "./live-events.ts";
import { livePage } from "./live-page.ts";
import { liveRows, type LabelledRow } from "./live-rows.ts";
import { openLiveServer } from "./live-server.ts";
import { openRates } from "./rates.ts";

/** Longest time that a run waits for open pages to load its report. */
const reportMs = 10_000;

/** A run that pages follow. */
export interface LiveRun extends RunWatcher {
  url: string;
  /** The trials of the run are known; of a search only the transports are. */
  plan(trials: readonly Trial[], isSearch: boolean): void;
  /**
   * The run has ended with this result file, or without a row. Open pages get the report. Resolves when they have it,
   * after ten seconds at most, and at once where `signal` has aborted or aborts.
   */
  finish(file: string | undefined, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Serves the page of a run at this port, 0 for a free one. Throws a UserError where the port cannot be taken. */
export async function openLiveRun(port: number, run: string, scenario: string): Promise<LiveRun> {
  const log = openEventLog(run);
  const server = await openLiveServer(port, livePage(scenario), log);
  const tell = (event: LiveEvent): void => server.send(log.add(event));
  const rows: LabelledRow[] = [];
  let [number, label] = [0, ""];
  let rates = openRates({ app: "chat", durationMs: 0 });

  return {
    url: server.url,
    plan(trials, isSearch) {
      const transports = [...new Set(trials.map(nameOf))].toSorted();
      tell({ kind: "plan", run, scenario, transports, ...(!isSearch && { trials: trials.length }) });
    },
    trialBegins(name, trial, isElsewhere) {
      [number, label, rates] = [number + 1, name, openRates(trial.settings)];
      const note = isElsewhere && { note: "running as a command of its own: its row appears when it has ended" };
      tell({ kind: "trial", number, label, transport: nameOf(trial), ...note });
    },
    progress(view) {
      const { phase, clients, connected, deliveries, secondsLeft } = view;
      tell({ kind: "now", trial: number, phase, clients, connected, deliveries, secondsLeft });
      const point = rates(view);
      if (point) tell({ kind: "rates", trial: number, ...point });
    },
    latency({ second, p50Us, maxUs }) {
      tell({ kind: "latency", trial: number, second, p50Ms: toMs(p50Us), maxMs: toMs(maxUs) });
    },
    trialEnds({ row, points }) {
      rows.push({ label, row });
      tell({ kind: "timeline", trial: number, points: points.map(valuesOf) });
      tell({ kind: "rows", html: liveRows(rows).markup });
    },
    async finish(file, signal) {
      const how = signal.aborted ? "interrupted" : "finished";
      const command = file === undefined ? "" : commandOf(file);
      const report = file === undefined || signal.aborted ? undefined : await reportPageOf(file, command);
      if (report !== undefined) server.replacePage(report);
      tell({ kind: "end", how, report: report !== undefined, command });
      if (report !== undefined) await server.pagesServed(reportMs, signal);
    },
    close: () => server.close(),
  };
}

const nameOf = ({ transport, target }: Trial): string => target?.label ?? transportLabel(transport);

/** The report, with the command that makes it again; undefined where the file cannot be read. */
async function reportPageOf(file: string, command: string): Promise<string | undefined> {
  const note = `Served by the run itself, which has ended. This command makes the page again: ${command}`;
  return reportOf([file], note).catch(() => undefined);
}

const toMs = (us: number): number => Math.round(us / 10) / 100;

function valuesOf(point: TimelinePoint): TimelineValues {
  const { second = 0, fanout_p50_us: p50Us, fanout_max_us: maxUs, server_cpu_percent: cpuPercent } = point;
  return {
    second,
    ...(p50Us !== undefined && { p50Ms: toMs(p50Us) }),
    ...(maxUs !== undefined && { maxMs: toMs(maxUs) }),
    ...(cpuPercent !== undefined && { cpuPercent }),
  };
}
