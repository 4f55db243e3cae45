import { expect, it } from "vitest";
import { openWindow, phaseOf } from "./measurement-window.ts";

it("no time of a new window is agreed", () => {
  expect(openWindow()).toEqual({ startUs: Infinity, t0Us: Infinity, t1Us: Infinity });
});

it("the agreed times tell the phase: the start of the load and T0, also where they are 0", () => {
  expect(phaseOf(openWindow())).toBe("connecting");
  expect(phaseOf({ ...openWindow(), startUs: 0 })).toBe("warming up");
  expect(phaseOf({ startUs: 0, t0Us: 0, t1Us: 1 })).toBe("measuring");
});
