import { expect, it, vi } from "vitest";
import { firstCode, reportGate } from "./gate-result.ts";

it("of several exit codes the first of 1, 2, 6, 4, 5 and 3 counts", () => {
  expect(firstCode([0, 3, 5, 4, 6, 1])).toBe(1);
  expect(firstCode([3, 5, 4, 6])).toBe(6);
  expect(firstCode([3, 5, 4])).toBe(4);
  expect(firstCode([3, 5])).toBe(5);
  expect(firstCode([0, 3])).toBe(3);
  expect(firstCode([0])).toBe(0);
  expect(firstCode([2, 6])).toBe(2);
});

it("a gate prints its sentences, and a doubt counts only where no bound is exceeded and it is not allowed", () => {
  const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const code = (exceeded: string[], undecidable: string[], allowUndecided?: true): number =>
    reportGate({ exceeded, undecidable }, { exceeded: 6, unnoticed: "a broken threshold", allowUndecided });
  expect([code([], []), code(["x."], ["y."]), code([], ["y."], true), code([], ["y."])]).toEqual([0, 6, 0, 5]);
  expect(printed.mock.calls.flat()).toEqual([
    "x.",
    "y.",
    "y.",
    "y.",
    "So a broken threshold could go unnoticed. Accept that with --allow-undecided.",
  ]);
  printed.mockRestore();
});
