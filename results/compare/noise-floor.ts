import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorMessage, UserError } from "../../scenarios/lib/errors.ts";
import { median } from "../statistics/median.ts";
import { hodgesLehmann } from "../statistics/hodges-lehmann.ts";
import builtIn from "./noise-floors.json" with { type: "json" };
import { pairTransports } from "./pairing.ts";
import { isDeliveryCount, testedMetrics, metricSamples, type TestedMetric, type MetricSample } from "./samples.ts";
import type { RecordedRows } from "./baseline.ts";

const noiseFloorFile = z.object({
  measured_on: z.string(),
  cpu: z.string(),
  runs: z.number(),
  command: z.string(),
  columns: z.partialRecord(
    z.enum(testedMetrics.filter((metric) => !isDeliveryCount(metric))),
    z.number().nonnegative(),
  ),
});

/**
 * The noise floor: the largest shift between separate runs of the same build, in percent of the median, per column; and
 * its origin.
 */
export type NoiseFloor = z.infer<typeof noiseFloorFile>;

/**
 * Reads a noise floor that `--measure-noise` wrote, or the built-in one. Throws a UserError where the file cannot be
 * read.
 */
export function readNoiseFloor(path?: string): NoiseFloor {
  try {
    return noiseFloorFile.parse(path === undefined ? builtIn : JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const why = issue ? `${issue.path.join(".")}: ${issue.message}` : errorMessage(error);
    throw new UserError(`Cannot read the noise floor in ${path}: ${why}. Write such a file with --measure-noise.`, {
      cause: error,
    });
  }
}

/** The noise floor of a metric in percent; 0 where none was measured, so that the test alone decides. */
export function noiseFloorPercent(noiseFloor: NoiseFloor, metric: TestedMetric): number {
  return noiseFloor.columns[metric as keyof NoiseFloor["columns"]] ?? 0;
}

/**
 * The noise floor of two or more runs of the same build, over all pairs of runs and all trials that they share. Throws
 * a UserError where there are not two separate runs, or these share no trial.
 */
export function measureNoise(runs: readonly RecordedRows[]): NoiseFloor {
  const [first] = runs;
  const runIds = new Set(runs.map(({ rows }) => rows[0]!.run_id));
  if (!first || runIds.size < runs.length || runs.length < 2)
    throw new UserError("A noise floor needs two or more separate runs of the same build. Name their CSVs.");
  const samples = runs.flatMap((run, i) =>
    runs.slice(i + 1).flatMap((other) => pairTransports(run.rows, other.rows, []).pairs.flatMap(metricSamples)),
  );
  const columns = Object.fromEntries(
    testedMetrics
      .filter((metric) => !isDeliveryCount(metric))
      .map((metric) => [metric, largest(samples.filter((sample) => sample.metric === metric))] as const)
      .filter(([, percent]) => percent !== undefined),
  );
  if (Object.keys(columns).length === 0)
    throw new UserError("These runs share no trial. Run the same command twice or more.");
  return {
    measured_on: first.rows[0]!.started_at?.slice(0, 10) ?? "unknown",
    cpu: first.record?.environment.cpu ?? "unknown",
    runs: runs.length,
    command: [...new Set(runs.map(commandOf))].join("; "),
    columns,
  };
}

/** The command of a run, without the file that it wrote. */
function commandOf({ record }: RecordedRows): string {
  const words = record?.command ?? ["unknown"];
  return words.filter((word, i) => word !== "--out" && words[i - 1] !== "--out").join(" ");
}

/**
 * The largest shift in percent, rounded up to a tenth because a shift must exceed it; undefined where no sample depends
 * on chance.
 */
function largest(samples: readonly MetricSample[]): number | undefined {
  const shifts = samples
    .filter(({ by }) => by === "statistics")
    .map(({ before, after }) => {
      const [shift, centre] = [hodgesLehmann(before, after)!.shift, median(before)!];
      return centre === 0 ? 0 : Math.abs((100 * shift) / centre);
    });
  return shifts.length === 0 ? undefined : Math.ceil(10 * Math.max(...shifts)) / 10;
}
