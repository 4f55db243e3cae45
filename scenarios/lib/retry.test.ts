import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { retryUntilAnswered } from "./retry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks again whoever has not answered for a period, and nobody else", () => {
  const asked: string[] = [];
  const { send, answered, stop } = retryUntilAnswered((who: string) => asked.push(who), 1_000);
  for (const who of ["Ann", "Bob"]) send(who);
  vi.advanceTimersByTime(900);
  send("Cleo");
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
  retryUntilAnswered((who: string) => asked.push(who), Infinity).send("Ann");
  vi.advanceTimersByTime(1e9);
  expect(asked).toEqual(["Ann"]);
});
