import { median } from "../../results/statistics/median.ts";

/** Result of one tool in one round: a line of the CSV. */
export interface RoundResult {
  group: string;
  tool: string;
  version: string;
  connections: number;
  /** Round trips per second that were requested. Undefined in a closed loop. */
  offered_per_s: number | undefined;
  /** Number of the round, from 1. */
  round: number;
  round_trips: number;
  seconds: number;
  cpu_us_per_round_trip: number;
  generator_cpu_percent: number;
  server_cpu_percent: number;
  /** CPU of all other programs, in percent of one core. */
  other_cpu_percent: number;
}

/** Columns of the CSV, in order. */
export const roundColumns: Record<keyof RoundResult, true> = {
  group: true,
  tool: true,
  version: true,
  connections: true,
  offered_per_s: true,
  round: true,
  round_trips: true,
  seconds: true,
  cpu_us_per_round_trip: true,
  generator_cpu_percent: true,
  server_cpu_percent: true,
  other_cpu_percent: true,
};

/** Summary of one tool over all rounds. */
export interface ToolSummary {
  tool: string;
  version: string;
  /** Median over the rounds. */
  roundTripsPerS: number;
  /** CPU time per round trip, median over the rounds. */
  cpuUs: number;
  /** CPU time per round trip as a multiple of the baseline's in the same round. Undefined where no round has both. */
  ratio: { median: number; least: number; most: number } | undefined;
}

/**
 * Summaries of the tools of one group at one number of connections, in the order of their first results. The baseline
 * is the first of `baselines` that has a result. A ratio compares two tools within a round, so a slow round is slow for
 * both.
 */
export function summariseTools(results: readonly RoundResult[], baselines: readonly string[]): ToolSummary[] {
  const resultsOf = (name: string): RoundResult[] => results.filter(({ tool }) => tool === name);
  const baseline = resultsOf(baselines.find((name) => resultsOf(name).length > 0) ?? "");
  const ratiosOf = (result: RoundResult): number[] =>
    baseline
      .filter(({ round }) => round === result.round)
      .map((base) => result.cpu_us_per_round_trip / base.cpu_us_per_round_trip);
  return [...new Set(results.map(({ tool }) => tool))].map((tool) => {
    const ofTool = resultsOf(tool);
    const ratios = ofTool.flatMap(ratiosOf);
    const medianRatio = median(ratios);
    return {
      tool,
      version: ofTool[0]!.version,
      roundTripsPerS: median(ofTool.map(({ round_trips, seconds }) => round_trips / seconds))!,
      cpuUs: median(ofTool.map((result) => result.cpu_us_per_round_trip))!,
      ratio:
        medianRatio === undefined
          ? undefined
          : { median: medianRatio, least: Math.min(...ratios), most: Math.max(...ratios) },
    };
  });
}
