import { describe, expect, it } from "vitest";
import { loadGroupOf, repeatedRows, rowOf } from "../../testing/report-rows.ts";
import { relativeTo, leadersIn, rankedMeasures, ranking } from "./ranking.ts";

const leaders = (
  measure: (typeof rankedMeasures)[keyof typeof rankedMeasures],
  ...rows: Parameters<typeof loadGroupOf>
): string[] => leadersIn(ranking(loadGroupOf(...rows).entries, measure), measure).map(({ entry }) => entry.label);

describe("the leaders of a ranking", () => {
  const cpuOf = (...values: number[]) => ({ server_cpu_us_per_delivery: values });

  it("are all transports that the test of compare does not find different from the best", () => {
    const rows = [
      ...repeatedRows("a", cpuOf(10, 11, 12, 13, 14, 15, 16)),
      ...repeatedRows("b", cpuOf(11.5, 12.5, 13.5, 14.5, 15.5, 16.5, 17.5)),
      ...repeatedRows("c", cpuOf(15.8, 16.1, 17, 18, 19, 20, 21)),
    ];
    expect(leaders(rankedMeasures.cpu, ...rows)).toEqual(["a", "b"]);
  });

  it("are, with too few repeats for the test, all transports within a quarter of the best", () => {
    const rows = [...repeatedRows("a", cpuOf(10, 11, 12)), ...repeatedRows("b", cpuOf(13, 14, 15))];
    expect(leaders(rankedMeasures.cpu, ...rows)).toEqual(["a", "b"]);
    expect(leaders(rankedMeasures.cpu, ...rows, ...repeatedRows("c", cpuOf(15, 16, 17)))).toEqual(["a", "b"]);
  });

  it("are those of compare for two transports, also where their intervals overlap", () => {
    const [before, after] = [
      [10, 10.2, 10.4, 10.6, 10.8, 11, 11.2, 11.4, 11.6, 13],
      [11.5, 12, 12.2, 12.4, 12.6, 12.8, 13, 13.2, 13.4, 13.6],
    ];
    const rows = [...repeatedRows("a", cpuOf(...before)), ...repeatedRows("b", cpuOf(...after))];
    expect(leaders(rankedMeasures.cpu, ...rows)).toEqual(["a"]);
  });

  it("are, with one repeat, all transports within a quarter of the best", () => {
    const cpu = (transport: string, value: number) => rowOf(transport, { server_cpu_us_per_delivery: value });
    expect(leaders(rankedMeasures.cpu, cpu("a", 10), cpu("b", 13), cpu("c", 14))).toEqual(["a", "b"]);
  });

  it("are, for exact bytes of one repeat, only transports with equal values", () => {
    const bytes = (transport: string, value: number) => rowOf(transport, { overhead_bytes_per_delivery: value });
    expect(leaders(rankedMeasures.overhead, bytes("a", 4), bytes("b", 4), bytes("c", 4.01))).toEqual(["a", "b"]);
  });

  it("exclude transports without a value and without a valid or suspect row", () => {
    expect(leaders(rankedMeasures.cpu, rowOf("a", { server_cpu_us_per_delivery: undefined } as never))).toEqual([]);
    expect(
      leaders(rankedMeasures.cpu, rowOf("a"), rowOf("b", { status: "invalid", server_cpu_us_per_delivery: 1 })),
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
])("formats %d relative to %d as %j", (value, base, text) => {
  expect(relativeTo(value, base).replace("\u00a0", " ")).toBe(text);
});
