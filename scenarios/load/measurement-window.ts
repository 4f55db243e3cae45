/** Beginning and end of the window of a trial, on the host's clock. */
export interface WindowTimes {
  t0Us: number;
  t1Us: number;
}

/** Times of the load on the host's clock. Infinity until a time is agreed. */
export interface MeasurementWindow extends WindowTimes {
  /** Beginning of the warm-up. */
  startUs: number;
}

/** Phase of a trial as one of its processes knows it. */
export type LoadPhase = "connecting" | "warming up" | "measuring";

/** A window of which no time is agreed yet. */
export function openWindow(): MeasurementWindow {
  return { startUs: Infinity, t0Us: Infinity, t1Us: Infinity };
}

/** The phase that the agreed times stand for: "measuring" from the moment on in which this process knows T0. */
export function phaseOf({ startUs, t0Us }: MeasurementWindow): LoadPhase {
  if (startUs === Infinity) return "connecting";
  return t0Us === Infinity ? "warming up" : "measuring";
}
