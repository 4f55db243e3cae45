import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Schedule } from "../workload/schedule.ts";
import { InterruptionLog, type Strike } from "./interruptions.ts";

/** Beginning of the window on the host's clock. The times of these tests count from there, in microseconds. */
const t0Us = 5_000_000_000;

/** A schedule with two messages of the warm-up, and one message of sender 0 at each of these times. */
function scheduleOf(dueUs: readonly number[], senderOf: (measured: number) => number = () => 0): Schedule {
  const all = [-2_000, -1_000, ...dueUs];
  return {
    sender: Int32Array.from(all, (_, i) => senderOf(i - 2)),
    seq: Int32Array.from(all, (_, i) => i),
    dueUs: Float64Array.from(all),
    sendUs: Float64Array.from(all),
    warmupCount: 2,
  };
}

const everySecond = Array.from({ length: 20 }, (_, i) => 1_000_000 * i);

/** The log of clients 3 and 8, who are in room 0 with sender 0. Sender 1 is in room 1. */
function openLog(dueUs: readonly number[] = everySecond, senderOf?: (measured: number) => number) {
  const log = new InterruptionLog({
    numbers: [3, 8],
    schedule: scheduleOf(dueUs, senderOf),
    audience: {
      allSenders: [0, 1],
      roomOf: (client) => (client === 1 ? 1 : 0),
      audienceRoom: (sender) => sender,
    },
  });
  log.start(t0Us);
  return {
    log,
    /** Message `measured` reaches the client in `slot` so long after T0. */
    arrive: (slot: number, measured: number, atUs: number) => log.arrived(slot, measured + 2, t0Us + atUs),
    lost: (slot: number, atUs: number) => log.lost(slot, t0Us + atUs),
    opened: (slot: number, atUs: number) => log.opened(slot, t0Us + atUs),
    back: (slot: number, atUs: number) => log.back(slot, t0Us + atUs),
    outcomes: (strikes: readonly Strike[], inFlightUs = 0) => log.outcomes(strikes, inFlightUs),
  };
}

const strike = (client: number, beginUs: number, endUs = beginUs): Strike => ({
  client,
  beginUs: t0Us + beginUs,
  endUs: t0Us + endUs,
});

const unharmed = { missed: 0, replayed: 0, leastMissed: 0, gaveUp: false };

describe("a client that was cut at 2.5 s, knew at 2.6 s, was open at 4.1 s and in its room at 4.2 s", () => {
  function cutClient() {
    const opened = openLog();
    opened.lost(0, 2_600_000);
    opened.opened(0, 4_100_000);
    opened.back(0, 4_200_000);
    for (const [i, dueUs] of everySecond.entries()) if (i !== 3 && i !== 4) opened.arrive(0, i, dueUs + 300);
    return opened;
  }

  it("misses what was due until it was back, and its times count from the beginning and the end", () => {
    const [outcome, ...others] = cutClient().outcomes([strike(3, 2_500_000)]);
    expect(others).toEqual([]);
    expect(outcome).toEqual({
      client: 3,
      detectUs: 100_000,
      backUs: 1_700_000,
      gaveUp: false,
      liveUs: 2_500_300, // message 5
      caughtUpUs: NaN, // nothing that was due before it was back came
      possible: 2,
      missed: 2,
      leastMissed: 2,
      replayed: 0,
    });
  });

  it("catches up where messages come on the new connection: these are replayed", () => {
    const { arrive, outcomes } = cutClient();
    arrive(0, 3, 4_250_000);
    arrive(0, 4, 4_260_000);
    expect(outcomes([strike(3, 2_500_000)])).toMatchObject([
      { missed: 0, possible: 2, leastMissed: 2, replayed: 2, caughtUpUs: 1_760_000, liveUs: 1_750_000 },
    ]);
  });

  it("does not count as replayed what still came on the old connection", () => {
    const { arrive, outcomes } = cutClient();
    arrive(0, 3, 4_099_000);
    arrive(0, 4, 4_101_000);
    expect(outcomes([strike(3, 2_500_000)])).toMatchObject([{ replayed: 1, missed: 0 }]);
  });

  it("may have lost what was on its way when the fault began, however long it was", () => {
    const { arrive, outcomes } = cutClient();
    arrive(0, 2, Infinity);
    expect(outcomes([strike(3, 2_500_000)])).toMatchObject([{ missed: 3, possible: 3, leastMissed: 2 }]);
    arrive(0, 1, Infinity);
    expect(outcomes([strike(3, 2_500_000)])).toMatchObject([{ missed: 4, possible: 4, leastMissed: 2 }]);
  });

  it("has not lost with the fault what a later message had overtaken before it", () => {
    const { arrive, outcomes } = cutClient();
    arrive(0, 1, Infinity);
    expect(outcomes([strike(3, 2_500_000)])).toMatchObject([{ missed: 2, possible: 2 }]);
    expect(outcomes([strike(3, 2_500_000)], 500_000)).toMatchObject([{ missed: 2, possible: 3 }]);
    expect(outcomes([strike(3, 2_500_000)], 1_500_000)).toMatchObject([{ missed: 3, possible: 4 }]);
  });

  it("loses with its senders what they said into dead connections, outside its own fault", () => {
    const { arrive, log } = cutClient();
    arrive(0, 10, Infinity);
    const sender = strike(0, 9_990_000, 10_020_000);
    expect(log.lostWithSenders([strike(3, 2_500_000), sender], 0)).toBe(2);
    expect(log.lostWithSenders([strike(3, 2_500_000), strike(0, 11_500_000)], 0)).toBe(0);
  });
});

it("a client that noticed nothing has caught up when the last message of the fault came, and is never back", () => {
  const { arrive, outcomes } = openLog();
  for (const [i, dueUs] of everySecond.entries())
    arrive(0, i, dueUs >= 5_000_000 && dueUs < 8_000_000 ? 8_200_000 + i : dueUs + 100);
  expect(outcomes([strike(3, 4_500_000, 8_000_000)])).toEqual([
    {
      client: 3,
      ...unharmed,
      detectUs: NaN,
      backUs: NaN,
      liveUs: 100,
      caughtUpUs: 200_007,
      possible: 4, // due at 5, 6, 7 and 8 s
    },
  ]);
});

it("a client that noticed nothing and hears nothing more is never back, and misses everything from the fault on", () => {
  const { outcomes, arrive } = openLog();
  for (const [i, dueUs] of everySecond.entries()) if (dueUs < 2_500_000) arrive(0, i, dueUs + 300);
  const [outcome] = outcomes([strike(3, 2_500_000, 7_500_000)]);
  expect(outcome).toMatchObject({ detectUs: NaN, backUs: NaN, liveUs: NaN, gaveUp: true, missed: 17, possible: 17 });
});

it("a client has caught up at once where everything that was due before the end had come before it", () => {
  const { arrive, lost, opened, back, outcomes } = openLog();
  lost(0, 5_100_000);
  opened(0, 5_200_000);
  back(0, 5_300_000);
  for (const [i, dueUs] of everySecond.entries()) arrive(0, i, dueUs + 100);
  expect(outcomes([strike(3, 4_500_000, 8_000_000)])).toMatchObject([
    { caughtUpUs: 0, detectUs: 600_000, backUs: -2_700_000, missed: 0, possible: 4 },
  ]);
});

it("a client that is not back when the trial ends gave up, and everything after the fault is missed", () => {
  const { log, arrive, lost, outcomes } = openLog();
  lost(0, 2_600_000);
  for (const i of [0, 1, 2]) arrive(0, i, everySecond[i]! + 100);
  expect(outcomes([strike(3, 2_500_000)])).toMatchObject([
    {
      gaveUp: true,
      backUs: NaN,
      detectUs: 100_000,
      liveUs: NaN,
      caughtUpUs: NaN,
      missed: 17,
      possible: 17,
      leastMissed: 17,
    },
  ]);
  expect(log.away).toBe(1);
});

it("a client that was lost twice in one fault is back with its last return, and had a connection in between", () => {
  const { log, arrive, lost, opened, back, outcomes } = openLog();
  lost(0, 2_600_000);
  opened(0, 3_600_000);
  lost(0, 4_600_000);
  expect(log.away).toBe(1);
  opened(0, 6_600_000);
  back(0, 6_700_000);
  expect(log.away).toBe(0);
  arrive(0, 4, 4_000_100);
  expect(outcomes([strike(3, 2_500_000)])).toMatchObject([
    { detectUs: 100_000, backUs: 4_200_000, possible: 4, missed: 3, leastMissed: 3, replayed: 0 },
  ]);
});

it("clients do not share losses or messages, and a client that was not met has no outcome", () => {
  const { arrive, lost, opened, back, outcomes } = openLog();
  lost(1, 2_600_000);
  opened(1, 3_600_000);
  back(1, 3_700_000);
  for (const [i, dueUs] of everySecond.entries()) arrive(0, i, dueUs + 100);
  const [one, other] = outcomes([strike(3, 2_500_000), strike(8, 2_500_000), strike(99, 2_500_000)]);
  expect(one).toMatchObject({ client: 3, detectUs: NaN, ...unharmed });
  expect(other).toMatchObject({ client: 8, detectUs: 100_000, missed: 1 });
  expect(outcomes([strike(8, 2_500_000)]).map(({ client }) => client)).toEqual([8]);
});

it("messages of the warm-up and of other rooms are none of this", () => {
  const { log, outcomes } = openLog(everySecond, (measured) => (measured % 2 === 0 ? 0 : 1));
  log.arrived(0, 0, t0Us - 1);
  log.arrived(0, 1, t0Us - 1);
  expect(outcomes([strike(3, 2_500_000, 6_500_000)])).toMatchObject([{ possible: 2, missed: 2 }]); // due at 4 and 6 s
});

describe("recurring faults", () => {
  it("have each their own losses, and what a later one did is not in an earlier one", () => {
    const { lost, opened, back, outcomes } = openLog();
    for (const atUs of [2_500_000, 7_500_000]) {
      lost(0, atUs + 10_000);
      opened(0, atUs + 1_600_000);
      back(0, atUs + 1_700_000);
    }
    const found = outcomes([strike(3, 2_500_000), strike(3, 7_500_000)]);
    expect(found).toMatchObject([
      { detectUs: 10_000, backUs: 1_700_000, possible: 2, missed: 2 },
      { detectUs: 10_000, backUs: 1_700_000, possible: 2, missed: 2 },
    ]);
  });

  it("end where the next begins: a client that was not back by then gave the first up", () => {
    const { lost, opened, back, outcomes } = openLog();
    lost(0, 2_600_000);
    lost(0, 7_600_000);
    opened(0, 8_500_000);
    back(0, 8_600_000);
    const found = outcomes([strike(3, 2_500_000), strike(3, 7_500_000)]);
    expect(found).toMatchObject([
      { gaveUp: true, possible: 5 },
      { gaveUp: false, possible: 1 },
    ]);
  });

  it("share no message, wherever the messages and the strikes fall", () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { minLength: 1, maxLength: 60 }),
        fc.uniqueArray(fc.integer({ min: 3, max: 38 }), { minLength: 1, maxLength: 5 }),
        fc.nat(3),
        (dues, begins, inFlight) => {
          const { lost, outcomes } = openLog(dues.toSorted((one, other) => one - other));
          const strikes = begins.toSorted((one, other) => one - other).map((atUs) => strike(3, atUs));
          for (const { beginUs } of strikes) lost(0, beginUs - t0Us);
          const possible = outcomes(strikes, inFlight).reduce((sum, each) => sum + each.possible, 0);
          const from = Math.min(...begins) - inFlight;
          expect(possible).toBe(dues.filter((due) => due >= from).length);
        },
      ),
    ));
});
