import type { LinearClock } from "../lib/clock.ts";
import { offsetAt, type ClockFit } from "./clock-fit.ts";

/** How the clock of a host relates to that of the bench. Plain data: the processes of the host get it. */
export interface ClockRelation extends LinearClock {
  /** Most by which it is wrong while it was measured. */
  errorUs: number;
}

/** The clock of the bench itself, and of everything on its host. */
export const sameClock: ClockRelation = { offsetUs: 0, ppm: 0, atUs: 0, errorUs: 0 };

/**
 * The relation of two hosts that have both read the same reference clock. The errors of both add; those of the reference
 * clock cancel. Pure.
 */
export function relate(host: ClockFit, bench: ClockFit): ClockRelation {
  const referenceUs = host.atUs + host.offsetUs;
  // The time of the bench at which the reference clock shows this: found by two steps, since drifts are small.
  let benchUs = referenceUs - bench.offsetUs;
  for (let step = 0; step < 2; step++) benchUs = referenceUs - offsetAt(bench, benchUs);
  const rate = (1 + host.ppm / 1e6) / (1 + bench.ppm / 1e6);
  return {
    offsetUs: benchUs - host.atUs,
    ppm: (rate - 1) * 1e6,
    atUs: host.atUs,
    errorUs: host.errorUs + bench.errorUs,
  };
}

/**
 * Error of the latencies of a window between hosts: the two largest errors of their clocks together. Each host has the
 * relation that its processes used, and the one that was found after the window from samples that go through all of it;
 * what these two differ by at T0 or at T1 is part of the error. Times are the host's own. Pure.
 */
export function errorOfWindow(
  hosts: readonly { used: ClockRelation; found: ClockRelation; t0Us: number; t1Us: number }[],
): number {
  const errors = hosts.map(({ used, found, t0Us, t1Us }) => {
    const change = [t0Us, t1Us].map((atUs) => Math.abs(offsetAt(used, atUs) - offsetAt(found, atUs)));
    return found.errorUs + Math.max(...change);
  });
  const [largest = 0, second = 0] = errors.toSorted((one, other) => other - one);
  return Math.ceil(largest + second);
}
