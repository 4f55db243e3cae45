import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { insist } from "./retry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks again whoever has not answered for a period, and nobody else", () => {
  const asked: string[] = [];
  const { ask, answered, stop } = insist((who: string) => asked.push(who), 1_000);
  for (const who of ["Ann", "Bob"]) ask(who);
  vi.advanceTimersByTime(900);
  ask("Cleo");
  answered("Ann");
  vi.advanceTimersByTime(200);
  expect(asked).toEqual(["Ann", "Bob", "Cleo"]);
  vi.advanceTimersByTime(1_000);
  expect(asked).toEqual(["Ann", "Bob", "Cleo", "Bob", "Cleo"]);
  answered("Bob");
  vi.advanceTimersByTime(1_000);
  expect(asked.slice(5)).toEqual(["Cleo"]);
  stop();
  vi.advanceTimersByTime(10_000);
  expect(asked.length).toBe(6);
});

it("asks once where nothing gets lost", () => {
  const asked: string[] = [];
  insist((who: string) => asked.push(who), Infinity).ask("Ann");
  vi.advanceTimersByTime(1e9);
  expect(asked).toEqual(["Ann"]);
});
