import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import { addTallies, emptyTally, openLedger, type OnDelivery } from "./delivery-ledger.ts";
import { createPayloads } from "../workload/payloads.ts";
import { planSchedule } from "../workload/schedule.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type Settings } from "../definitions/settings.ts";
import { assignClients } from "../workload/assignment.ts";

const numbers = { clients: 6, ratePerS: 30, payloadBytes: 24, warmupMs: 1_000, durationMs: 1_000 };
const chat = resolveSettings("chat-100", scenarios["chat-100"], numbers);
/** In the window, and after everything was due. */
const inWindowUs = 999_999;

/** A ledger over all clients of a small trial, and what a transport would deliver to it. */
function open(changes: Partial<Settings> = {}, onDelivery: OnDelivery = () => undefined, clockErrorUs = 0) {
  const settings = { ...chat, senders: 2, ...changes };
  const assignment = assignClients(settings);
  const schedule = planSchedule(settings, assignment.senders);
  const content = createPayloads(settings.payloadBytes, "text", settings.seed);
  const receivers = assignment.joinOrder;
  const window = { startUs: -settings.maxWarmupMs * 1000, t0Us: 0, t1Us: settings.durationMs * 1000 };
  const ledger = openLedger(receivers, assignment, schedule, content, window, onDelivery, clockErrorUs);
  const messages = [...schedule.seq.keys()];
  const payloadOf = (message: number, lagUs = 0): Buffer =>
    content.make(schedule.sender[message]!, schedule.seq[message]!, lagUs);
  const roomOf = (message: number): number => assignment.roomOf(schedule.sender[message]!);
  const expected = messages.flatMap((message) =>
    [...receivers.keys()]
      .filter((slot) => assignment.roomOf(receivers[slot]!) === roomOf(message))
      .map((slot) => ({ slot, message })),
  );
  const enter = (slot: number, message: number, atUs = inWindowUs): void =>
    ledger.recordDelivery(slot, payloadOf(message), true, atUs);
  const measured = expected.filter(({ message }) => message >= schedule.warmupCount);
  /** The measured messages of the first sender, in their order. */
  const line = messages.filter((k) => k >= schedule.warmupCount && schedule.sender[k] === assignment.senders[0]);
  return {
    ledger,
    window,
    script: schedule,
    receivers,
    scene: assignment,
    payloadOf,
    roomOf,
    expected,
    measured,
    line,
    enter,
  };
}

const found = (changes: object): object => ({ ...emptyTally, ...changes });

it.each([
  { what: "one room", changes: {}, each: 6 },
  { what: "two rooms", changes: { rooms: 2 }, each: 3 },
  { what: "rooms of one, as in an echo", changes: { rooms: 6, senders: 6 }, each: 1 },
])("has nothing to complain of where everything arrives once: $what", ({ changes, each }) => {
  const { ledger, expected, measured, enter } = open(changes);
  for (const { slot, message } of expected) enter(slot, message);
  expect(measured.length).toBe(30 * each);
  expect(ledger.tally()).toEqual(found({ delivered: 30 * each, windowDeliveries: 45 * each }));
});

it("each first delivery of a measured message is reported with its due time, send lag and arrival", () => {
  const onDelivery = vi.fn<OnDelivery>();
  const { ledger, script: schedule, payloadOf, enter, line } = open({}, onDelivery);
  const message = line[0]!;
  enter(0, 0);
  ledger.recordDelivery(0, payloadOf(message, 77), true, 123_456);
  ledger.recordDelivery(0, payloadOf(message, 77), true, 123_999);
  expect(onDelivery.mock.calls).toEqual([[message, schedule.dueUs[message], 77, 123_456, 0]]);
});

it("a message that arrives before T0 is known waits, and is early only if it was", () => {
  const onDelivery = vi.fn<OnDelivery>();
  const { ledger, script: schedule, payloadOf, enter, line, window } = open({}, onDelivery);
  const [one, other] = [line[0]!, line.at(-1)!];
  Object.assign(window, { t0Us: Infinity, t1Us: Infinity });
  ledger.recordDelivery(0, payloadOf(one, 77), true, 500_000);
  enter(0, one, 600_000);
  enter(0, other, schedule.dueUs[other]! - 1);
  ledger.recordDelivery(1, Buffer.from(payloadOf(one)).fill("!", 20), true, 500_000);
  expect(ledger.tally()).toEqual(found({ corrupted: 1 }));
  Object.assign(window, { t0Us: 0, t1Us: 1_000_000 });
  enter(0, line[1]!);
  const early = { unexpected: 1, early: 1 };
  expect(ledger.tally()).toEqual(found({ delivered: 2, windowDeliveries: 2, duplicated: 1, corrupted: 1, ...early }));
  expect(onDelivery.mock.calls[0]).toEqual([one, schedule.dueUs[one], 77, 500_000, 0]);
});

it("due times count from the start of the load in the warm-up, and from T0 in the window", () => {
  const onDelivery = vi.fn<OnDelivery>();
  const { ledger, script: schedule, enter, line, window } = open({}, onDelivery);
  Object.assign(window, { startUs: 7e6, t0Us: 20e6, t1Us: 21e6 });
  const [warmUp, measured] = [0, line[1]!];
  const [warmUpUs, measuredUs] = [7e6 + schedule.dueUs[warmUp]!, 20e6 + schedule.dueUs[measured]!];
  enter(0, warmUp, warmUpUs - 1);
  enter(0, measured, measuredUs - 1);
  expect(ledger.tally()).toEqual(found({ unexpected: 2, early: 2 }));
  enter(0, warmUp, warmUpUs);
  enter(0, measured, measuredUs);
  expect(ledger.tally()).toEqual(found({ unexpected: 2, early: 2, delivered: 1, windowDeliveries: 1 }));
  expect(onDelivery.mock.calls).toEqual([[measured, measuredUs, 0, measuredUs, 0]]);
});

it("a message that waits is recorded by the next tally after T0 is known, and not early if it came at its due time", () => {
  const onDelivery = vi.fn<OnDelivery>();
  const { ledger, script: schedule, enter, line, window } = open({}, onDelivery);
  const dueUs = 5e6 + schedule.dueUs[line[1]!]!;
  Object.assign(window, { t0Us: Infinity, t1Us: Infinity });
  enter(0, line[1]!, dueUs);
  expect(ledger.tally()).toEqual(emptyTally);
  Object.assign(window, { t0Us: 5e6, t1Us: 6e6 });
  const once = found({ delivered: 1, windowDeliveries: 1 });
  expect([ledger.tally(), ledger.tally()]).toEqual([once, once]);
  expect(onDelivery.mock.calls).toEqual([[line[1], dueUs, 0, dueUs, 0]]);
});

it("a tally stays as it was taken", () => {
  const { ledger, line, enter } = open();
  const before = ledger.tally();
  enter(0, line[0]!);
  expect(before).toEqual(emptyTally);
});

it("a sequence number just beyond the last one of its sender is unexpected, whichever sender it is", () => {
  const { ledger, script: schedule, scene: assignment } = open();
  const content = createPayloads(24, "text", chat.seed);
  for (const client of assignment.senders) {
    const messages = schedule.sender.filter((sender) => sender === client).length;
    ledger.recordDelivery(0, content.make(client, messages, 0), true, inWindowUs);
    expect(ledger.tally().unexpected).toBe(assignment.senders.indexOf(client) + 1);
    ledger.recordDelivery(0, content.make(client, messages - 1, 0), true, inWindowUs);
  }
  expect(ledger.tally()).toEqual(found({ unexpected: 2, delivered: 2, windowDeliveries: 2 }));
});

it("a delivery beyond the first is duplicated", () => {
  const { ledger, line, enter } = open();
  for (const slot of [0, 1, 1, 1]) enter(slot, line[0]!);
  expect(ledger.tally()).toEqual(found({ delivered: 2, duplicated: 2, windowDeliveries: 2 }));
});

it("a message that arrives after a later one of its sender is reordered, and delivered", () => {
  const { ledger, line, enter } = open();
  for (const message of [line[2]!, line[0]!, line[3]!, line[1]!]) enter(0, message);
  enter(1, line[0]!);
  expect(ledger.tally()).toEqual(found({ delivered: 5, reordered: 2, windowDeliveries: 5 }));
});

it("messages of different senders have no order", () => {
  const { ledger, measured, script: schedule, scene: assignment, enter } = open();
  const ofSender = (client: number) =>
    measured.filter(({ slot, message }) => slot === 0 && schedule.sender[message] === client);
  for (const client of assignment.senders) for (const { message } of ofSender(client)) enter(0, message);
  expect(ledger.tally()).toMatchObject({ delivered: 30, reordered: 0 });
});

it("a changed body, length or kind is corrupted, and the correct message after it is delivered", () => {
  const { ledger, line, payloadOf, enter } = open();
  const changed = payloadOf(line[0]!);
  changed[20]! ^= 1;
  ledger.recordDelivery(0, changed, true, inWindowUs);
  ledger.recordDelivery(0, payloadOf(line[0]!).subarray(0, -1), true, inWindowUs);
  ledger.recordDelivery(0, payloadOf(line[0]!), false, inWindowUs);
  expect(ledger.tally()).toEqual(found({ corrupted: 3 }));
  enter(0, line[0]!);
  expect(ledger.tally()).toEqual(found({ corrupted: 3, delivered: 1, windowDeliveries: 1 }));
});

it("a message that is not in the schedule is unexpected", () => {
  const { ledger, receivers, scene: assignment, line } = open();
  const content = createPayloads(24, "text", chat.seed);
  const silent = receivers.find((client) => !assignment.senders.includes(client))!;
  const stamped = [content.make(silent, 0, 0), content.make(999, 0, 0), content.make(assignment.senders[0]!, 60, 0)];
  for (const payload of [...stamped, Buffer.from("room 0"), Buffer.alloc(24, "!")])
    ledger.recordDelivery(0, payload, true, inWindowUs);
  expect(line.length).toBeLessThan(60);
  expect(ledger.tally()).toEqual(found({ unexpected: 5 }));
});

it("a message that arrives before it is due is unexpected", () => {
  const { ledger, script: schedule, line, enter } = open();
  enter(0, line[1]!, schedule.dueUs[line[1]!]! - 1);
  enter(1, line[1]!, schedule.dueUs[line[1]!]);
  expect(ledger.tally()).toEqual(found({ unexpected: 1, early: 1, delivered: 1, windowDeliveries: 1 }));
});

it("a repeated or overtaken warm-up message is duplicated or reordered", () => {
  const { ledger, script: schedule, enter } = open();
  const early = [...schedule.seq.keys()].filter(
    (k) => k < schedule.warmupCount && schedule.sender[k] === schedule.sender[0],
  );
  for (const message of [early[1]!, early[0]!, early[0]!]) enter(0, message, -1);
  expect(ledger.tally()).toEqual(found({ reordered: 1, duplicated: 1 }));
});

it("a message of another room is unexpected", () => {
  const { ledger, receivers, scene: assignment, roomOf, line, enter } = open({ rooms: 3, senders: 3 });
  for (const slot of receivers.keys()) enter(slot, line[0]!);
  const inside = receivers.filter((client) => assignment.roomOf(client) === roomOf(line[0]!)).length;
  expect(inside).toBe(2);
  expect(ledger.tally()).toEqual(found({ delivered: 2, windowDeliveries: 2, unexpected: 4 }));
});

it("a warm-up message that arrives in the window counts for its deliveries per second only", () => {
  const { ledger, line, enter } = open();
  for (const [slot, atUs] of [-1, 0, 999_999, 1_000_000].entries()) enter(slot, 0, atUs);
  expect(ledger.tally()).toEqual(found({ windowDeliveries: 2 }));
  enter(0, line[0]!, 1_000_000);
  expect(ledger.tally()).toEqual(found({ delivered: 1, windowDeliveries: 2 }));
});

it("any deliveries in any order are accounted for, with any repeated and any left out", () => {
  const trial = fc.record({
    rooms: fc.integer({ min: 1, max: 6 }),
    senders: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(),
  });
  const picks = fc.array(fc.nat(), { maxLength: 400 });
  fc.assert(
    fc.property(trial, picks, (changes, chosen) => {
      const { ledger, measured, receivers, script: schedule, enter } = open(changes);
      const arrivals = chosen.map((pick) => measured[pick % measured.length]!);
      for (const { slot, message } of arrivals) enter(slot, message);

      const firsts = [...new Set(arrivals)];
      const overtaken = firsts.filter(({ slot, message }, i) =>
        firsts
          .slice(0, i)
          .some(
            (before) =>
              before.slot === slot &&
              schedule.sender[before.message] === schedule.sender[message] &&
              before.message > message,
          ),
      );
      const lost = measured.filter((delivery) => !firsts.includes(delivery)).length;
      const { delivered, duplicated, reordered, corrupted, unexpected, windowDeliveries } = ledger.tally();
      expect(delivered + lost).toBe(measured.length);
      expect(duplicated).toBe(arrivals.length - firsts.length);
      expect(reordered).toBe(overtaken.length);
      const first = measured.find((delivery) => !firsts.includes(delivery));
      const isLater = (gap: (typeof measured)[number], other: (typeof measured)[number]): boolean =>
        other.slot === gap.slot &&
        other.message > gap.message &&
        schedule.sender[other.message] === schedule.sender[gap.message];
      const gaps = measured.filter((each) => !firsts.includes(each) && firsts.some((other) => isLater(each, other)));
      expect(ledger.overtaken()).toBe(gaps.length);
      const { first: missing, withConnections } = ledger.missing([]);
      expect(withConnections).toBe(0);
      expect(missing?.message).toBe(first?.message);
      if (!first || !missing) return;
      expect([missing.seq, missing.sender]).toEqual([schedule.seq[first.message], schedule.sender[first.message]]);
      const missed = measured.filter((delivery) => delivery.message === missing.message && !firsts.includes(delivery));
      expect(missed.map(({ slot }) => receivers[slot])).toContain(missing.receiver);
      expect({ corrupted, unexpected, windowDeliveries }).toEqual({
        corrupted: 0,
        unexpected: 0,
        windowDeliveries: delivered,
      });
    }),
  );
});

it("what is due at a client that is gone, or of a sender that is gone, is not missing", () => {
  const { ledger, measured, receivers, script: schedule, scene: assignment, enter } = open();
  const [speaker, other] = assignment.senders as [number, number];
  const listener = receivers.find((client) => !assignment.senders.includes(client))!;
  const gone = [
    { client: speaker, atUs: 400_000 },
    { client: listener, atUs: 600_000 },
  ];
  const isExpected = (slot: number, message: number): boolean =>
    !(schedule.sender[message] === speaker && schedule.dueUs[message]! >= 400_000) &&
    gone.every(({ client, atUs }) => receivers[slot] !== client || schedule.dueUs[message]! < atUs);
  for (const { slot, message } of measured) if (isExpected(slot, message)) enter(slot, message);
  expect(ledger.missing(gone)).toEqual({ first: undefined, withConnections: 0 });
  expect(ledger.overtaken()).toBe(0);
  expect(ledger.missing([]).first).toMatchObject({ receiver: expect.any(Number) });
  expect(other).not.toBe(speaker);
});

it("what did not come before the end of a connection went with it, unless a later message came", () => {
  const { ledger, measured, receivers, script: schedule, scene: assignment, enter, line } = open();
  const listener = receivers.find((client) => !assignment.senders.includes(client))!;
  const slot = receivers.indexOf(listener);
  const own = measured.filter((each) => each.slot === slot && schedule.sender[each.message] === assignment.senders[0]);
  const [last, middle] = [own.at(-1)!.message, own.at(-3)!.message];
  for (const each of measured)
    if (each.slot !== slot || (each.message !== last && each.message !== middle)) enter(each.slot, each.message);
  const gone = [{ client: listener, atUs: 1_000_000 }];
  const overtaken = { message: middle, seq: schedule.seq[middle], sender: assignment.senders[0], receiver: listener };
  expect(ledger.missing(gone)).toEqual({ first: overtaken, withConnections: 1 });
  enter(slot, middle);
  expect(ledger.missing(gone)).toEqual({ first: undefined, withConnections: 1 });
  expect(line).toContain(last);
});

it("of several deliveries that no lost connection explains, the one whose message was due first is named", () => {
  const { ledger, measured, receivers, script: schedule, scene: assignment, enter } = open();
  const listener = receivers.find((client) => !assignment.senders.includes(client))!;
  const slot = receivers.indexOf(listener);
  const own = measured.filter((each) => each.slot === slot && schedule.sender[each.message] === assignment.senders[0]);
  const left = [own.at(-5)!.message, own.at(-3)!.message];
  for (const each of measured) if (each.slot !== slot || !left.includes(each.message)) enter(each.slot, each.message);
  for (const gone of [[], [{ client: listener, atUs: 1_000_000 }]])
    expect(ledger.missing(gone)).toMatchObject({ first: { message: left[0] }, withConnections: 0 });
});

it("the last message that a receiver has is known by its due time", () => {
  const { ledger, line, script: schedule, enter } = open();
  expect(ledger.lastDueUs(0)).toBe(-Infinity);
  for (const message of [line[2]!, line[0]!]) enter(0, message);
  expect(ledger.lastDueUs(0)).toBe(schedule.dueUs[line[2]!]);
  expect(ledger.lastDueUs(1)).toBe(-Infinity);
});

it("a speaker that does not hear itself is not expected to, and its own message is unexpected to it", () => {
  const { ledger, measured, receivers, script: schedule, enter } = open({ speakerExcluded: true });
  const isOwn = ({ slot, message }: (typeof measured)[number]): boolean => receivers[slot] === schedule.sender[message];
  for (const each of measured) if (!isOwn(each)) enter(each.slot, each.message);
  expect(ledger.tally()).toEqual(found({ delivered: 30 * 5, windowDeliveries: 30 * 5 }));
  expect([ledger.missing([]).first, ledger.overtaken()]).toEqual([undefined, 0]);
  for (const each of measured.filter(isOwn)) enter(each.slot, each.message);
  expect(ledger.tally()).toEqual(found({ delivered: 30 * 5, windowDeliveries: 30 * 5, unexpected: 30 }));
});

it("tallies of several workers are added field by field, and the earliest message is that of all", () => {
  const one = {
    delivered: 1,
    duplicated: 2,
    reordered: 3,
    corrupted: 4,
    unexpected: 5,
    early: 7,
    mostEarlyUs: 8,
    windowDeliveries: 6,
  };
  const other = {
    delivered: 10,
    duplicated: 20,
    reordered: 30,
    corrupted: 40,
    unexpected: 50,
    early: 70,
    mostEarlyUs: 3,
    windowDeliveries: 60,
  };
  const sum = {
    delivered: 11,
    duplicated: 22,
    reordered: 33,
    corrupted: 44,
    unexpected: 55,
    early: 77,
    mostEarlyUs: 8,
    windowDeliveries: 66,
  };
  expect(addTallies(one, other)).toEqual(sum);
  expect(addTallies(emptyTally, one)).toEqual(one);
});

it("a message of another clock is early only beyond the error of the clocks, and has a latency of 0 within it", () => {
  const onDelivery = vi.fn<OnDelivery>();
  const { ledger, script: schedule, enter, line, window } = open({}, onDelivery, 70);
  const [one, other] = [line[1]!, line[2]!];
  enter(0, one, schedule.dueUs[one]! - 71);
  enter(0, one, schedule.dueUs[one]! - 70);
  Object.assign(window, { t0Us: Infinity, t1Us: Infinity });
  enter(0, other, schedule.dueUs[other]! - 70);
  enter(1, other, schedule.dueUs[other]! - 71);
  Object.assign(window, { t0Us: 0, t1Us: 1_000_000 });
  expect(ledger.tally()).toMatchObject({ delivered: 2, unexpected: 2, early: 2, mostEarlyUs: 70 });
  expect(onDelivery.mock.calls).toEqual(
    [one, other].map((message) => [message, schedule.dueUs[message], 0, schedule.dueUs[message], 0]),
  );
});
