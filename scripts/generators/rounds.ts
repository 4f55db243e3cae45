import type { Figure } from "./results.ts";
import type { Entrant, LineUp } from "./available-tools.ts";
import { measure, type Cost } from "./measure.ts";

/** One entrant's turn in a round, counted from 1. */
export interface Turn {
  title: string;
  entrant: Entrant;
  connections: number;
  round: number;
}

/** What a turn that others disturb is tried again for. */
const mostTries = 3;

/** What others may use, in percent of one core, before a figure is to be doubted. */
const foreignPercent = 20;

/** Everybody once, then everybody once more: what the machine does in between falls on all of them. */
export function planTurns(lines: readonly LineUp[], connections: readonly number[], rounds: number): Turn[] {
  return Array.from({ length: rounds }, (_, i) =>
    lines.flatMap(({ group: { title }, entrants }) =>
      connections.flatMap((count) => entrants.map((entrant) => ({ title, entrant, connections: count, round: i + 1 }))),
    ),
  ).flat();
}

/** Whether others on the machine used more than is good for a figure. */
export function isDisturbed({ foreign_cpu_percent }: Pick<Figure, "foreign_cpu_percent">): boolean {
  return foreign_cpu_percent > foreignPercent;
}

/**
 * Takes a turn of `windowS` measured seconds, in a closed loop where there is no rate; where others disturb it, again at once, three times
 * at most: the least disturbed figure counts. Rejects as `measure` does.
 */
export async function take(
  turn: Turn,
  ratePerS: number | undefined,
  windowS: number,
  signal: AbortSignal,
): Promise<Figure> {
  const { entrant, connections } = turn;
  const taken: Figure[] = [];
  while (taken.length < mostTries && taken.every(isDisturbed)) {
    const cost = await measure(entrant, { connections, ratePerS: ratePerS ?? 0, windowS }, signal);
    taken.push(figureOf(turn, ratePerS, cost));
  }
  return taken.toSorted((one, other) => one.foreign_cpu_percent - other.foreign_cpu_percent)[0]!;
}

function figureOf({ title, entrant, connections, round }: Turn, rate: number | undefined, cost: Cost): Figure {
  const percent = (cpuUs: number): number => cpuUs / 1e4 / cost.seconds;
  return {
    group: title,
    peer: entrant.name,
    version: entrant.found,
    connections,
    offered_per_s: rate,
    round,
    round_trips: cost.roundTrips,
    seconds: cost.seconds,
    cpu_us_per_round_trip: cost.cpuUs / cost.roundTrips,
    generator_cpu_percent: percent(cost.cpuUs),
    server_cpu_percent: percent(cost.serverCpuUs),
    foreign_cpu_percent: percent(cost.foreignCpuUs),
  };
}
