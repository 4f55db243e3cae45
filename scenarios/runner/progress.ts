import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../lib/clock.ts";
import { emptyTally } from "../load/delivery-ledger.ts";
import type { WorkerProgress } from "../load/virtual-clients.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** Phase of a trial, as a person sees it. */
export type Phase = "starting" | "connecting" | "verifying" | "warming up" | "measuring" | "draining";

/** Progress of a trial for a person who watches it. */
export interface ProgressView {
  phase: Phase;
  clients: number;
  connected: number;
  /** First deliveries in the window so far. */
  deliveries: number;
  /** Messages that the clients have sent so far, those of the warm-up included. */
  sent: number;
  /** When these were counted, and when the phase began, in microseconds on the host's clock. */
  countedUs: number;
  phaseFromUs: number;
  /** Seconds until the phase ends; undefined where that is open. */
  secondsLeft: number | undefined;
}

/** Reports the progress of one trial. */
export interface ProgressWatch {
  /** A phase begins. It ends at `untilUs`, where that is known. */
  enter(phase: Phase, untilUs?: number): void;
  stop(): void;
}

/** Time in which workers must answer. Otherwise the last known counts are shown. */
const answerMs = 500;

/** Calls `show` at each change of phase, and once a second; then also `seen` with the number of clients that are gone. */
export function watchProgress(
  processes: Pick<TrialProcesses, "progress">,
  clients: number,
  show: (view: ProgressView) => void,
  seen: (gone: number) => void,
): ProgressWatch {
  let phase: Phase = "starting";
  let phaseFromUs = nowUs();
  let endUs: number | undefined;
  let stopped = false;
  /** The last known counts: a paused worker does not answer. */
  let counts: Pick<WorkerProgress, "connected" | "sent" | "tally"> = { connected: 0, sent: 0, tally: emptyTally };
  let countedUs = phaseFromUs;

  async function report(): Promise<void> {
    // Servers are not called while their CPU time is measured.
    const reading = processes.progress(phase === "draining").then((progress) => {
      counts = progress;
      countedUs = nowUs();
      return stopped ? undefined : seen(progress.gone);
    });
    await Promise.race([reading, delay(answerMs)]);
    if (stopped) return;
    const { connected, sent, tally } = counts;
    const secondsLeft = endUs === undefined ? undefined : Math.max(0, Math.round((endUs - nowUs()) / 1e6));
    const deliveries = tally.windowDeliveries;
    show({ phase, clients, connected, deliveries, sent, countedUs, phaseFromUs, secondsLeft });
  }
  const reportSafely = (): void => void report().catch(() => undefined);
  const timer = setInterval(reportSafely, 1000);

  return {
    enter(next, untilUs) {
      phase = next;
      phaseFromUs = nowUs();
      endUs = untilUs;
      reportSafely();
    },
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
