import type { RoundResult } from "./results.ts";
import type { AvailableTool, AvailableGroup } from "./available-tools.ts";
import { measureTool, type ToolCost } from "./measure.ts";

/** One entrant's turn in a round, counted from 1. */
export interface PlannedRound {
  title: string;
  entrant: AvailableTool;
  connections: number;
  round: number;
}

/** What a turn that others disturb is tried again for. */
const mostTries = 3;

/** What others may use, in percent of one core, before a figure is to be doubted. */
const foreignPercent = 20;

/** Everybody once, then everybody once more: what the machine does in between falls on all of them. */
export function planRounds(
  lines: readonly AvailableGroup[],
  connections: readonly number[],
  rounds: number,
): PlannedRound[] {
  return Array.from({ length: rounds }, (_, i) =>
    lines.flatMap(({ group: { title }, tools }) =>
      connections.flatMap((count) => tools.map((tool) => ({ title, entrant: tool, connections: count, round: i + 1 }))),
    ),
  ).flat();
}

/** Whether others on the machine used more than is good for a figure. */
export function isDisturbed({ other_cpu_percent }: Pick<RoundResult, "other_cpu_percent">): boolean {
  return other_cpu_percent > foreignPercent;
}

/**
 * Takes a turn of `windowS` measured seconds, in a closed loop where there is no rate; where others disturb it, again at once, three times
 * at most: the least disturbed figure counts. Rejects as `measure` does.
 */
export async function runRound(
  turn: PlannedRound,
  ratePerS: number | undefined,
  windowS: number,
  signal: AbortSignal,
): Promise<RoundResult> {
  const { entrant: tool, connections } = turn;
  const taken: RoundResult[] = [];
  while (taken.length < mostTries && taken.every(isDisturbed)) {
    const cost = await measureTool(tool, { connections, ratePerS: ratePerS ?? 0, windowS }, signal);
    taken.push(figureOf(turn, ratePerS, cost));
  }
  return taken.toSorted((one, other) => one.other_cpu_percent - other.other_cpu_percent)[0]!;
}

function figureOf(
  { title, entrant: tool, connections, round }: PlannedRound,
  rate: number | undefined,
  cost: ToolCost,
): RoundResult {
  const percent = (cpuUs: number): number => cpuUs / 1e4 / cost.seconds;
  return {
    group: title,
    peer: tool.name,
    version: tool.found,
    connections,
    offered_per_s: rate,
    round,
    round_trips: cost.roundTrips,
    seconds: cost.seconds,
    cpu_us_per_round_trip: cost.cpuUs / cost.roundTrips,
    generator_cpu_percent: percent(cost.cpuUs),
    server_cpu_percent: percent(cost.serverCpuUs),
    other_cpu_percent: percent(cost.foreignCpuUs),
  };
}
