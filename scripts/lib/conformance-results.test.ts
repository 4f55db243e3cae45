import { describe, expect, it } from "vitest";
import type { Check } from "../../scenarios/conformance/check.ts";
import type { TimedResult } from "../../scenarios/conformance/early-stop.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import { resultsJson, resultText, selectChecks, summaryText } from "./conformance-results.ts";

const check = (id: string): Check => ({ id, description: `does ${id}`, run: async () => undefined });
const checks = ["send", "send-twice", "close"].map(check);

describe("--only", () => {
  const ids = (only?: string) => selectChecks(checks, only, "tcp").map(({ id }) => id);

  it("selects every check if it is left out", () => {
    expect(ids()).toEqual(["send", "send-twice", "close"]);
  });

  it("selects the check with that id, and not those whose ids contain it", () => {
    expect(ids("send")).toEqual(["send"]);
  });

  it("takes several ids and parts of ids, and keeps the order of the suite", () => {
    expect(ids("close, twice")).toEqual(["send-twice", "close"]);
  });

  it("refuses a text that selects no check", () => {
    expect(() => ids("close,fly")).toThrow(
      new UserError('No check of tcp has an id that contains "fly". --list prints the ids.'),
    );
  });
});

const failed: TimedResult = { id: "close", outcome: "failed", reason: "closed() was not called", ms: 10_000.4 };
const results: TimedResult[] = [
  { id: "connect-refused", outcome: "passed", ms: 1.6 },
  failed,
  { id: "send", outcome: "skipped", reason: "no relay", ms: 0 },
];

it("prints id, description and reason of a result, and a repeated reason once", () => {
  expect(resultText(failed, check("close"), undefined)).toBe(
    "  FAILED   close: does close\n           Reason: closed() was not called",
  );
  expect(resultText(failed, check("close"), "closed() was not called")).toContain("Reason: as for the first check");
});

it("counts outcomes, and names checks that were not run only if there are any", () => {
  expect(summaryText({ transport: "tcp", results, notRun: 2 })).toBe("tcp: 1 passed, 1 failed, 1 skipped, 2 not run.");
  expect(summaryText({ transport: "tcp", results: [], notRun: 0 })).toBe("tcp: 0 passed, 0 failed, 0 skipped.");
});

it("prints results as JSON", () => {
  expect(JSON.parse(resultsJson([{ transport: "tcp", results: results.slice(0, 1), notRun: 0 }]))).toEqual([
    {
      transport: "tcp",
      passed: 1,
      failed: 0,
      skipped: 0,
      notRun: 0,
      checks: [
        {
          id: "connect-refused",
          description: "rejects connect() with an Error if no server listens",
          outcome: "passed",
          ms: 2,
        },
      ],
    },
  ]);
});
