import { expect, it } from "vitest";
import { columns, type ColumnName, type ColumnUse } from "./columns.ts";
import { testKeys } from "../testing/measurement.ts";

const names = Object.keys(columns) as ColumnName[];
const used = (...uses: ColumnUse[]): ColumnName[] => names.filter((name) => uses.includes(columns[name].use));

/** Columns that readers of result files may depend on, in this order. */
const promised =
  `run_id started_at repeat scenario transport clients rooms senders payload_bytes payload_kind offered_per_s
  duration_s network client status reasons error connect_p50_ms connect_p99_ms connects_per_s connect_bytes_in
  connect_bytes_out sent expected delivered lost duplicated reordered corrupted unexpected deliveries_per_s bottleneck
  latency_min_us latency_p50_us latency_p90_us latency_p99_us latency_p999_us latency_max_us latency_mean_us service_p50_us
  service_p99_us send_lag_p50_us send_lag_p99_us wire_bytes_in wire_bytes_out payload_bytes_in payload_bytes_out
  overhead_bytes_per_send overhead_bytes_per_delivery polls_answered deliveries_per_poll server_cpu_us_per_delivery
  server_cpu_percent server_rss_mib server_elu client_cpu_percent client_elu latency_histogram`.split(/\s+/);

const counts =
  "repeat clients rooms senders hosts server_processes sent expected delivered lost duplicated reordered corrupted unexpected clients_refused clients_dropped paused_expected paused_delivered paused_dropped affected noticed gave_up missed replayed unsaid polls_answered " +
  "tcp_retransmissions listen_overflows network_dropped netdev_backlog_drops worker_processes";

it("every published column name is there, in order", () => {
  expect(names.filter((name) => promised.includes(name))).toEqual(promised);
});

it("the name of a number ends in its unit, unless it is a plain count", () => {
  const unit = /_(us|ms|s|mib|percent|elu)$|_bytes$|_bytes_(in|out)$|^[a-z_]+_per_[a-z]+$/;
  const numbers = names.filter((name) => columns[name].type === "number");
  expect(numbers.filter((name) => !unit.test(name))).toEqual(counts.split(" "));
});

it("every identity and match column is among the keys of a trial, which a failed row has too", () => {
  expect(used("identity", "match")).toEqual(Object.keys(testKeys));
});

it("columns are grouped by their use, and the long histogram is last", () => {
  expect(names).toEqual(used("identity").concat(used("match"), used("outcome"), used("measured")));
  expect(names.at(-1)).toBe("latency_histogram");
});

it("each column has a meaning, and only measured columns have a better direction", () => {
  for (const name of names) expect(columns[name].meaning).toMatch(/^\S.*\.$/);
  const valued = names.filter((name) => "better" in columns[name]);
  expect(valued.length).toBeGreaterThan(0);
  for (const name of valued) expect(columns[name]).toMatchObject({ use: "measured", type: "number" });
});
