import { expect, it } from "vitest";
import { earlyStopReason, type TimedResult } from "./early-stop.ts";

const passed: TimedResult = { id: "x", outcome: "passed", ms: 12_000 };
const skipped: TimedResult = { id: "x", outcome: "skipped", reason: "no relay", ms: 12_000 };
const failed = (reason: string, ms = 5): TimedResult => ({ id: "x", outcome: "failed", reason, ms });
const [late, later] = [failed("timed out: a", 10_001), failed("timed out: b", 30_000)];

it.each<[string, TimedResult[], string | undefined]>([
  [
    "stops after three time-outs in a row",
    [passed, late, later, late],
    "3 checks in a row have failed after 10 s or more",
  ],
  [
    "stops if the first three fail for the same reason",
    [failed("a"), failed("a"), failed("a")],
    "the first 3 checks have failed for the same reason",
  ],
  ["goes on after two time-outs", [late, late], undefined],
  ["goes on if one of the last three passed, however slowly", [late, late, passed, late, late], undefined],
  ["goes on if one of the last three was skipped", [late, late, skipped, late, late], undefined],
  ["goes on if one of the last three failed soon", [late, failed("a"), late], undefined],
  ["goes on if three fail soon for different reasons", [failed("a"), failed("b"), failed("a")], undefined],
  ["goes on if three fail alike after another passed", [passed, failed("a"), failed("a"), failed("a")], undefined],
])("%s", (_title, results, reason) => {
  expect(earlyStopReason(results)).toBe(reason);
});
