import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { proc, writeProc } from "../testing/fake-proc.ts";
import { stoppedS, watchForStop } from "./stop-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const inState = (state: string): void =>
  writeProc("7/stat", `7 (node (x)) ${state} 1 7 7 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 99`);

function watched(isExpected = () => false): { reports: () => number } {
  let count = 0;
  watchForStop(7, isExpected, () => count++, proc);
  return { reports: () => count };
}

it("a process that is stopped is reported once, after 2 s", () => {
  inState("T");
  const { reports } = watched();
  vi.advanceTimersByTime(1000 * stoppedS);
  expect(reports()).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(reports()).toBe(1);
});

it.each(["R", "S", "D", "t", "Z"])("a process in state %s is never reported, however long it is", (state) => {
  inState(state);
  const { reports } = watched();
  vi.advanceTimersByTime(600_000);
  expect(reports()).toBe(0);
});

it("a process that runs in between, as after Ctrl-Z and fg, is not reported", () => {
  const { reports } = watched();
  for (let i = 0; i < 20; i++) {
    inState(i % 4 === 3 ? "S" : "T");
    vi.advanceTimersByTime(500);
  }
  expect(reports()).toBe(0);
});

it("a stop that the trial wants is not reported, however long it is", () => {
  inState("T");
  const { reports } = watched(() => true);
  vi.advanceTimersByTime(600_000);
  expect(reports()).toBe(0);
});
