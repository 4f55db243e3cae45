import { describe, expect, it } from "vitest";
import { measuredNumbers } from "../model/columns.ts";
import { keeps, parseThresholds, replaceThresholds, valueText } from "./thresholds.ts";

const parsed = (text: string) => parseThresholds("--threshold", text);
const boundOf = (text: string): number => parsed(text)[0]!.bound;

it("several thresholds are parsed in their order, with any blanks", () => {
  expect(parsed("latency_p99_us < 250ms, lost=0,deliveries_per_s>=1000")).toEqual([
    { column: "latency_p99_us", operator: "<", bound: 250_000, text: "latency_p99_us<250ms" },
    { column: "lost", operator: "=", bound: 0, text: "lost=0" },
    { column: "deliveries_per_s", operator: ">=", bound: 1_000, text: "deliveries_per_s>=1000" },
  ]);
});

it.each([
  ["latency_p99_us<1500", 1_500],
  ["latency_p99_us<1.5s", 1_500_000],
  ["server_cpu_us_per_delivery<20us", 20],
  ["connect_p99_ms<2s", 2_000],
  ["server_gc_ms<500us", 0.5],
  ["warmup_s<=30s", 30],
  ["wire_bytes_out<1GiB", 2 ** 30],
  ["overhead_bytes_per_delivery<=14B", 14],
  ["idle_bytes_per_client_s<1KiB", 1_024],
  ["server_rss_mib<1GiB", 1_024],
  ["server_rss_kib_per_client<1MiB", 1_024],
  ["server_cpu_percent<90%", 90],
  ["server_elu<0.9", 0.9],
])("%s has its bound in the unit of the column", (text, bound) => expect(boundOf(text)).toBe(bound));

it("every measured column can have a threshold, with the unit that its name has", () => {
  for (const column of measuredNumbers) {
    const unit = valueText(column, 3).replace(/^3 ?/, "");
    expect(boundOf(`${column}<7${unit}`)).toBe(7);
  }
  const counts = measuredNumbers.filter((column) => valueText(column, 3) === "3");
  expect(counts.filter((column) => /_(us|ms|s|mib|kib|percent)$|bytes/.test(column))).toEqual([
    "connects_per_s",
    "storm_per_s",
    "deliveries_per_s",
  ]);
});

describe("rejects with one sentence", () => {
  it.each([
    ["latency_p99<250ms", /names no measured number\. Did you mean "latency_p99_us"\?/],
    ["clients<5", /"clients<5" names no measured number\./],
    ["lost<5ms", /lost has no unit: write the number alone\.$/],
    ["latency_p99_us<5KiB", /"KiB" is no unit of latency_p99_us: write us, ms, s, or the number alone for us\.$/],
    ["server_rss_mib<5%", /"%" is no unit of server_rss_mib: write B, KiB, MiB, GiB/],
    ["lost==0", /^--threshold "lost==0" is not a threshold: write what a column must hold/],
    ["lost<-1", /is not a threshold/],
    ["lost=0,", /^--threshold "" is not a threshold/],
    ["250ms", /is not a threshold/],
  ])("%s", (text, sentence) => {
    expect(() => parsed(text)).toThrow(sentence);
    expect(() => parsed(text)).toThrow(expect.objectContaining({ name: "UserError" }));
  });
});

it.each([
  ["lost<3", [true, false, false]],
  ["lost<=3", [true, true, false]],
  ["lost>3", [false, false, true]],
  ["lost>=3", [false, true, true]],
  ["lost=3", [false, true, false]],
])("%s states what must hold", (text, kept) => {
  expect([2, 3, 4].map((value) => keeps(value, parsed(text)[0]!))).toEqual(kept);
});

it("an option replaces every threshold of its columns, and adds others", () => {
  const ofScenario = parsed("lost=0,server_elu>0.1,server_elu<0.9");
  const texts = replaceThresholds(ofScenario, parsed("server_elu<0.5,duplicated=0")).map(({ text }) => text);
  expect(texts).toEqual(["lost=0", "server_elu<0.5", "duplicated=0"]);
});
