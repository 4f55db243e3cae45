import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { runRows, runSide } from "../testing/runs.ts";
import { compare } from "./compare.ts";
import { readNoiseFloor } from "./noise-floor.ts";
import { checkBounds, parseBounds } from "./regression-gate.ts";
import type { Comparison, MetricComparison } from "./types.ts";

const noNoise = { ...readNoiseFloor(), columns: {} };
const cut: Row = { scenario: "cut", fault: "cut:50%@5s", reconnect: "1s..5s", heartbeat: "25s", gave_up: 0 };

/** Repeats of a transport that missed so many in the fault, and lost no others. */
const missing = (counts: readonly number[], changes: Row = {}): Row[] =>
  runRows({ repeats: counts.length, seed: 1, changes: { ...cut, ...changes } }).map((row, i) => ({
    ...row,
    run_id: "one",
    missed: counts[i]!,
    lost: counts[i]! + (changes.lost ?? 0),
  }));

const compared = (before: Row[], after: Row[], renames: [string, string][] = []): Comparison =>
  compare(runSide(before), runSide(after, "b.csv"), { renames, noiseFloor: noNoise });
const metricOf = ({ pairs }: Comparison, name: string): MetricComparison =>
  pairs[0]!.metrics.find(({ metric }) => metric === name)!;

const usual = [1_556, 1_610, 1_490, 1_530, 1_575, 1_602, 1_544];
const again = [1_601, 1_522, 1_566, 1_497, 1_540, 1_590, 1_560];

describe("what a fault took from a transport that resumes nothing", () => {
  it("is the same where it varies with the timing of the clients, even outside the repeats before", () => {
    for (const after of [again, [1_800]]) {
      const result = compared(missing(usual), missing(after));
      expect(["same", "undecided"]).toContain(metricOf(result, "missed").verdict);
      for (const bounds of ["exact", "latency_p50_us=50%"])
        expect(checkBounds([result], parseBounds(bounds)).exceeded).toEqual([]);
    }
    expect(checkBounds([compared(missing(usual), missing(again))], parseBounds("exact")).undecidable).toEqual([]);
  });

  it("is worse where the repeats show it, and then fails a bound in percent", () => {
    const result = compared(missing(usual), missing(again.map((count) => 2 * count)));
    expect(metricOf(result, "missed")).toMatchObject({ verdict: "worse", exact: false });
    expect(checkBounds([result], parseBounds("20%")).exceeded).toEqual([
      expect.stringContaining("missed got worse, +99.9%"),
    ]);
  });

  it("is not lost a second time, while any other loss is worse as ever", () => {
    expect(metricOf(compared(missing(usual), missing(again)), "lost")).toMatchObject({ before: 0, after: 0 });
    const result = compared(missing(usual), missing(again, { lost: 1 }));
    expect(metricOf(result, "lost")).toMatchObject({ verdict: "worse", after: 1, note: "without the missed ones" });
    expect(checkBounds([result], parseBounds("exact")).exceeded).toHaveLength(1);
  });
});

it("a transport that missed nothing is exactly worse with the first one, and better the other way round", () => {
  const [none, some] = [missing(usual.map(() => 0)), missing([0, 0, 0, 0, 0, 0, 5])];
  expect(metricOf(compared(none, some), "missed")).toMatchObject({ verdict: "worse", exact: true });
  expect(metricOf(compared(missing(usual), none), "missed")).toMatchObject({ verdict: "better", exact: false });
});

describe("trials with faults", () => {
  it.each([
    { fault: "gone:5s:50%@5s" },
    { fault: "cut:50%@2s" },
    { reconnect: "2s..2s" },
    { heartbeat: "2s" },
    { history: "500 messages a room" },
  ])("are never paired with others of their scenario: $fault $reconnect $heartbeat $history", (changes) => {
    const [other] = Object.keys(changes);
    expect(() => compared(missing(usual), missing(usual, changes))).toThrow(
      new RegExp(`No trials can be compared\\. .*${other} .* before, .* after`),
    );
  });

  it("are paired under two names where only a library reconnects in its own way", () => {
    const after = (reconnect: string): Row[] => missing(again, { transport: "socket.io", reconnect });
    expect(compared(missing(usual), after("library"), [["ws", "socket.io"]]).pairs).toHaveLength(1);
    expect(() => compared(missing(usual), after("2s..2s"), [["ws", "socket.io"]])).toThrow(/reconnect 1s\.\.5s before/);
  });
});
