import { expect, it } from "vitest";
import { nowUs } from "../lib/clock.ts";
import { until } from "../lib/until.ts";
import { fanoutOf, watchLatency, type SecondSoFar } from "./latency-watch.ts";

it("the fan-out latency is the largest over the workers, of the messages that have arrived", () => {
  const one = { largestLatencyUs: Float32Array.of(10, NaN, 30, NaN) };
  const other = { largestLatencyUs: Float32Array.of(20, 25, 5, NaN) };
  expect(fanoutOf([one, other], 100, 104)).toEqual({ p50Us: 25, maxUs: 30 });
  expect(fanoutOf([{ largestLatencyUs: Float32Array.of(NaN) }], 0, 1)).toBeUndefined();
  expect(fanoutOf([], 0, 0)).toBeUndefined();
});

it("a worker that has some of the messages says which", () => {
  const one = { largestLatencyUs: Float32Array.of(10, 70), messages: Int32Array.of(100, 102) };
  const other = { largestLatencyUs: Float32Array.of(40), messages: Int32Array.of(101) };
  expect(fanoutOf([one, other], 100, 103)).toEqual({ p50Us: 40, maxUs: 70 });
});

/** A watch of a window that began `agoS` seconds ago, with the parts that its workers were asked for. */
function watched(agoS: number, pausedClients: number[], seen?: (second: SecondSoFar) => void) {
  const asked: string[] = [];
  const worker = (name: string) => ({
    call(_call: string, { fromUs, toUs }: { fromUs: number; toUs: number }) {
      asked.push(`${name} ${fromUs / 1e6}..${toUs / 1e6}`);
      return Promise.resolve({ largestLatencyUs: Float32Array.of(7) });
    },
  });
  const plan = {
    dueUs: Float64Array.of(0, 1e6, 2e6, 3e6),
    assignment: { pausedClients },
    settings: { durationMs: 4_000 },
  };
  const watch = watchLatency(plan as never, { workers: [worker("first"), worker("last")] as never }, seen);
  watch.start(nowUs() - agoS * 1e6);
  return { watch, asked };
}

it("asks for each second once, when it is over for a second and the window is not", async () => {
  const seen: SecondSoFar[] = [];
  const { watch, asked } = watched(9, [], (second) => seen.push(second));
  await until(() => seen.length === 2, "two seconds are read");
  expect(seen).toEqual([0, 1].map((second) => ({ second, p50Us: 7, maxUs: 7 })));
  expect(asked).toEqual(["first 0..1", "last 0..1", "first 1..2", "last 1..2"]);
  watch.stop();
});

it("asks no worker whose clients are paused, and nobody where nobody wants to know", async () => {
  const seen: SecondSoFar[] = [];
  const { asked } = watched(9, [3], (second) => seen.push(second));
  const unwanted = watched(9, []);
  await until(() => seen.length === 2, "two seconds are read");
  expect(asked).toEqual(["first 0..1", "first 1..2"]);
  expect(unwanted.asked).toEqual([]);
});
