import { describe, expect, it } from "vitest";
import { columns, type Row } from "../model/columns.ts";
import { encodeHistogram, mergeHistograms } from "../statistics/histogram.ts";
import { testKeys, testMeasurement, recordedHistogram } from "../testing/measurement.ts";
import { failedRow, buildRow } from "./row.ts";
import { summarise, summaryColumns } from "./summary.ts";

const sound = buildRow(testKeys, testMeasurement());
const repeats = (...changes: Row[]): Row[] =>
  changes.map((change, i) => ({ ...sound, repeat: i + 1, status: "valid", ...change }));
const only = (rows: readonly Row[]) => {
  const summaries = summarise(rows);
  expect(summaries).toHaveLength(1);
  return summaries[0]!;
};

/** Valid repeats with just these latencies, and every percentile given however few they are. */
function withLatency(...latencies: number[][]): Row[] {
  const others = Object.entries(sound).filter(([name]) => !name.startsWith("latency_"));
  return latencies.map((values, i) => {
    const latency = recordedHistogram(...values);
    const at = (percent: number) => latency.getValueAtPercentile(percent);
    return {
      ...Object.fromEntries(others),
      repeat: i + 1,
      status: "valid",
      ...(values.length > 0 && {
        latency_min_us: at(0),
        latency_p50_us: at(50),
        latency_p90_us: at(90),
        latency_p99_us: at(99),
        latency_p999_us: at(99.9),
        latency_max_us: at(100),
        latency_mean_us: latency.mean,
        latency_histogram: encodeHistogram(latency),
      }),
    };
  });
}

const ofRepeats = "repeats repeats_valid repeats_suspect repeats_invalid repeats_failed interval_coverage".split(" ");

describe("the columns of a summary", () => {
  it("are the match columns, the build, the counts of repeats, and each measured column, a number with its interval", () => {
    const measured = Object.entries(columns).filter(([, { use }]) => use === "measured");
    const match = Object.entries(columns).filter(([, { use }]) => use === "match");
    expect(summaryColumns).toEqual([
      ...match.map(([name]) => name),
      "build",
      ...ofRepeats,
      ...measured.flatMap(([name, { type }]) => (type === "number" ? [name, `${name}_low`, `${name}_high`] : [name])),
    ]);
    expect(new Set(summaryColumns).size).toBe(summaryColumns.length);
  });

  it("are the only columns of a summary, and hold numbers and texts only", () => {
    const summary = only(repeats({}, {}));
    expect(Object.keys(summary).filter((name) => !(summaryColumns as readonly string[]).includes(name))).toEqual([]);
    for (const value of Object.values(summary)) expect([undefined, NaN, null]).not.toContain(value);
  });
});

describe("a summary", () => {
  it("is one per group of rows of a build that are equal in every match column, in order of appearance", () => {
    const rows = [...repeats({}, {}), ...repeats({ transport: "tcp" }), ...repeats({ payload_bytes: 64 }, {})];
    const found = summarise(rows).map((each) => [each.transport, each.payload_bytes, each.repeats]);
    expect(found).toEqual([
      ["ws", 100, 3],
      ["tcp", 100, 1],
      ["ws", 64, 1],
    ]);
  });

  it("is one per build", () => {
    const [before, after] = ["0123abc", "4567def"].map((build) => ({ build, lost: build === "0123abc" ? 1 : 9 }));
    const found = summarise(repeats(before!, after!, after!, before!, before!));
    expect(found.map(({ build, repeats: times, lost }) => [build, times, lost])).toEqual([
      ["0123abc", 3, 1],
      ["4567def", 2, 9],
    ]);
  });

  it("has the median of a number over its repeats, an interval, and its coverage", () => {
    const rates = [50, 10, 40, 20, 30].map((deliveries_per_s) => ({ deliveries_per_s }));
    expect(only(repeats(...rates))).toMatchObject({
      deliveries_per_s: 30,
      deliveries_per_s_low: 10,
      deliveries_per_s_high: 50,
      interval_coverage: 0.9375,
    });
  });

  it("has a narrower interval than all its repeats from 9 on", () => {
    const rates = [9, 8, 7, 6, 5, 4, 3, 2, 1].map((deliveries_per_s) => ({ deliveries_per_s }));
    const summary = only(repeats(...rates));
    expect(summary).toMatchObject({ deliveries_per_s: 5, deliveries_per_s_low: 2, deliveries_per_s_high: 8 });
    expect(summary.interval_coverage).toBeCloseTo(0.9609, 4);
  });

  it("counts repeats by status, and includes suspect ones but neither invalid nor failed ones", () => {
    const failed = { ...failedRow(testKeys, "gone"), repeat: 5 };
    const [a, b, c, d] = [1, 3, 99, 5].map((lost) => ({ lost }));
    const rows = repeats(a!, { ...b, status: "suspect" }, { ...c, status: "invalid" }, d!);
    expect(only([...rows, failed])).toMatchObject({
      repeats: 5,
      repeats_valid: 2,
      repeats_suspect: 1,
      repeats_invalid: 1,
      repeats_failed: 1,
      interval_coverage: 0.75,
      lost: 3,
      lost_low: 1,
      lost_high: 5,
    });
  });

  it("of failed trials alone has match columns and counts, and no numbers", () => {
    const { run_id: _run, started_at: _started, repeat: _repeat, ...match } = testKeys;
    expect(only([failedRow(testKeys, "gone"), failedRow(testKeys, "gone")])).toEqual({
      ...match,
      repeats: 2,
      repeats_valid: 0,
      repeats_suspect: 0,
      repeats_invalid: 0,
      repeats_failed: 2,
    });
  });

  it("leaves empty what was not measured, and keeps a measured 0", () => {
    const { polls_answered: _none, ...rest } = sound;
    const summary = only([rest, rest].map((each) => ({ ...each, lost: 0 })));
    expect(summary).toMatchObject({ lost: 0, lost_low: 0, lost_high: 0 });
    for (const name of ["polls_answered", "polls_answered_low", "polls_answered_high"])
      expect(summary).not.toHaveProperty(name);
  });

  it("has no interval for a number that some repeats lack", () => {
    const { overhead_bytes_per_send: _none, ...rest } = sound;
    const summary = only([{ ...sound, overhead_bytes_per_send: 40 }, rest, { ...sound, overhead_bytes_per_send: 44 }]);
    expect(summary.overhead_bytes_per_send).toBe(42);
    expect(summary).not.toHaveProperty("overhead_bytes_per_send_low");
    expect(summary).not.toHaveProperty("overhead_bytes_per_send_high");
  });

  it("has the most frequent text, the first of equally frequent ones", () => {
    const limits = (...all: string[]) => only(repeats(...all.map((bottleneck) => ({ bottleneck })))).bottleneck;
    expect(limits("nothing", "server", "server")).toBe("server");
    expect(limits("machine", "server", "server", "machine")).toBe("machine");
  });
});

describe("the latencies of a summary", () => {
  it("are percentiles of all deliveries together, not averages of the repeats' percentiles", () => {
    // 900 fast deliveries and 100 slow ones: the mean of the two p99 would be 505, the median of the two p50 as well.
    const summary = only(
      withLatency(
        Array.from({ length: 900 }, () => 10),
        Array.from({ length: 100 }, () => 1_000),
      ),
    );
    expect(summary).toMatchObject({
      latency_min_us: 10,
      latency_p50_us: 10,
      latency_p90_us: 10,
      latency_p99_us: 1_000,
      latency_max_us: 1_000,
      latency_mean_us: 109,
    });
    expect(mergeHistograms([summary.latency_histogram!]).totalCount).toBe(1_000);
  });

  it("have the interval of the repeats' own percentiles", () => {
    const summary = only(withLatency([100, 200, 300], [110, 210, 400], [90, 190, 500]));
    expect(summary).toMatchObject({
      latency_min_us: 90,
      latency_min_us_low: 90,
      latency_min_us_high: 110,
      latency_p50_us_low: 190,
      latency_p50_us_high: 210,
      latency_max_us: 500,
      latency_max_us_low: 300,
      latency_max_us_high: 500,
    });
  });

  it("leave out repeats that are not included", () => {
    const [good, bad] = withLatency([100], [9_000]);
    expect(only([good!, { ...bad, status: "invalid" }]).latency_max_us).toBe(100);
  });

  it("have no percentile that no repeat could state, and no interval where one repeat could not", () => {
    const rows = withLatency([100, 200], [100, 300]);
    const none = rows.map(({ latency_p999_us: _p999, ...rest }) => rest);
    expect(Object.keys(only(none)).filter((name) => name.startsWith("latency_p999"))).toEqual([]);
    const found = only([rows[0]!, none[1]!]);
    expect(found.latency_p999_us).toBe(300);
    expect(found).not.toHaveProperty("latency_p999_us_low");
  });

  it("have a percentile that only all repeats together can state, without an interval", () => {
    const rows = withLatency([100, 200], [100, 300]).map(({ latency_p999_us: _p999, ...rest }) => rest);
    const sending = (sent: number) => only(rows.map((each) => ({ ...each, sent })));
    expect(sending(4_999)).not.toHaveProperty("latency_p999_us");
    expect(sending(5_000)).toMatchObject({ latency_p999_us: 300 });
    expect(sending(5_000)).not.toHaveProperty("latency_p999_us_low");
  });

  it("are empty when no repeat had a latency", () => {
    const silent = withLatency([], []);
    expect(Object.keys(only(silent)).filter((name) => name.startsWith("latency_"))).toEqual([]);
  });
});
