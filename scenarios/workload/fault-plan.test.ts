import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFault } from "../definitions/fault.ts";
import { affectedCount, planStrikes } from "./fault-plan.ts";

const fault = (text: string) => parseFault("--fault", text);
const window = { durationMs: 60_000, seed: 1 };
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("the moments of a fault", () => {
  it("one, with every affected client, where it does not come again", () => {
    expect(planStrikes(fault("gone:5s@7s"), [4, 2, 9], window)).toEqual([{ atMs: 7_000, clients: [4, 2, 9] }]);
    expect(planStrikes(fault("restart@55s"), [1], window)).toEqual([{ atMs: 55_000, clients: [1] }]);
  });

  /** Moments of each client of a recurring cut. */
  function momentsByClient(text: string, clients: readonly number[], settings: typeof window): number[][] {
    const strikes = planStrikes(fault(text), clients, settings);
    return clients.map((client) => strikes.filter((each) => each.clients.includes(client)).map(({ atMs }) => atMs));
  }

  it("each client at the same moment of each period, 5 s or more before the end of the window", () => {
    for (const moments of momentsByClient("cut:100%/15s@2s", upTo(50), window)) {
      const [first] = moments as [number];
      expect(first).toBeGreaterThanOrEqual(2_000);
      expect(first).toBeLessThan(17_000);
      expect(moments).toEqual([0, 1, 2, 3].map((i) => first + 15_000 * i).filter((atMs) => atMs <= 55_000));
    }
  });

  it("whole quarters of a second, ascending, each once, with each client once", () =>
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 90 }),
        (seed, count, everyS) => {
          const strikes = planStrikes(fault(`cut:100%/${everyS}s@1s`), upTo(count), { ...window, seed });
          const moments = strikes.map(({ atMs }) => atMs);
          expect(moments).toEqual([...new Set(moments)].toSorted((one, other) => one - other));
          for (const { atMs, clients } of strikes) {
            expect(atMs % 250).toBe(0);
            expect(atMs).toBeLessThanOrEqual(55_000);
            expect(new Set(clients).size).toBe(clients.length);
          }
        },
      ),
    ));

  it("the same for the same seed, and others for another seed", () => {
    const of = (seed: number) => planStrikes(fault("cut:100%/15s@0s"), upTo(50), { ...window, seed });
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });

  it("spread over the period, not all at a time", () => {
    const quarters = momentsByClient("cut:100%/20s@0s", upTo(400), window).map(([first]) => Math.floor(first! / 5_000));
    for (const quarter of [0, 1, 2, 3]) {
      const count = quarters.filter((each) => each === quarter).length;
      expect(count).toBeGreaterThan(60);
      expect(count).toBeLessThan(140);
    }
  });
});

describe("the number of affected clients", () => {
  it("the share, of those that do not send", () => {
    expect(affectedCount(fault("cut:50%"), { clients: 100, senders: 10 })).toBe(50);
    expect(affectedCount(fault("gone:5s:33%"), { clients: 10, senders: 1 })).toBe(3);
    expect(affectedCount(fault("cut:99%"), { clients: 100, senders: 10 })).toBe(90);
  });

  it("all at 100%, the senders too, and at a restart", () => {
    expect(affectedCount(fault("cut:100%"), { clients: 100, senders: 100 })).toBe(100);
    expect(affectedCount(fault("restart"), { clients: 100, senders: 10 })).toBe(100);
  });
});
