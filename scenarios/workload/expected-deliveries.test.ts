import * as fc from "fast-check";
import { expect, it } from "vitest";
import { resolveSettings, type Settings } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { assignClients } from "./assignment.ts";
import { expectedDeliveries } from "./expected-deliveries.ts";
import type { Absence } from "./gone-client.ts";
import { planSchedule } from "./schedule.ts";

const base = resolveSettings("chat-100", scenarios["chat-100"], {
  clients: 12,
  ratePerS: 20,
  warmupMs: 1_000,
  durationMs: 2_000,
});
const t0Us = 7_000_000.5;

function planOf(changes: Partial<Settings>) {
  const settings: Settings = { ...base, senders: 3, ...changes };
  const assignment = assignClients(settings);
  const schedule = planSchedule(settings, assignment.senders, assignment.serverSenders);
  const measured = [...schedule.sender.keys()].slice(schedule.warmupCount);
  const dueUs = (message: number): number => t0Us + schedule.sendUs[message]!;
  return { settings, assignment, schedule, measured, dueUs };
}

/** The same by a look at each message and each client. */
function countEach({ settings, assignment, schedule, measured, dueUs }: ReturnType<typeof planOf>, gone: Absence[]) {
  const isThere = (client: number, atUs: number): boolean => gone.every((g) => g.client !== client || g.atUs > atUs);
  const sentOnes = measured.filter((message) => isThere(schedule.sender[message]!, dueUs(message)));
  const deliveries = sentOnes.flatMap((message) => {
    const sender = schedule.sender[message]!;
    if (assignment.audienceRoom(sender) === -1) return [{ paused: false }];
    return assignment.joinOrder
      .filter((client) => assignment.roomOf(client) === assignment.audienceRoom(sender))
      .filter((client) => isThere(client, dueUs(message)) && !(settings.speakerExcluded && client === sender))
      .map((client) => ({ paused: assignment.pausedClients.includes(client) }));
  });
  return {
    expected: deliveries.filter(({ paused }) => !paused).length,
    pausedExpected: deliveries.filter(({ paused }) => paused).length,
    unplanned: measured.filter((m) => !sentOnes.includes(m)).map((message) => message - schedule.warmupCount),
  };
}

const kinds = fc.constantFrom<Partial<Settings>>(
  {},
  { rooms: 4 },
  { rooms: 12, senders: 12, app: "echo" },
  { rooms: 3, pausedClients: 4 },
  { rooms: 3, senderSide: "both" },
  { rooms: 2, senderSide: "both", halfDuplexSlotMs: 100 },
  { rooms: 2, app: "ingest" },
  { rooms: 5, speakerExcluded: true },
  { rooms: 2, speakerExcluded: true, pausedClients: 3 },
);

it("is what a look at each message and each client finds, whoever goes whenever", () => {
  const absences = fc.uniqueArray(
    fc.record({ client: fc.nat(11), place: fc.double({ min: -0.2, max: 1.2, noNaN: true }) }),
    {
      selector: ({ client }) => client,
    },
  );
  fc.assert(
    fc.property(kinds, fc.nat(), absences, (changes, seed, drawn) => {
      const plan = planOf({ ...changes, seed });
      const gone = drawn.map(({ client, place }) => ({ client, atUs: t0Us + place * 2e6 }));
      expect(expectedDeliveries(plan.schedule, plan.assignment, t0Us, gone)).toEqual(countEach(plan, gone));
    }),
  );
});

it("without anybody gone is one delivery of each message to each receiver", () => {
  const { schedule, assignment } = planOf({});
  const all = { expected: 40 * 12, pausedExpected: 0, unplanned: [] };
  expect(expectedDeliveries(schedule, assignment, t0Us)).toEqual(all);
  const alone = planOf({ speakerExcluded: true });
  expect(expectedDeliveries(alone.schedule, alone.assignment, t0Us)).toEqual({ ...all, expected: 40 * 11 });
});

it("a client that is gone before T0 neither sends nor is expected to receive", () => {
  const { schedule, assignment, measured } = planOf({});
  const [speaker] = assignment.senders;
  const listener = assignment.joinOrder.find((client) => !assignment.senders.includes(client))!;
  const of = (client: number) => expectedDeliveries(schedule, assignment, t0Us, [{ client, atUs: t0Us - 1 }]);
  const spoken = measured.filter((message) => schedule.sender[message] === speaker).length;
  expect(of(listener)).toEqual({ expected: 40 * 11, pausedExpected: 0, unplanned: [] });
  expect(of(speaker!)).toMatchObject({ expected: (40 - spoken) * 11 });
  expect(of(speaker!).unplanned).toHaveLength(spoken);
});

it("a message that is due before a client goes is expected, and one that is due at that time is not", () => {
  const { schedule, assignment, measured, dueUs } = planOf({ senders: 1 });
  const listener = assignment.joinOrder.find((client) => !assignment.senders.includes(client))!;
  const third = dueUs(measured[2]!);
  const until = (client: number, atUs: number) => expectedDeliveries(schedule, assignment, t0Us, [{ client, atUs }]);
  expect(until(listener, third).expected).toBe(40 * 11 + 2);
  expect(until(listener, third + 1).expected).toBe(40 * 11 + 3);
  expect(until(assignment.senders[0]!, third).expected).toBe(2 * 12);
  expect(until(assignment.senders[0]!, third + 1).expected).toBe(3 * 12);
});
