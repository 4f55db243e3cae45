import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../lib/clock.ts";
import type { TrialProcesses } from "./trial-processes.ts";
import { emptyTally } from "../load/delivery-ledger.ts";
import type { WorkerProgress } from "../load/virtual-clients.ts";

/** How long the workers' answers are waited for. */
const timeoutMs = 500;

/** Where a trial is. */
export type Phase = "starting" | "connecting" | "verifying" | "warming up" | "measuring" | "draining";

/** What a person who watches a trial wants to know. */
export interface ProgressView {
  phase: Phase;
  clients: number;
  connected: number;
  /** First deliveries in the measured window so far. */
  deliveries: number;
  /** Until the phase ends; undefined where that is open. */
  secondsLeft: number | undefined;
}

/** Shows where a trial is: at each change of phase, and once a second. */
export function watchProgress(processes: TrialProcesses, clients: number, show: (view: ProgressView) => void) {
  let phase: Phase = "starting";
  let endUs: number | undefined;
  let left = false;

  /** What was heard last: a worker that is stopped says nothing. */
  let received: Pick<WorkerProgress, "connected" | "tally"> = { connected: 0, tally: emptyTally };

  async function look(): Promise<void> {
    // A hub is not disturbed while its CPU time is measured.
    const hearing = processes.progress(phase === "draining").then((progress) => void (received = progress));
    await Promise.race([hearing, delay(timeoutMs)]);
    const { connected, tally } = received;
    if (left) return;
    const secondsLeft = endUs === undefined ? undefined : Math.max(0, Math.round((endUs - nowUs()) / 1e6));
    show({ phase, clients, connected, deliveries: tally.windowDeliveries, secondsLeft });
  }
  const glance = (): void => void look().catch(() => undefined);
  const timer = setInterval(glance, 1000);

  return {
    /** The trial has come to a new phase, which ends at that time where that is known. */
    enter(next: Phase, untilUs?: number) {
      phase = next;
      endUs = untilUs;
      glance();
    },
    leave() {
      left = true;
      clearInterval(timer);
    },
  };
}
