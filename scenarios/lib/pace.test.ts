import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pace, sleepUntil, type Clock } from "./pace.ts";

interface Quirks {
  /** How much sooner (negative) or later than asked each timer fires, in microseconds, in turn. */
  jitterUs: readonly number[];
}

/** A clock that moves only when somebody waits, and remembers how it was waited on. Its `soon` takes 50 us. */
function pretendClock({ jitterUs }: Quirks = { jitterUs: [0] }) {
  const waiting: { atUs: number; callback: () => void }[] = [];
  const spins: number[] = [];
  const timersMs: number[] = [];
  let now = 0;
  const clock: Clock = {
    nowUs: () => now,
    after(ms, callback) {
      const jitter = jitterUs[timersMs.length % jitterUs.length]!;
      timersMs.push(ms);
      waiting.push({ atUs: Math.max(now + 1, now + ms * 1000 + jitter), callback });
    },
    soon(callback) {
      spins.push(now);
      waiting.push({ atUs: now + 50, callback });
    },
  };
  return {
    ...clock,
    spins,
    timersMs,
    stall: (us: number) => void (now += us),
    /** Lets time pass until nobody waits any more. */
    run(): void {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        now = Math.max(now, next.atUs);
        next.callback();
      }
    },
  };
}

/** Plays due times on a clock and says what was handed over when. */
async function play(
  dueUs: readonly number[],
  precise: boolean,
  clock = pretendClock(),
  stalls: Record<number, number> = {},
) {
  const sent: { index: number; atUs: number; saidUs: number }[] = [];
  const done = pace(
    dueUs,
    (index, saidUs) => {
      sent.push({ index, atUs: clock.nowUs(), saidUs });
      clock.stall(stalls[index] ?? 0);
    },
    precise,
    clock,
  );
  clock.run();
  await done;
  return { sent, lagsUs: sent.map(({ atUs }, i) => atUs - dueUs[i]!) };
}

describe.each([true, false])("pacing, precise: %s", (precise) => {
  it("sends everything once, in order and never early, however early or late the timers fire", async () => {
    const gaps = fc.array(fc.nat(30_000), { maxLength: 50 });
    const jitter = fc.array(fc.integer({ min: -5_000, max: 20_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(gaps, jitter, async (gapsUs, jitterUs) => {
        let at = 0;
        const dueUs = gapsUs.map((gap) => (at += gap));
        const { sent, lagsUs } = await play(dueUs, precise, pretendClock({ jitterUs }));
        expect(sent.map(({ index }) => index)).toEqual([...dueUs.keys()]);
        expect(lagsUs.every((lag) => lag >= 0)).toBe(true);
        for (const { atUs, saidUs } of sent) expect(saidUs).toBe(atUs);
      }),
    );
  });

  it("sends everything that came due during a stall at once, each with its own lag", async () => {
    const dueUs = [1_000, 5_000, 9_000, 13_000, 60_000];
    const { sent, lagsUs } = await play(dueUs, precise, pretendClock(), { 0: 20_000 });
    expect(sent.map(({ atUs }) => atUs)).toEqual([1_000, 21_000, 21_000, 21_000, 60_000]);
    expect(lagsUs).toEqual([0, 16_000, 12_000, 8_000, 0]);
  });

  it("sends what came due while it was sending without waiting again", async () => {
    const clock = pretendClock();
    const { sent } = await play([0, 100, 200], precise, clock, { 0: 150, 1: 150 });
    expect(sent.map(({ atUs }) => atUs)).toEqual([0, 150, 300]);
    expect(clock.timersMs.length + clock.spins.length).toBe(0);
  });

  it("sends at once what was due before it began, and is done at once with nothing to send", async () => {
    expect((await play([-7_000, -1, 0], precise)).lagsUs).toEqual([7_000, 1, 0]);
    expect((await play([], precise)).sent).toEqual([]);
  });
});

it("spins only for the last two milliseconds before a due time, and only where it is to be precise", async () => {
  const dueUs = [10_400, 11_000, 50_950];
  const precise = pretendClock();
  const { lagsUs } = await play(dueUs, true, precise);
  expect(Math.max(...lagsUs)).toBeLessThan(50);
  expect(precise.spins.length).toBeGreaterThan(0);
  for (const at of precise.spins) expect(dueUs.find((due) => due > at)! - at).toBeLessThanOrEqual(2_000);
  expect(precise.timersMs).toEqual([9, 38]);

  const plain = pretendClock();
  await play(dueUs, false, plain);
  expect(plain.spins).toEqual([]);
});

it("waits again where a timer fires early", async () => {
  const clock = pretendClock({ jitterUs: [-800, 0] });
  const { sent } = await play([10_000], false, clock);
  expect(clock.timersMs).toEqual([10, 1]);
  expect(sent.map(({ atUs }) => atUs)).toEqual([10_200]);
});

it("sleeps until a time and never less", async () => {
  const clock = pretendClock({ jitterUs: [-900, -900, 300] });
  const asleep = sleepUntil(5_000, clock);
  clock.run();
  await asleep;
  expect(clock.nowUs()).toBeGreaterThanOrEqual(5_000);
});
