import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseThresholds } from "../../results/rows/thresholds.ts";
import { abortBounds, mostLost } from "../definitions/abort-bounds.ts";
import { nowUs } from "../lib/clock.ts";
import type { WatchedCounts } from "../load/workload.ts";
import { openAbortCheck, watchThresholds, type ThresholdAbort, type WatchPlan } from "./threshold-watch.ts";
import type { TrialProcesses } from "./trial-processes.ts";

const second = 1_000_000;

/** 1,000 messages in 10 s, each to one receiver. A p99 of ten of them can be stated. */
function planOf(text: string, changes: Partial<WatchPlan> = {}): WatchPlan {
  const thresholds = parseThresholds("--threshold", text);
  const dueUs = Float64Array.from({ length: 1_000 }, (_, i) => 10_000 * i);
  const expectedBy = Float64Array.from({ length: 1_001 }, (_, i) => i);
  const bounds = abortBounds({ thresholds, abortOnThreshold: true })!;
  return { ...bounds, dueUs, expectedBy, largestAudience: 1, mayLose: Infinity, overtakenUs: 0, ...changes };
}

const counts = { delivered: 0, late: 0, overtaken: 0, reordered: 0 };

describe("the p99", () => {
  const plan = planOf("latency_p99_us<100ms");

  it("can hold no more when more than 1 % of all deliveries were late", () => {
    const check = openAbortCheck(plan);
    expect(check({ ...counts, atUs: second, delivered: 50, late: 10 })).toBeUndefined();
    expect(check({ ...counts, atUs: 2 * second, delivered: 51, late: 11 })).toBe(
      "11 deliveries were late and 0 are overdue, more than 1 % of the 1,000 expected, so the threshold latency_p99_us<100ms can hold no more",
    );
  });

  it("counts what is overdue only where it may not be lost instead", () => {
    const stalled = { ...counts, atUs: second, delivered: 50 }; // 90 were due 100 ms before
    expect(openAbortCheck(plan)(stalled)).toBeUndefined();
    expect(openAbortCheck({ ...plan, mayLose: 0 })(stalled)).toMatch(/^0 deliveries were late and 40 are overdue/);
    expect(openAbortCheck({ ...plan, mayLose: 30 })(stalled)).toBeUndefined();
    expect(openAbortCheck({ ...plan, mayLose: 29 })(stalled)).toMatch(/and 11 are overdue/);
  });

  it("is not judged by fewer than ten messages", () => {
    const check = openAbortCheck({ ...plan, largestAudience: 100 });
    expect(check({ ...counts, atUs: second, delivered: 900, late: 900 })).toBeUndefined();
    expect(check({ ...counts, atUs: second, delivered: 901, late: 901 })).toBeDefined();
  });
});

describe("lost messages", () => {
  it.each([
    ["lost=0", 0],
    ["lost<1", 0],
    ["lost<=2", 2],
    ["lost<3", 2],
  ])("%s allows %d", (text, allowed) => {
    expect(mostLost(parseThresholds("--threshold", text)[0]!)).toBe(allowed);
    const check = openAbortCheck(planOf(text));
    expect(check({ ...counts, atUs: second, overtaken: allowed })).toBeUndefined();
    expect(check({ ...counts, atUs: second, overtaken: allowed + 1 })).toBe(
      `${allowed + 1} deliveries are lost, so the threshold ${text} can hold no more`,
    );
  });

  it("are those that were overtaken and did not come within the time in which order may change", () => {
    const check = openAbortCheck(planOf("lost=0", { overtakenUs: 2 * second }));
    expect(check({ ...counts, atUs: 1 * second, overtaken: 3 })).toBeUndefined();
    expect(check({ ...counts, atUs: 2 * second, overtaken: 3 })).toBeUndefined();
    expect(check({ ...counts, atUs: 3 * second, overtaken: 3, reordered: 3 })).toBeUndefined();
    expect(check({ ...counts, atUs: 4 * second, overtaken: 4, reordered: 4 })).toBeUndefined();
    expect(check({ ...counts, atUs: 5 * second, overtaken: 4, reordered: 4 })).toMatch(/^2 deliveries are lost/);
  });

  it("without an upper bound end no trial", () => {
    const check = openAbortCheck(planOf("lost>0,latency_p99_us>1ms,latency_p50_us<1us"));
    expect(check({ ...counts, atUs: 9 * second, late: 999, overtaken: 999 })).toBeUndefined();
  });
});

it("a trial that passes is never ended, whatever its deliveries", () => {
  const bound = 100_000;
  const plan = planOf("latency_p99_us<100ms,lost<=5", { mayLose: 5 });
  /** Latency of each message in us; null is a lost one. */
  const slow = fc.oneof(fc.integer({ min: bound + 1, max: 3 * second }), fc.constant(null));
  const odd = fc.array(fc.tuple(fc.nat(999), slow), { maxLength: 30 });
  fc.assert(
    fc.property(odd, (changes) => {
      const latencies: (number | null)[] = Array.from({ length: 1_000 }, () => 50_000);
      for (const [message, latency] of changes) latencies[message] = latency;
      const arrived = latencies.map((latency, i) => (latency === null ? Infinity : plan.dueUs[i]! + latency));
      const delivered = arrived.filter((at) => at < Infinity).length;
      const late = latencies.filter((latency) => latency !== null && latency > bound).length;
      const passes = late <= 0.01 * delivered && 1_000 - delivered <= 5;
      const check = openAbortCheck(plan);
      const reasons = Array.from({ length: 14 }, (_, s) => (s + 1) * second).map((atUs) => {
        const there = arrived.flatMap((at, i) => (at <= atUs ? [i] : []));
        // Only lost messages are overtaken for good: the transport keeps its order.
        const overtaken = arrived.filter((at, i) => at === Infinity && i < (there.at(-1) ?? 0)).length;
        const lateThere = there.filter((i) => latencies[i]! > bound).length;
        return check({ atUs, delivered: there.length, late: lateThere, overtaken, reordered: 0 });
      });
      const isEnded = reasons.some((each) => each !== undefined);
      expect(isEnded && passes).toBe(false);
      // After the last delivery nothing shows that a message is lost: it may still be under way.
      const last = arrived.findLastIndex((at) => at < Infinity);
      const shown = arrived.filter((at, i) => at === Infinity && i < last).length;
      expect(isEnded || shown <= 5).toBe(true);
    }),
    { examples: [[[0, 1, 2, 3, 4, 999].map((message) => [message, null])]] },
  );
});

describe("the watch of a running trial", () => {
  const lost = (overtaken: number): WatchedCounts => ({ ...counts, overtaken });

  /** A watch of workers with these counts, which they have been asked for `readings` times, and why it ended the trial. */
  function watch(pausedClients: number, ...perWorker: WatchedCounts[]) {
    const reasons: ThresholdAbort[] = [];
    let readings = 0;
    const call = (each: WatchedCounts) => () => (readings++, Promise.resolve(each));
    const processes = { workers: perWorker.map((each) => ({ call: call(each) })) } as unknown as TrialProcesses;
    const plan = planOf("lost<=3");
    const watched = watchThresholds(plan, processes, pausedClients, (reason) => reasons.push(reason), 1);
    watched.start(nowUs() - 2 * second);
    return { watched, reasons, readings: () => readings };
  }

  it("adds up the counts of all workers, and ends the trial once with the time since T0", async () => {
    const { reasons, readings } = watch(0, lost(3), lost(1));
    await expect.poll(() => reasons.length, { interval: 1 }).toBe(1);
    expect(reasons[0]!.message).toMatch(/^aborted 2\.\d s after T0: 4 deliveries are lost, so the threshold lost<=3 /);
    expect(readings()).toBe(2);
  });

  it("leaves out the worker of the paused clients", async () => {
    const { watched, reasons, readings } = watch(5, lost(3), lost(9));
    await expect.poll(readings, { interval: 1 }).toBeGreaterThan(3);
    watched.stop();
    const asked = readings();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([reasons, readings()]).toEqual([[], asked]);
  });
});
