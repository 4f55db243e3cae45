import { expect, it } from "vitest";
import { earlyStopReason, type TimedCheck } from "./early-stop.ts";

const kept: TimedCheck = { says: "x", tookMs: 12_000 };
const failed = (why: string, tookMs = 5): TimedCheck => ({ says: "x", why, tookMs });
const [late, later] = [failed("waited in vain for a", 10_001), failed("waited in vain for b", 30_000)];

it.each<[string, TimedCheck[], string | undefined]>([
  [
    "stops where three in a row fail late",
    [kept, late, later, late],
    "3 sentences in a row have failed after 10 s or more",
  ],
  [
    "stops where the first three fail alike",
    [failed("a"), failed("a"), failed("a")],
    "the first 3 sentences have failed for the same reason",
  ],
  ["goes on after two", [late, late], undefined],
  ["goes on where one of the last three was kept, however slowly", [late, late, kept, late, late], undefined],
  ["goes on where one of the last three failed soon", [late, failed("a"), late], undefined],
  ["goes on where three fail soon for reasons of their own", [failed("a"), failed("b"), failed("a")], undefined],
  ["goes on where some fail alike after another was kept", [kept, failed("a"), failed("a"), failed("a")], undefined],
])("%s", (_what, tried, clause) => {
  expect(earlyStopReason(tried)).toBe(clause);
});
