import * as fc from "fast-check";
import { expect, it } from "vitest";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type Settings } from "../definitions/settings.ts";
import { planWorkload } from "./plan-workload.ts";
import { workerShareOf } from "./worker-share.ts";

const base = resolveSettings("chat-100", scenarios["chat-100"], { warmupMs: 1_000, durationMs: 2_000, ratePerS: 30 });

const anySettings = fc
  .record({
    clients: fc.integer({ min: 1, max: 120 }),
    rooms: fc.nat(),
    senders: fc.nat(),
    workers: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
    senderSide: fc.constantFrom("clients" as const, "both" as const),
    app: fc.constantFrom("chat" as const, "ingest" as const),
    pausedClients: fc.nat(3),
    halfDuplex: fc.boolean(),
  })
  .map(({ clients, rooms, senders, pausedClients, halfDuplex, ...rest }): Settings => {
    const sending = 1 + (senders % clients);
    const slot = halfDuplex && rest.senderSide === "both" ? { halfDuplexSlotMs: 100 } : {};
    const paused = Math.min(pausedClients, clients - sending);
    return {
      ...base,
      ...rest,
      ...slot,
      clients,
      rooms: 1 + (rooms % clients),
      senders: sending,
      pausedClients: paused,
    };
  });

it("has what the assignment says of its own clients, in their order", () =>
  fc.assert(
    fc.property(anySettings, (settings) => {
      const plan = planWorkload(settings);
      const { assignment } = plan;
      for (const [worker, numbers] of assignment.clientsByWorker.entries()) {
        const share = workerShareOf(settings, plan, worker);
        expect([...share.clients]).toEqual(numbers);
        expect(Array.from(share.joinPlaces, (place) => assignment.joinOrder[place])).toEqual(numbers);
        for (const name of ["joinIndex", "connectIndex", "phases"] as const)
          expect([...share[name]]).toEqual(numbers.map((client) => assignment[name][client]));
        expect(share.paused).toBe(numbers.some((client) => assignment.pausedClients.includes(client)));
        for (const name of ["roomOf", "audienceRoom", "serverOf"] as const)
          expect(numbers.map(share.audience[name])).toEqual(numbers.map(assignment[name]));
      }
    }),
  ));

it("has exactly the messages that its clients send or hear, with their numbers and times", () =>
  fc.assert(
    fc.property(anySettings, (settings) => {
      const plan = planWorkload(settings);
      const { assignment, schedule } = plan;
      for (const [worker, clients] of assignment.clientsByWorker.entries()) {
        const part = workerShareOf(settings, plan, worker).schedule;
        const rooms = new Set(clients.map(assignment.roomOf));
        const numbers = [...schedule.sender.keys()].filter((message) => {
          const sender = schedule.sender[message]!;
          return clients.includes(sender) || rooms.has(assignment.audienceRoom(sender));
        });
        expect([...(part.part?.numbers ?? schedule.sender.keys())]).toEqual(numbers);
        for (const name of ["sender", "seq", "dueUs", "sendUs"] as const)
          expect([...part[name]]).toEqual(numbers.map((message) => schedule[name][message]));
        expect(part.warmupCount).toBe(numbers.filter((message) => message < schedule.warmupCount).length);
        expect(part.part?.warmupCount ?? schedule.warmupCount).toBe(schedule.warmupCount);
      }
    }),
  ));
