import type { Settings } from "../../../scenarios/definitions/settings.ts";
import type { ProgressView } from "../../../scenarios/runner/progress.ts";

/** Rates between two counts in the window of a trial. */
export interface RatePoint {
  /** Time of the second count, in seconds from T0. */
  second: number;
  /** Deliveries per second; undefined where the server receives, which is not asked while its CPU is measured. */
  delivered?: number;
  /** Messages per second that the clients sent; undefined where they do not send. */
  sent?: number;
}

/** Counts that are closer make no point: their rate would be noise. */
const shortestUs = 500_000;

/** A function that is given each view of a trial in turn, and returns the point that follows from it, if one does. */
export function openRates({
  app,
  senderSide = "clients",
  durationMs,
}: Pick<Settings, "app" | "senderSide" | "durationMs">): (view: ProgressView) => RatePoint | undefined {
  let t0Us: number | undefined;
  let before: { atUs: number; deliveries: number; sent: number } | undefined;
  return ({ phase, phaseFromUs, countedUs, deliveries, sent }) => {
    if (phase === "measuring") t0Us ??= phaseFromUs;
    if (t0Us === undefined || countedUs < t0Us) return undefined;
    const atUs = Math.min(countedUs, t0Us + durationMs * 1000);
    const now = { atUs, deliveries, sent };
    if (before && atUs - before.atUs < shortestUs) return undefined;
    const earlier = before;
    before = now;
    if (!earlier) return undefined;
    const perS = (count: number): number => Math.round(count / ((atUs - earlier.atUs) / 1e6));
    return {
      second: Math.round((atUs - t0Us) / 1e5) / 10,
      ...(app !== "ingest" && { delivered: perS(deliveries - earlier.deliveries) }),
      ...(senderSide !== "server" && { sent: perS(sent - earlier.sent) }),
    };
  };
}
