import { median } from "simple-statistics";

/** One measurement of one peer, as the CSV has it. */
export interface RoundResult {
  group: string;
  peer: string;
  version: string;
  connections: number;
  /** Round trips per second that it was told to make; undefined in a closed loop. */
  offered_per_s: number | undefined;
  /** From 1. */
  round: number;
  round_trips: number;
  seconds: number;
  cpu_us_per_round_trip: number;
  generator_cpu_percent: number;
  server_cpu_percent: number;
  /** Others on the machine, of one core. */
  other_cpu_percent: number;
}

/** The columns of the CSV, in order. */
export const roundColumns: Record<keyof RoundResult, true> = {
  group: true,
  peer: true,
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

/** One peer over all rounds. */
export interface ToolSummary {
  peer: string;
  version: string;
  /** Medians over the rounds. */
  roundTripsPerS: number;
  cpuUs: number;
  /** CPU time per round trip as a multiple of the baseline's of the same round; undefined where no round has both. */
  ratio: { median: number; least: number; most: number } | undefined;
}

/**
 * The peers of one group at one number of connections, in the order of their first figures. Ratios are taken round by round, so that what
 * slows the machine down in one round slows both sides of a ratio. The baseline is the first of `baselines` that has a figure.
 */
export function summarise(figures: readonly RoundResult[], baselines: readonly string[]): ToolSummary[] {
  const of = (name: string): RoundResult[] => figures.filter(({ peer: tool }) => tool === name);
  const baseline = of(baselines.find((name) => of(name).length > 0) ?? "");
  const ratioOf = (figure: RoundResult): number[] =>
    baseline
      .filter(({ round }) => round === figure.round)
      .map((base) => figure.cpu_us_per_round_trip / base.cpu_us_per_round_trip);
  return [...new Set(figures.map(({ peer: tool }) => tool))].map((tool) => {
    const own = of(tool);
    const ratios = own.flatMap(ratioOf);
    return {
      peer: tool,
      version: own[0]!.version,
      roundTripsPerS: median(own.map(({ round_trips, seconds }) => round_trips / seconds)),
      cpuUs: median(own.map((figure) => figure.cpu_us_per_round_trip)),
      ratio:
        ratios.length > 0
          ? { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }
          : undefined,
    };
  });
}
