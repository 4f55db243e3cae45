import { describe, expect, it } from "vitest";
import { loadGroupOf, repeatedRows, rowOf } from "../../testing/report-rows.ts";
import { relativeTo, leadersIn, rankedMeasures, ranking } from "./ranking.ts";

const first = (
  measure: (typeof rankedMeasures)[keyof typeof rankedMeasures],
  ...rows: Parameters<typeof loadGroupOf>
): string[] => leadersIn(ranking(loadGroupOf(...rows).entries, measure), measure).map(({ entry }) => entry.label);

describe("who is first", () => {
  it("is all whose repeats' intervals overlap with the best one's", () => {
    const cpu = (...values: number[]) => ({ server_cpu_us_per_delivery: values });
    const rows = [
      ...repeatedRows("a", cpu(10, 11, 12)),
      ...repeatedRows("b", cpu(12, 13, 14)),
      ...repeatedRows("c", cpu(13, 14, 15)),
    ];
    expect(first(rankedMeasures.cpu, ...rows)).toEqual(["a", "b"]);
  });

  it("is, with one repeat, all within the quarter that repeats of one thing may differ by", () => {
    const cpu = (transport: string, value: number) => rowOf(transport, { server_cpu_us_per_delivery: value });
    expect(first(rankedMeasures.cpu, cpu("a", 10), cpu("b", 13), cpu("c", 14))).toEqual(["a", "b"]);
  });

  it("is for exact bytes of one repeat only who is equal", () => {
    const bytes = (transport: string, value: number) => rowOf(transport, { overhead_bytes_per_delivery: value });
    expect(first(rankedMeasures.bytes, bytes("a", 4), bytes("b", 4), bytes("c", 4.01))).toEqual(["a", "b"]);
  });

  it("is nobody of those that have no value or no row that counts", () => {
    expect(first(rankedMeasures.cpu, rowOf("a", { server_cpu_us_per_delivery: undefined } as never))).toEqual([]);
    expect(
      first(rankedMeasures.cpu, rowOf("a"), rowOf("b", { status: "invalid", server_cpu_us_per_delivery: 1 })),
    ).toEqual(["a"]);
  });
});

it.each([
  [1.04, 1, "+4.0 %"],
  [1.4, 1, "+40 %"],
  [2, 1, "2.0 times"],
  [501, 1.5, "334 times"],
  [5, 0, ""],
  [9, 10, "-10 %"],
])("says %d against %d as %j", (value, base, says) => {
  expect(relativeTo(value, base).replace("\u00a0", " ")).toBe(says);
});
