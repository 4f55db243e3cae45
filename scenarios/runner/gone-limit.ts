import { setTimeout as delay } from "node:timers/promises";
import { countGone, droppedText, refusedText } from "../../results/rows/gone-text.ts";
import type { GoneClient } from "../workload/gone-client.ts";
import { measureGone } from "./measure-gone.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** Time after the limit is exceeded in which others go for the same reason, or a dead process is found to be the cause. */
const gatherMs = 300;

/** A trial as its limit of refused and dropped clients needs it. */
export interface GonePlan {
  clients: number;
  durationS: number;
  /** Most clients that may be refused or dropped. */
  mostGone: number;
}

/** Watches how many clients of a trial are refused or dropped. */
export interface GoneLimit {
  /** So many are gone. Ends the trial where these are too many. */
  seen(count: number): void;
  /**
   * Reads the clients that are gone. Rejects with a sentence where these are too many, or where not one client is left
   * before the window.
   */
  check(): Promise<readonly GoneClient[]>;
  /** The window begins at T0. */
  start(t0Us: number): void;
}

/** The limit of a trial with these processes. `abort` ends it with the reason. */
export function openGoneLimit(
  plan: GonePlan,
  { callWorkers }: Pick<TrialProcesses, "callWorkers">,
  abort: (reason: Error) => void,
): GoneLimit {
  let t0Us = Infinity;
  let isExceeded = false;

  async function check(): Promise<readonly GoneClient[]> {
    const gone = (await callWorkers("gone", undefined)).flat();
    const nobodyLeft = gone.length === plan.clients && gone.every(({ atUs }) => atUs < t0Us);
    if (gone.length > plan.mostGone || nobodyLeft) throw new Error(tooManyGone(gone, plan, t0Us));
    return gone;
  }

  return {
    seen(count) {
      if (isExceeded || count <= plan.mostGone) return;
      isExceeded = true;
      void delay(gatherMs, undefined, { ref: false }).then(check).catch(abort);
    },
    check,
    start: (at) => void (t0Us = at),
  };
}

/** A sentence without a full stop: how many clients are gone, when and why, and how many may be. */
export function tooManyGone(gone: readonly GoneClient[], plan: GonePlan, t0Us: number): string {
  const measured = measureGone(gone, t0Us);
  const clauses = [
    ...(countGone(measured.refused) > 0 ? [refusedText(measured, plan)] : []),
    ...(countGone(measured.dropped) > 0 ? [droppedText(measured, plan)] : []),
  ];
  const isOverLimit = plan.mostGone > 0 && gone.length > plan.mostGone;
  return clauses.join("; ") + (isOverLimit ? `; --drops allows ${plan.mostGone.toLocaleString("en")}` : "");
}
