import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSchedule } from "./schedule.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type Settings } from "../definitions/settings.ts";
import { assignClients } from "./assignment.ts";
import type { Trace } from "../definitions/trace.ts";

const base = resolveSettings("chat-100", scenarios["chat-100"], { warmupMs: 5_000, durationMs: 20_000, ratePerS: 40 });
const settingsOf = (changes: Partial<Settings>): Settings => ({ ...base, ...changes });

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("planSchedule", () => {
  const scheduleOf = (changes: Partial<Settings>, senders = [3, 5, 8]) => planSchedule(settingsOf(changes), senders);

  it("has exactly rate x time sorted due times in the window, and half as many during the rise of the warm-up", () => {
    const load = {
      ratePerS: fc.integer({ min: 1, max: 150 }).map((half) => 2 * half),
      warmupS: fc.nat(4),
      durationS: fc.nat(4),
    };
    fc.assert(
      fc.property(fc.record(load), fc.nat(), ({ ratePerS, warmupS, durationS }, seed) => {
        const { dueUs, warmupCount } = scheduleOf({
          ratePerS,
          maxWarmupMs: warmupS * 1e3,
          durationMs: durationS * 1e3,
          seed,
        });
        expect(warmupCount).toBe(ratePerS * Math.max(warmupS - 1, warmupS / 2));
        expect(dueUs.length).toBe(warmupCount + ratePerS * durationS);
        const parts = [dueUs.subarray(0, warmupCount), dueUs.subarray(warmupCount)] as const;
        for (const part of parts) expect(part).toEqual(part.toSorted());
        expect(parts[0].every((due) => due >= 0 && due < warmupS * 1e6)).toBe(true);
        expect(parts[1].every((due) => due >= 0 && due < durationS * 1e6)).toBe(true);
      }),
    );
  });

  it("raises the rate linearly over the first two seconds of the warm-up", () => {
    const { dueUs, warmupCount } = scheduleOf({ ratePerS: 20_000, maxWarmupMs: 4_000, durationMs: 1_000 });
    const halves = upTo(8).map(
      (half) => dueUs.subarray(0, warmupCount).filter((due) => Math.floor(due / 5e5) === half).length,
    );
    for (const [half, share] of [1 / 8, 3 / 8, 5 / 8, 7 / 8, 1, 1, 1, 1].entries())
      expect(Math.abs(halves[half]! - 10_000 * share)).toBeLessThan(500);
  });

  it("moves the messages of the pause after the rise to its end, and changes nothing else", () => {
    const load = { ratePerS: 20_000, maxWarmupMs: 4_000, durationMs: 1_000 };
    const [plain, paused] = [scheduleOf(load), scheduleOf({ ...load, warmupPauseMs: 500 })];
    const moved = plain.dueUs.subarray(0, plain.warmupCount).filter((due) => due > 2e6 && due < 2.5e6).length;
    expect(moved).toBeGreaterThan(9_000);
    expect(paused.dueUs.filter((due) => due > 2e6 && due < 2.5e6).length).toBe(0);
    expect(paused.dueUs.filter((due) => due === 2.5e6).length).toBeGreaterThanOrEqual(moved);
    expect(paused.dueUs.subarray(paused.warmupCount)).toEqual(plain.dueUs.subarray(plain.warmupCount));
  });

  it("is the same for the same seed, whatever the warm-up, and another for another seed", () => {
    expect(scheduleOf({ seed: 7 })).toEqual(scheduleOf({ seed: 7 }));
    const [short, long] = [scheduleOf({ maxWarmupMs: 1_000 }), scheduleOf({ maxWarmupMs: 3_000 })];
    expect(short.dueUs.subarray(short.warmupCount)).toEqual(long.dueUs.subarray(long.warmupCount));
    expect(scheduleOf({ seed: 7 }).dueUs).not.toEqual(scheduleOf({ seed: 8 }).dueUs);
    expect(scheduleOf({ seed: 7 }).sender).not.toEqual(scheduleOf({ seed: 8 }).sender);
  });

  it("numbers each sender's messages from 0 in due order, warm-up included", () => {
    const { sender, seq } = scheduleOf({});
    for (const client of [3, 5, 8]) {
      const numbers = Array.from(seq).filter((_, k) => sender[k] === client);
      expect(numbers.length).toBeGreaterThan(0);
      expect(numbers).toEqual(upTo(numbers.length));
    }
    expect(new Set(sender)).toEqual(new Set([3, 5, 8]));
  });

  it("spreads many messages evenly over the window and the senders, like a Poisson process", () => {
    const { dueUs, sender, warmupCount } = scheduleOf({ ratePerS: 20_000, maxWarmupMs: 0, durationMs: 20_000 });
    expect(warmupCount).toBe(0);
    for (let second = 0; second < 20; second++) {
      const within = dueUs.filter((due) => Math.floor(due / 1e6) === second).length;
      expect(within).not.toBe(20_000);
      expect(Math.abs(within - 20_000)).toBeLessThan(1_000);
    }
    for (const client of [3, 5, 8]) expect(sender.filter((each) => each === client).length).toBeGreaterThan(130_000);
  });

  it("of a plain conversation has never changed, so that rows of all versions can be compared", () => {
    const settings = resolveSettings("chat-100", scenarios["chat-100"], {
      ratePerS: 50,
      durationMs: 2_500,
      warmupMs: 1_000,
    });
    const { dueUs, sender, warmupCount } = planSchedule(settings, assignClients(settings).senders);
    expect([...dueUs.subarray(warmupCount, warmupCount + 5)]).toEqual([34_693, 42_546, 62_352, 63_304, 77_149]);
    expect([...sender.subarray(warmupCount, warmupCount + 5)]).toEqual([21, 92, 68, 76, 76]);
    expect([warmupCount, dueUs.length]).toEqual([25, 150]);
  });

  it("gives clients and server half of the messages each, and delays each to a slot of its side in half duplex", () => {
    const settings = settingsOf({ ratePerS: 41, durationMs: 3_000, halfDuplexSlotMs: 500 });
    const { dueUs, sendUs, sender, warmupCount } = planSchedule(settings, [3, 5, 8], [100, 101]);
    const measured = Array.from(sender.subarray(warmupCount));
    expect(measured.filter((each) => each < 100)).toHaveLength(62);
    expect(measured.filter((each) => each >= 100)).toHaveLength(61);
    for (const [k, due] of dueUs.entries()) {
      expect(sendUs[k]! - due).toBeGreaterThanOrEqual(0);
      expect(sendUs[k]! - due).toBeLessThanOrEqual(500_000);
      expect(Math.floor(sendUs[k]! / 500_000) % 2).toBe(sender[k]! < 100 ? 0 : 1);
    }
    const without = planSchedule({ ...settings, halfDuplexSlotMs: undefined } as never, [3, 5, 8], [100, 101]);
    expect(without.dueUs).toEqual(dueUs);
    expect(without.sendUs).toEqual(dueUs);
  });
});

describe("a trace", () => {
  /** Messages at these times, in milliseconds, of clients 0 and 1 in turn. */
  const traceAt = (...timesMs: number[]): Trace => ({
    rooms: 1,
    senders: 2,
    roomOf: Int32Array.of(0, 0),
    dueUs: Float64Array.from(timesMs, (ms) => ms * 1000),
    sender: Int32Array.from(timesMs, (_, i) => i % 2),
    texts: timesMs.map(String),
    digest: "00000000",
  });
  const scheduleOf = (trace: Trace, maxWarmupMs: number, durationMs: number) =>
    planSchedule(settingsOf({ maxWarmupMs, durationMs }), [0, 1], [], trace);

  it("is the window up to its length, and a message that is due at the end is not in it", () => {
    const { dueUs, sender, warmupCount } = scheduleOf(traceAt(0, 10, 999.999, 1_000, 1_500), 0, 1_000);
    expect(warmupCount).toBe(0);
    expect([...dueUs]).toEqual([0, 10_000, 999_999]);
    expect([...sender]).toEqual([0, 1, 0]);
  });

  it("has its beginning as the warm-up, too, which ends in the same way, and numbers go on from there", () => {
    const { dueUs, seq, sendUs, warmupCount } = scheduleOf(traceAt(0, 10, 20, 30), 20, 1_000);
    expect(warmupCount).toBe(2);
    expect([...dueUs]).toEqual([0, 10_000, 0, 10_000, 20_000, 30_000]);
    expect([...seq]).toEqual([0, 0, 1, 1, 2, 2]);
    expect(sendUs).toEqual(dueUs);
  });
});
