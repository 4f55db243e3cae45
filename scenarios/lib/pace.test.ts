import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pace, sleepUntil, type Clock } from "./pace.ts";

interface Quirks {
  /** Microseconds by which each timer in turn fires early (negative) or late. */
  jitterUs: readonly number[];
}

/** A clock that moves only while something waits, and records each wait. Its `soon` takes 50 us. */
function fakeClock({ jitterUs }: Quirks = { jitterUs: [0] }) {
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
    /** Lets time pass until nothing waits. */
    run(): void {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        now = Math.max(now, next.atUs);
        next.callback();
      }
    },
  };
}

/** Paces due times on a fake clock and returns what was sent when. */
async function paced(
  dueUs: readonly number[],
  precise: boolean,
  clock = fakeClock(),
  stalls: Record<number, number> = {},
) {
  const sent: { index: number; atUs: number; nowUs: number }[] = [];
  const done = pace(
    dueUs,
    (index, nowUs) => {
      sent.push({ index, atUs: clock.nowUs(), nowUs });
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
  it("sends everything once, in order and never early, although timers fire early and late", async () => {
    const gaps = fc.array(fc.nat(30_000), { maxLength: 50 });
    const jitter = fc.array(fc.integer({ min: -5_000, max: 20_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(gaps, jitter, async (gapsUs, jitterUs) => {
        let at = 0;
        const dueUs = gapsUs.map((gap) => (at += gap));
        const { sent, lagsUs } = await paced(dueUs, precise, fakeClock({ jitterUs }));
        expect(sent.map(({ index }) => index)).toEqual([...dueUs.keys()]);
        expect(lagsUs.every((lag) => lag >= 0)).toBe(true);
        for (const { atUs, nowUs } of sent) expect(nowUs).toBe(atUs);
      }),
    );
  });

  it("sends everything that fell due during a stall at once, each with its own lag", async () => {
    const dueUs = [1_000, 5_000, 9_000, 13_000, 60_000];
    const { sent, lagsUs } = await paced(dueUs, precise, fakeClock(), { 0: 20_000 });
    expect(sent.map(({ atUs }) => atUs)).toEqual([1_000, 21_000, 21_000, 21_000, 60_000]);
    expect(lagsUs).toEqual([0, 16_000, 12_000, 8_000, 0]);
  });

  it("sends what fell due while it was sending without another wait", async () => {
    const clock = fakeClock();
    const { sent } = await paced([0, 100, 200], precise, clock, { 0: 150, 1: 150 });
    expect(sent.map(({ atUs }) => atUs)).toEqual([0, 150, 300]);
    expect(clock.timersMs.length + clock.spins.length).toBe(0);
  });

  it("sends at once what was due before the start, and ends at once if there is nothing to send", async () => {
    expect((await paced([-7_000, -1, 0], precise)).lagsUs).toEqual([7_000, 1, 0]);
    expect((await paced([], precise)).sent).toEqual([]);
  });
});

it("spins only in the last two milliseconds before a due time, and only if it is precise", async () => {
  const dueUs = [10_400, 11_000, 50_950];
  const precise = fakeClock();
  const { lagsUs } = await paced(dueUs, true, precise);
  expect(Math.max(...lagsUs)).toBeLessThan(50);
  expect(precise.spins.length).toBeGreaterThan(0);
  for (const at of precise.spins) expect(dueUs.find((due) => due > at)! - at).toBeLessThanOrEqual(2_000);
  expect(precise.timersMs).toEqual([9, 38]);

  const plain = fakeClock();
  await paced(dueUs, false, plain);
  expect(plain.spins).toEqual([]);
});

it("waits again if a timer fires early", async () => {
  const clock = fakeClock({ jitterUs: [-800, 0] });
  const { sent } = await paced([10_000], false, clock);
  expect(clock.timersMs).toEqual([10, 1]);
  expect(sent.map(({ atUs }) => atUs)).toEqual([10_200]);
});

it("sleeps at least until a time", async () => {
  const clock = fakeClock({ jitterUs: [-900, -900, 300] });
  const asleep = sleepUntil(5_000, clock);
  clock.run();
  await asleep;
  expect(clock.nowUs()).toBeGreaterThanOrEqual(5_000);
});
