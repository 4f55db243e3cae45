import { expect, it } from "vitest";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { parseFault } from "../definitions/fault.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { planShare } from "../workload/plan-workload.ts";
import { FaultLog } from "./fault-log.ts";

/** The account of a worker in a trial with 40 clients, and the planned time of each measured message. */
function openLog(text: string, whose: "affected" | "others") {
  const fault = parseFault("--fault", text);
  const changes = { clients: 40, ratePerS: 20, warmupMs: 0, durationMs: 30_000, fault };
  const settings = resolveSettings("cut", scenarios.cut, changes);
  for (let worker = 0; ; worker++) {
    const share = planShare(settings, worker);
    if (share.affected !== (whose === "affected")) continue;
    const dueMs = Array.from(share.schedule.dueUs.subarray(share.schedule.warmupCount), (us) => us / 1000);
    const { warmupCount } = share.schedule;
    const log = new FaultLog(fault, share);
    /** Every measured message reaches the client in `slot` 7 ms after it was due. */
    const deliverAll = (slot: number): void => {
      log.log?.start(0);
      for (const [i, ms] of dueMs.entries()) log.onDelivery(warmupCount + i, 1000 * ms, 0, 1000 * ms + 7_000, slot);
    };
    return { log, share, dueMs, deliverAll };
  }
}

const count = (encoded: string): number => mergeHistograms([encoded]).totalCount;

it("bystanders count from the fault to 5 s after its end", () => {
  for (const [text, fromMs, toMs] of [
    ["cut:20%@5s", 5_000, 10_000],
    ["gone:3s:20%@4s", 4_000, 12_000],
    ["cut:20%/15s@2s", 2_000, Infinity],
  ] as const) {
    const { log, dueMs, deliverAll } = openLog(text, "others");
    deliverAll(0);
    expect(log.log).toBeUndefined();
    expect(count(log.bystanders())).toBe(dueMs.filter((ms) => ms >= fromMs && ms < toMs).length);
    const latency = mergeHistograms([log.bystanders()]).getValueAtPercentile(50);
    expect(latency).toBeGreaterThanOrEqual(6_990);
    expect(latency).toBeLessThanOrEqual(7_010);
  }
});

it("the clients that the fault meets have an account of their own, and no latency of bystanders", () => {
  const { log, share, dueMs, deliverAll } = openLog("cut:20%@5s", "affected");
  expect(share.clients.length).toBe(8);
  deliverAll(1);
  expect(log.bystanders()).toBe("");
  const strikes = Array.from(share.clients, (client) => ({ client, beginUs: 5e6, endUs: 6e6 }));
  const outcomes = log.log!.outcomes(strikes, 0);
  expect(outcomes.map(({ client }) => client)).toEqual([...share.clients]);
  const inFault = dueMs.filter((ms) => ms >= 5_000 && ms <= 6_000).length;
  expect(outcomes.map(({ possible, missed }) => [possible, missed])).toEqual(
    outcomes.map((_, slot) => [inFault, slot === 1 ? 0 : inFault]),
  );
});
