import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { retryUntilAnswered } from "./retry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("repeats the request to every target that has not answered for a period, and to no other", () => {
  const requests: string[] = [];
  const { send, answered, stop } = retryUntilAnswered((target: string) => requests.push(target), 1_000);
  for (const target of ["Ann", "Bob"]) send(target);
  vi.advanceTimersByTime(900);
  send("Cleo");
  answered("Ann");
  vi.advanceTimersByTime(200);
  expect(requests).toEqual(["Ann", "Bob", "Cleo"]);
  vi.advanceTimersByTime(1_000);
  expect(requests).toEqual(["Ann", "Bob", "Cleo", "Bob", "Cleo"]);
  answered("Bob");
  vi.advanceTimersByTime(1_000);
  expect(requests.slice(5)).toEqual(["Cleo"]);
  stop();
  vi.advanceTimersByTime(10_000);
  expect(requests.length).toBe(6);
});

it("sends each request once if retryMs is Infinity", () => {
  const requests: string[] = [];
  retryUntilAnswered((target: string) => requests.push(target), Infinity).send("Ann");
  vi.advanceTimersByTime(1e9);
  expect(requests).toEqual(["Ann"]);
});
