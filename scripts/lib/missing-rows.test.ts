import { expect, it } from "vitest";
import { missingRows } from "./missing-rows.ts";

const queue = [
  { cell: "a", name: "a", wanted: 2 },
  { cell: "b", name: "b", wanted: 3 },
];

it("takes what is missing in rounds, and goes on where earlier rows end", () => {
  const shown = (measured: string[]): string =>
    missingRows(queue, measured)
      .map(({ cell, repeat }) => `${cell}${repeat}`)
      .join(" ");
  expect(shown([])).toBe("a1 b1 a2 b2 b3");
  expect(shown(["b", "a", "b", "other"])).toBe("a2 b3");
  expect(shown(["a", "a", "a", "b", "b", "b"])).toBe("");
});
