import { median } from "../statistics/median.ts";
import type { Row } from "../model/columns.ts";
import { loadOf, type SizedLoad, type CostModel } from "./model.ts";
import { groupObservations, type Observation } from "./observations.ts";

/**
 * Range of latencies that is expected at a load, and the measured loads it comes from. A percentile that a load lacks
 * is undefined.
 */
export interface InterpolatedLatency {
  p50Us: [number, number] | undefined;
  p99Us: [number, number] | undefined;
  /** The loads in words: "10 messages/s to 1,000 clients". */
  loads: string[];
}

/** Factor up to which rooms and payloads of two loads count as similar. */
const similarFactor = 2;

/**
 * Latencies of the two measured loads whose server utilisation is next below and next above `utilisation` (0 to 1),
 * among loads with similar rooms and payloads. Undefined where either is missing: latency is never extrapolated.
 */
export function interpolateLatency(
  model: CostModel,
  load: SizedLoad,
  utilisation: number,
): InterpolatedLatency | undefined {
  const similar = groupObservations(model.observations)
    .filter(([one]) => isSimilar(loadOf(one!), load))
    .map((repeats) => ({ repeats, utilisation: median(repeats.map(({ cpuPerS }) => cpuPerS))! }))
    .toSorted((a, b) => a.utilisation - b.utilisation);
  const below = similar.findLast((each) => each.utilisation <= utilisation);
  const above = similar.find((each) => each.utilisation >= utilisation);
  if (!below || !above) return undefined;
  const between = below === above ? [below.repeats] : [below.repeats, above.repeats];
  return {
    p50Us: span(between, ({ latency_p50_us: us }) => us),
    p99Us: span(between, ({ latency_p99_us: us }) => us),
    loads: between.map(([one]) => describeLoad(one!)),
  };
}

function isSimilar(one: SizedLoad, other: SizedLoad): boolean {
  const within = (a: number, b: number): boolean => a <= similarFactor * b && b <= similarFactor * a;
  return within(one.roomSize, other.roomSize) && within(one.payloadBytes, other.payloadBytes);
}

function span(
  loads: readonly (readonly Observation[])[],
  of: (row: Row) => number | undefined,
): [number, number] | undefined {
  const values = loads.map((repeats) => median(repeats.flatMap(({ row }) => of(row) ?? [])));
  return values.every((value) => value !== undefined) ? [Math.min(...values), Math.max(...values)] : undefined;
}

function describeLoad({ row: { clients = 0, rooms = 0, offered_per_s: perS = 0 } }: Observation): string {
  const members = clients / Math.max(1, rooms);
  const receivers =
    members === 1 ? `of ${clients.toLocaleString("en")} clients` : `to ${members.toLocaleString("en")} clients`;
  return `${perS.toLocaleString("en")} messages/s ${receivers}`;
}
