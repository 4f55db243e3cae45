import { median } from "../statistics/median.ts";
import type { Row } from "../model/columns.ts";
import { loadOf, type SizedLoad, type CostModel } from "./model.ts";
import { groupByLoad, type Observation } from "./observations.ts";

/** Latencies between which those of a load are expected, and the loads they were measured at. What a load lacks is unknown. */
export interface InterpolatedLatency {
  p50Us: [number, number] | undefined;
  p99Us: [number, number] | undefined;
  /** As many words as it takes to recognise them: "10 messages/s to rooms of 1,000". */
  loads: string[];
}

/** Rooms, payloads and busy shares that differ by less than this factor are of a kind. */
const alike = 2;

/**
 * The latencies of the measured loads next below and above one server process that is so busy (0 to 1), in rooms and with payloads alike.
 * Undefined where there is none on either side: latency is never extrapolated.
 */
export function interpolateLatency(model: CostModel, load: SizedLoad, busy: number): InterpolatedLatency | undefined {
  const near = groupByLoad(model.observations)
    .filter(([one]) => isAlike(loadOf(one!), load))
    .map((repeats) => ({ repeats, busy: median(repeats.map(({ cpuPerS }) => cpuPerS))! }))
    .toSorted((a, b) => a.busy - b.busy);
  const below = near.findLast((each) => each.busy <= busy);
  const above = near.find((each) => each.busy >= busy);
  if (!below || !above) return undefined;
  const between = below === above ? [below.repeats] : [below.repeats, above.repeats];
  return {
    p50Us: span(between, ({ latency_p50_us: us }) => us),
    p99Us: span(between, ({ latency_p99_us: us }) => us),
    loads: between.map(([one]) => named(one!)),
  };
}

function isAlike(one: SizedLoad, other: SizedLoad): boolean {
  const within = (a: number, b: number): boolean => a <= alike * b && b <= alike * a;
  return within(one.roomSize, other.roomSize) && within(one.payloadBytes, other.payloadBytes);
}

function span(
  loads: readonly (readonly Observation[])[],
  of: (row: Row) => number | undefined,
): [number, number] | undefined {
  const values = loads.map((repeats) => median(repeats.flatMap(({ row }) => of(row) ?? [])));
  return values.every((value) => value !== undefined) ? [Math.min(...values), Math.max(...values)] : undefined;
}

function named({ row: { clients = 0, rooms = 0, offered_per_s: perS = 0 } }: Observation): string {
  const members = clients / Math.max(1, rooms);
  const whom =
    members === 1 ? `of ${clients.toLocaleString("en")} clients` : `to ${members.toLocaleString("en")} clients`;
  return `${perS.toLocaleString("en")} messages/s ${whom}`;
}
