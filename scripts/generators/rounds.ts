import type { RoundResult } from "./results.ts";
import type { AvailableTool, AvailableGroup } from "./available-tools.ts";
import { measureTool, type ToolCost } from "./measure.ts";

/** Measurement of one tool in one round. */
export interface PlannedMeasurement {
  group: string;
  tool: AvailableTool;
  connections: number;
  /** Number of the round, from 1. */
  round: number;
}

/** Most attempts at a measurement that other programs disturb. */
const maxAttempts = 3;

/** CPU of other programs, in percent of one core, above which a result is not reliable. */
const disturbedPercent = 20;

/** Every tool once in each round, so that a change of the machine during the run affects all tools. */
export function planRounds(
  groups: readonly AvailableGroup[],
  connections: readonly number[],
  rounds: number,
): PlannedMeasurement[] {
  return Array.from({ length: rounds }, (_, i) =>
    groups.flatMap(({ group, tools }) =>
      connections.flatMap((count) =>
        tools.map((tool) => ({ group: group.title, tool, connections: count, round: i + 1 })),
      ),
    ),
  ).flat();
}

/** Tells whether other programs used so much CPU that the result is not reliable. */
export function isDisturbed({ other_cpu_percent }: Pick<RoundResult, "other_cpu_percent">): boolean {
  return other_cpu_percent > disturbedPercent;
}

/**
 * Measures one tool for `windowS` seconds, in a closed loop where `ratePerS` is undefined. A disturbed measurement is
 * repeated at once, up to three times in all, and the least disturbed result counts. Rejects as `measureTool` does.
 */
export async function runMeasurement(
  planned: PlannedMeasurement,
  ratePerS: number | undefined,
  windowS: number,
  signal: AbortSignal,
): Promise<RoundResult> {
  const { tool, connections } = planned;
  const results: RoundResult[] = [];
  while (results.length < maxAttempts && results.every(isDisturbed)) {
    const cost = await measureTool(tool, { connections, ratePerS: ratePerS ?? 0, windowS }, signal);
    results.push(toResult(planned, ratePerS, cost));
  }
  return results.toSorted((a, b) => a.other_cpu_percent - b.other_cpu_percent)[0]!;
}

function toResult(
  { group, tool, connections, round }: PlannedMeasurement,
  ratePerS: number | undefined,
  cost: ToolCost,
): RoundResult {
  const percent = (cpuUs: number): number => cpuUs / 1e4 / cost.seconds;
  return {
    group,
    tool: tool.name,
    version: tool.foundVersion,
    connections,
    offered_per_s: ratePerS,
    round,
    round_trips: cost.roundTrips,
    seconds: cost.seconds,
    cpu_us_per_round_trip: cost.cpuUs / cost.roundTrips,
    generator_cpu_percent: percent(cost.cpuUs),
    server_cpu_percent: percent(cost.serverCpuUs),
    other_cpu_percent: percent(cost.otherCpuUs),
  };
}
