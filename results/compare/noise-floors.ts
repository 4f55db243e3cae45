import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorMessage, UserError } from "../../scenarios/lib/errors.ts";
import { median } from "../statistics/median.ts";
import { hodgesLehmann } from "../statistics/hodges-lehmann.ts";
import builtIn from "./noise-floors.json" with { type: "json" };
import { pairTransports } from "./pairing.ts";
import { testedMetrics, metricSamples, type TestedMetric, type MetricSample } from "./samples.ts";
import type { RecordedRows } from "./baseline.ts";

const floorsFile = z.object({
  measured_on: z.string(),
  cpu: z.string(),
  runs: z.number(),
  command: z.string(),
  columns: z.partialRecord(z.enum(testedMetrics), z.number().nonnegative()),
});

/** The largest shift seen between separate runs of the same thing, in percent of the median, per column; and where that was. */
export type NoiseFloors = z.infer<typeof floorsFile>;

/** Floors that were measured with `--measure-noise`, or the built-in ones. Throws a UserError where the file is none. */
export function readNoiseFloors(path?: string): NoiseFloors {
  try {
    return floorsFile.parse(path === undefined ? builtIn : JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const why = issue ? `${issue.path.join(".")}: ${issue.message}` : errorMessage(error);
    throw new UserError(`Cannot read the floors in ${path}: ${why}. Write them with --measure-noise.`, {
      cause: error,
    });
  }
}

/** The floor of a metric in percent; 0 where none was measured, so that the test alone decides. */
export function noiseFloorOf(floors: NoiseFloors, metric: TestedMetric): number {
  return floors.columns[metric as keyof NoiseFloors["columns"]] ?? 0;
}

/**
 * The floors that runs of the same thing show, over all pairs of runs and all trials that they share. Throws a UserError where there are
 * not two runs that share one.
 */
export function measureNoise(runs: readonly RecordedRows[]): NoiseFloors {
  const [first] = runs;
  const separate = new Set(runs.map(({ rows }) => rows[0]!.run_id));
  if (!first || separate.size < runs.length || runs.length < 2)
    throw new UserError("Floors are what separate runs of the same thing differ by: give two or more of them.");
  const samples = runs.flatMap((run, i) =>
    runs.slice(i + 1).flatMap((other) => pairTransports(run.rows, other.rows, []).pairs.flatMap(metricSamples)),
  );
  const columns = Object.fromEntries(
    testedMetrics
      .map((metric) => [metric, largest(samples.filter((sample) => sample.metric === metric))] as const)
      .filter(([, percent]) => percent !== undefined),
  );
  if (Object.keys(columns).length === 0)
    throw new UserError("These runs share no trial: run the same command twice or more.");
  return {
    measured_on: first.rows[0]!.started_at?.slice(0, 10) ?? "unknown",
    cpu: first.record?.environment.cpu ?? "unknown",
    runs: runs.length,
    command: [...new Set(runs.map(commandOf))].join("; "),
    columns,
  };
}

/** Where the rows went is nobody else's concern. */
function commandOf({ record }: RecordedRows): string {
  const words = record?.command ?? ["unknown"];
  return words.filter((word, i) => word !== "--out" && words[i - 1] !== "--out").join(" ");
}

/** Rounded up to a tenth, since a shift has to exceed it; undefined where it was never left to chance. */
function largest(samples: readonly MetricSample[]): number | undefined {
  const shifts = samples
    .filter(({ by }) => by === "statistics")
    .map(({ before, after }) => {
      const [shift, centre] = [hodgesLehmann(before, after)!.shift, median(before)!];
      return centre === 0 ? 0 : Math.abs((100 * shift) / centre);
    });
  return shifts.length === 0 ? undefined : Math.ceil(10 * Math.max(...shifts)) / 10;
}
