import type { LinearClock } from "../lib/clock.ts";
import { offsetAt, type ClockFit } from "./clock-fit.ts";

/** How the clock of a host relates to that of the bench. Plain data: the processes of the host get it. */
export interface ClockRelation extends LinearClock {
  /** Most by which it is wrong while it was measured. */
  errorUs: number;
  /** The part of the error that comes from the host. The rest comes from the bench, and is the same for all hosts. */
  ownErrorUs: number;
  /** Length of time over which it was measured, in microseconds. */
  spanUs: number;
}

/** The clock of the bench itself, and of everything on its host. */
export const sameClock: ClockRelation = {
  offsetUs: 0,
  ppm: 0,
  atUs: 0,
  errorUs: 0,
  ownErrorUs: 0,
  spanUs: Number.MAX_VALUE,
};

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
    ownErrorUs: host.errorUs,
    spanUs: host.toUs - host.fromUs,
  };
}

/**
 * Most by which a time from one of these hosts to another is wrong, `laterUs` after their clocks were measured: the two
 * largest errors of their own. A line that is wrong by e at both ends of what was measured goes on with the same slope.
 * 0 for one host. Pure.
 */
export function errorBetween(relations: readonly ClockRelation[], laterUs: number): number {
  if (relations.length < 2) return 0;
  const errors = relations.map(({ ownErrorUs, spanUs }) => ownErrorUs * (1 + (2 * laterUs) / spanUs));
  const [largest = 0, second = 0] = errors.toSorted((one, other) => other - one);
  return Math.ceil(largest + second);
}

/** The clock of a host in a window: the relation that its processes used, and the one found after the window. */
export interface UsedClock {
  used: ClockRelation;
  found: ClockRelation;
  /** The window, in the host's own times. */
  t0Us: number;
  t1Us: number;
}

/**
 * Error of the latencies of a window between hosts: the largest of any two. That of two hosts is the errors of both, and
 * what the relation of the one changed by at T0 or at T1 beyond that of the other: what all changed by, as the bench did,
 * is in no latency. 0 for one host. Pure.
 */
export function errorOfWindow(clocks: readonly UsedClock[]): number {
  const changes = clocks.map(({ used, found, t0Us, t1Us }) =>
    [t0Us, t1Us].map((atUs) => offsetAt(used, atUs) - offsetAt(found, atUs)),
  );
  let most = 0;
  for (const [i, one] of changes.entries())
    for (const [k, other] of changes.slice(0, i).entries()) {
      const change = Math.max(...one.map((us, edge) => Math.abs(us - other[edge]!)));
      most = Math.max(most, clocks[i]!.found.ownErrorUs + clocks[k]!.found.ownErrorUs + change);
    }
  return Math.ceil(most);
}
