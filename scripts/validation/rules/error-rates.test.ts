import { mkdtempSync, rmSync, writeFileSync, appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Row } from "../../../results/model/columns.ts";
import { buildRow } from "../../../results/rows/row.ts";
import { slicesOf, testKeys, testMeasurement, type TestChanges } from "../../../results/testing/measurement.ts";
import { detectedSize, judge, ruleRates } from "./error-rates.ts";
import { appendObservation, readObservations, type RuleObservation } from "./rule-observations.ts";
import { ratesText } from "./rates-text.ts";

function observation(
  measurement: TestChanges = {},
  changes: Row = {},
  rest: Partial<RuleObservation> = {},
): RuleObservation {
  const measured = testMeasurement(measurement);
  const row = { ...buildRow({ ...testKeys, scenario: "chat-100", transport: "ws" }, measured), ...changes };
  return { row, measurement: measured, ...rest };
}

const drifting = { slices: slicesOf((slice) => 1_000 + 20 * slice) };
const dear = (size: number, found: boolean, cpu: number): RuleObservation =>
  observation(found ? drifting : {}, { server_cpu_us_per_delivery: cpu }, { injection: "cheaper-half", size });

const undisturbed = [observation(), observation(drifting), observation({ workers: [], early: 1 }), observation()];
const disturbed = [
  dear(1, false, 103),
  dear(1, true, 104),
  dear(2, true, 115),
  dear(2, true, 116),
  dear(5, true, 150),
  dear(5, true, 151),
];
/** Judges these rows after undisturbed ones, whose CPU per delivery is 100 us. */
const judgeWith = (rows: readonly RuleObservation[]) =>
  judge([...undisturbed.map((each) => ({ ...each, row: { ...each.row, server_cpu_us_per_delivery: 100 } })), ...rows]);
const judged = judgeWith(disturbed);

describe("the rates of the rules", () => {
  it("count the undisturbed rows that a rule doubts, and those that none does", () => {
    const rateOf = (rule: string) => ruleRates(judged).falseAlarms.find((each) => each.rule === rule)!;
    expect(rateOf("not-steady")).toMatchObject({ flagged: 1, rows: 4, interval: { share: 0.25 } });
    expect(rateOf("clock-skew")).toMatchObject({ flagged: 1, rows: 4 });
    expect(rateOf("late-sends")).toMatchObject({ flagged: 0, rows: 4 });
    expect(ruleRates(judged).falseAlarms.some(({ rule }) => rule === "too-few-samples")).toBe(false);
    expect(ruleRates(judged).undisturbed).toEqual([{ cell: "chat-100 ws", valid: 2, rows: 4 }]);
  });

  it("count the rows of a disturbance that its rules find, and from which size on", () => {
    const rates = ruleRates(judged).injections;
    expect(rates.map(({ size, found, flagged, rows }) => [size, found, flagged, rows])).toEqual([
      [1, 1, 1, 2],
      [2, 2, 2, 2],
      [5, 2, 2, 2],
    ]);
    expect(detectedSize(rates, "cheaper-half")).toBe(2);
    expect(detectedSize(rates, "leak")).toBeUndefined();
    const gap = [rates[0]!, { ...rates[1]!, found: 1 }, { ...rates[2]!, found: 1 }];
    expect(detectedSize(gap, "cheaper-half")).toBeUndefined();
  });

  it("say which disturbance moved a number by a tenth, against undisturbed rows", () => {
    const rates = ruleRates(judged).injections;
    expect(rates.map(({ changes }) => changes.server_cpu_us_per_delivery)).toEqual([
      expect.closeTo(0.035, 10),
      expect.closeTo(0.155, 10),
      expect.closeTo(0.505, 10),
    ]);
    expect(rates.map(({ moves }) => moves)).toEqual([false, true, true]);
  });

  it("do not take scatter for a change", () => {
    const scattered = [dear(1, false, 70), dear(1, false, 112), dear(1, false, 150)];
    const [rate] = ruleRates(judgeWith(scattered)).injections;
    expect(rate!.changes.server_cpu_us_per_delivery).toBeCloseTo(0.12, 10);
    expect(rate!.moves).toBe(false);
  });

  it("are printed in 80 columns", () => {
    const text = ratesText(ruleRates(judged));
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/^Undisturbed rows that are valid: 2 of 4\.$/m);
    expect(text).toMatch(/^not-steady +1 of 4 +4\.6\.\.69\.9 %$/m);
    expect(text).toMatch(/^cheaper-half +2 us .* \+15\.5 % +2 +2 of 2$/m);
    expect(text).toMatch(/4 of\s+4\s+rows\s+are\s+flagged/);
    expect(text).toMatch(/^cheaper-half: .*\s.*\. Found from 2 us on in 95 of 100 rows, by\s+not-steady\.$/m);
  });
});

it("a repeat is compared with those before it in its run of five", () => {
  const costs = [100, 100, 100, 160, 100, 160, 160, 160];
  const rows = costs.map((cost) => observation({}, { server_cpu_us_per_delivery: cost }));
  expect(judge(rows).map(({ ids }) => ids.includes("outlier-repeat"))).toEqual([
    false,
    false,
    false,
    true,
    false,
    false,
    false,
    false,
  ]);
});

it("observations are kept in a file, without histograms, and say the same when they are read", () => {
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  const path = join(folder, "rules.ndjson");
  try {
    expect(readObservations(path)).toEqual([]);
    for (const each of [...undisturbed, ...disturbed]) appendObservation(path, each);
    appendFileSync(path, '{"row":{"cut'); // a run was killed here
    const read = readObservations(path);
    expect(read).toHaveLength(10);
    expect(judge(read).map(({ ids }) => ids)).toEqual(judge([...undisturbed, ...disturbed]).map(({ ids }) => ids));
    expect(read[0]!.row).not.toHaveProperty("latency_histogram");
    for (const text of ["no json\n", "[1]\n", "null\n", '{"row":{}}\n']) {
      writeFileSync(path, text);
      expect(() => readObservations(path)).toThrow(/^Line 1 of .*rules\.ndjson is no observation/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
