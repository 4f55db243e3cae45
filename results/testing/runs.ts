import { seededRandom } from "../../scenarios/lib/random.ts";
import type { Row } from "../model/columns.ts";
import { testKeys, testMeasurement } from "./measurement.ts";
import type { RunRecord } from "../files/run-record.ts";
import { buildRow } from "../rows/row.ts";
import type { RecordedRows } from "../compare/baseline.ts";

const { latency_p999_us: _p999, latency_histogram: _histogram, ...validRow } = buildRow(testKeys, testMeasurement());

/** Properties of a made-up run. */
interface MadeUpRun {
  repeats?: number;
  /** Seed of the random differences between repeats. */
  seed?: number;
  /** Factors on the usual values. */
  slower?: Partial<Record<"latency_p50_us" | "latency_p99_us" | "server_cpu_us_per_delivery", number>>;
  changes?: Row;
}

/** Repeats of one trial whose primary metrics differ by up to 2 %, as on an otherwise idle machine. */
export function runRows({ repeats = 6, seed = 1, slower = {}, changes = {} }: MadeUpRun = {}): Row[] {
  const next = seededRandom(seed);
  const noisy = (usual: number, factor = 1): number =>
    Number((usual * factor * (1 + 0.02 * (next() + next() - 1))).toFixed(2));
  return Array.from({ length: repeats }, (_, i) => ({
    ...validRow,
    run_id: `run ${seed}`,
    started_at: `2025-01-02T03:${10 + i}:${10 + (seed % 50)}.000Z`,
    repeat: i + 1,
    status: "valid",
    latency_p50_us: Math.round(noisy(100_000, slower.latency_p50_us)),
    latency_p99_us: Math.round(noisy(300_000, slower.latency_p99_us)),
    server_cpu_us_per_delivery: noisy(12, slower.server_cpu_us_per_delivery),
    ...changes,
  }));
}

/** Rows as one side of a comparison, without a run record by default. */
export function runSide(rows: Row[], path = "a.csv", record?: RunRecord): RecordedRows {
  return { path, build: rows[0]!.build, rows, record, warnings: [] };
}

/** Record of a run. */
export function runRecordOf(
  changes: Partial<RunRecord> = {},
  environment: Partial<RunRecord["environment"]> = {},
): RunRecord {
  return {
    run_id: "run 1",
    command: ["--scenario", "chat-100"],
    environment: {
      harness: { version: "0.1.0", commit: "0123abcdef", changed: false },
      node: "v20.19.0",
      libraries: { ws: "8.18.0", undici: "7.0.0" },
      bufferutil: false,
      os: "Linux 6.1",
      arch: "x64",
      cpu: "Pretend CPU",
      cores: 4,
      memory_mib: 8192,
      congestion_control: "cubic",
      descriptor_limit: 1024,
      load_average: [0.1, 0.1, 0.1],
      ...environment,
    },
    options: { ws: { queueBytes: 100 } },
    trials: [
      { transport: "ws", repeat: 1, settings: { workers: 1, warmupMs: 1000, seed: 1, precise: true, clients: 10 } },
    ],
    ...changes,
  };
}
