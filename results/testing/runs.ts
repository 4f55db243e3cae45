import { seededRandom } from "../../scenarios/lib/random.ts";
import type { Row } from "../model/columns.ts";
import { testKeys, testMeasurement } from "./measurement.ts";
import type { RunRecord } from "../files/run-record.ts";
import { buildRow } from "../rows/row.ts";
import type { RecordedRows } from "../compare/baseline.ts";

const { latency_p999_us: _p999, latency_histogram: _histogram, ...sound } = buildRow(testKeys, testMeasurement());

/** What a made run is to be: how many repeats, what all chance follows from, and by how much its times are off the usual ones. */
interface Made {
  repeats?: number;
  seed?: number;
  slower?: Partial<Record<"latency_p50_us" | "latency_p99_us" | "server_cpu_us_per_delivery", number>>;
  changes?: Row;
}

/** Rows of one trial's repeats whose primary metrics are off by a few percent, as a quiet machine's are. */
export function runRows({ repeats = 6, seed = 1, slower = {}, changes = {} }: Made = {}): Row[] {
  const next = seededRandom(seed);
  const noisy = (usual: number, factor = 1): number =>
    Number((usual * factor * (1 + 0.02 * (next() + next() - 1))).toFixed(2));
  return Array.from({ length: repeats }, (_, i) => ({
    ...sound,
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

/** Rows as a side of a comparison, without a record unless one is given. */
export function runSide(rows: Row[], path = "a.csv", record?: RunRecord): RecordedRows {
  return { path, build: rows[0]!.build, rows, record, warnings: [] };
}

/** What a run records of itself. */
export function runRecordOf(
  changes: Partial<RunRecord> = {},
  place: Partial<RunRecord["environment"]> = {},
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
      ...place,
    },
    options: { ws: { queueBytes: 100 } },
    trials: [
      { transport: "ws", repeat: 1, settings: { workers: 1, warmupMs: 1000, seed: 1, precise: true, clients: 10 } },
    ],
    ...changes,
  };
}
