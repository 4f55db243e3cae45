import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSchedule } from "./schedule.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type Settings } from "../definitions/settings.ts";
import { assignClients } from "./assignment.ts";

const base = resolveSettings("chat-100", scenarios["chat-100"], { warmupMs: 5_000, durationMs: 20_000, ratePerS: 40 });
const settingsOf = (changes: Partial<Settings>): Settings => ({ ...base, ...changes });

const anySettings = fc
  .record({
    clients: fc.integer({ min: 1, max: 300 }),
    rooms: fc.nat(),
    senders: fc.nat(),
    workers: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
  })
  .map(({ clients, rooms, senders, ...rest }) =>
    settingsOf({ clients, rooms: 1 + (rooms % clients), senders: 1 + (senders % clients), ...rest }),
  );

const ascending = (one: number, other: number): number => one - other;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Fails unless `places`, out of `length`, have no wider gap between them or at the ends than an even spread needs. */
function expectSpread(places: readonly number[], length: number): void {
  const gap = length / places.length;
  expect(places[0]).toBeLessThanOrEqual(gap / 2);
  expect(length - 1 - places.at(-1)!).toBeLessThanOrEqual(gap / 2);
  for (const [i, place] of places.slice(1).entries()) {
    expect(place).toBeGreaterThan(places[i]!);
    expect(place - places[i]!).toBeLessThanOrEqual(Math.ceil(gap));
  }
}

/** All of it but its functions. */
const dataOf = (one: object): object => JSON.parse(JSON.stringify(one));

describe("the cast", () => {
  const check = (property: (settings: Settings) => void): void => fc.assert(fc.property(anySettings, property));

  it("is the same for the same settings and another for another seed", () => {
    const plain = (seed: number): unknown => dataOf(assignClients(settingsOf({ seed })));
    expect(plain(7)).toEqual(plain(7));
    expect(assignClients(settingsOf({ seed: 7 })).joinOrder).not.toEqual(
      assignClients(settingsOf({ seed: 8 })).joinOrder,
    );
    expect(assignClients(settingsOf({ seed: 7 })).senders).not.toEqual(assignClients(settingsOf({ seed: 8 })).senders);
  });

  it("has every client join once and play in exactly one share, which keeps the join order", () =>
    check((settings) => {
      const { joinOrder, clientsByWorker } = assignClients(settings);
      expect(joinOrder.toSorted(ascending)).toEqual(upTo(settings.clients));
      expect(clientsByWorker.flat().toSorted(ascending)).toEqual(upTo(settings.clients));
      const place = new Map(joinOrder.map((client, i) => [client, i]));
      for (const share of clientsByWorker) {
        const places = share.map((client) => place.get(client)!);
        expect(places).toEqual(places.toSorted(ascending));
      }
    }));

  it("deals whole rooms to servers in turn, and turns of its clients to the addresses of each", () =>
    check((settings) => {
      const servers = 1 + (settings.seed % Math.min(4, settings.rooms));
      const { joinOrder, roomOf, serverOf, connectIndex } = assignClients({ ...settings, servers });
      for (const client of joinOrder) expect(serverOf(client)).toBe(roomOf(client) % servers);
      for (const server of upTo(servers)) {
        const own = joinOrder.filter((client) => serverOf(client) === server);
        expect(own.map((client) => connectIndex[client])).toEqual(upTo(own.length));
      }
    }));

  it("draws the same whatever the number of servers, workers and addresses", () => {
    const drawn = (changes: Partial<Settings>): unknown => {
      const { joinOrder, senders, phases, joinIndex } = assignClients(settingsOf({ rooms: 12, ...changes }));
      return { joinOrder, senders, phases, joinIndex };
    };
    expect(drawn({ servers: 3, workers: 4, addresses: 2 })).toEqual(drawn({}));
  });

  it("has each room entered in join order, one client of each room after the other", () =>
    check((settings) => {
      const { joinOrder, roomOf, joinIndex } = assignClients(settings);
      for (const room of upTo(settings.rooms)) {
        const own = joinOrder.filter((client) => roomOf(client) === room);
        expect(own.map((client) => joinIndex[client])).toEqual(own.map((_, rank) => rank * settings.rooms + room));
      }
    }));

  it("has one room entered just in join order", () => {
    const { joinOrder, joinIndex } = assignClients(settingsOf({ rooms: 1 }));
    expect(joinOrder.map((client) => joinIndex[client])).toEqual(upTo(joinOrder.length));
  });

  it("puts every client into one room, and the rooms' sizes differ by one at most", () =>
    check((settings) => {
      const { joinOrder, roomOf, roomSize } = assignClients(settings);
      const found = upTo(settings.rooms).map((room) => joinOrder.filter((client) => roomOf(client) === room).length);
      expect(upTo(settings.rooms).map(roomSize)).toEqual(found);
      expect(found.reduce((sum, size) => sum + size)).toBe(settings.clients);
      expect(Math.max(...found) - Math.min(...found)).toBeLessThanOrEqual(1);
    }));

  it("spreads the senders over the rooms, and over the join order of each room", () =>
    check((settings) => {
      const { joinOrder, senders, roomOf } = assignClients(settings);
      expect(new Set(senders).size).toBe(settings.senders);
      const counts = upTo(settings.rooms).map((room) => {
        const members = joinOrder.filter((client) => roomOf(client) === room);
        const places = senders.filter((client) => roomOf(client) === room).map((client) => members.indexOf(client));
        if (places.length > 0) expectSpread(places.toSorted(ascending), members.length);
        return places.length;
      });
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }));

  it("has a quiet worker with the senders and 20 spread observers, unless those are everybody", () =>
    check((settings) => {
      const { joinOrder, senders, clientsByWorker, hasSenderWorker } = assignClients(settings);
      expect(hasSenderWorker).toBe(settings.senders + 20 < settings.clients);
      expect(clientsByWorker.length).toBe(settings.workers + (hasSenderWorker ? 1 : 0));
      if (!hasSenderWorker) return;
      const listening = joinOrder.filter((client) => !senders.includes(client));
      const observers = clientsByWorker[0]!.filter((client) => !senders.includes(client));
      expect(clientsByWorker[0]).toEqual(expect.arrayContaining([...senders]));
      expect(observers.length).toBe(20);
      expectSpread(
        observers.map((client) => listening.indexOf(client)),
        listening.length,
      );
    }));

  it("has a quiet worker from one client beyond the senders and observers on", () => {
    expect(assignClients(settingsOf({ clients: 30, senders: 10 })).hasSenderWorker).toBe(false);
    expect(assignClients(settingsOf({ clients: 31, senders: 10 })).hasSenderWorker).toBe(true);
  });

  it("has a last worker with the clients that are stopped, who do not send, spread over the join order, and with nobody else", () =>
    check((settings) => {
      const count = Math.min(5, settings.clients - settings.senders);
      const {
        joinOrder,
        senders,
        clientsByWorker,
        hasSenderWorker,
        pausedClients: paused,
      } = assignClients({ ...settings, pausedClients: count });
      expect(new Set(paused).size).toBe(count);
      expect(paused.filter((client) => senders.includes(client))).toEqual([]);
      expect(hasSenderWorker).toBe(settings.senders + 20 < settings.clients - count);
      expect(clientsByWorker.length).toBe(settings.workers + (hasSenderWorker ? 1 : 0) + (count > 0 ? 1 : 0));
      expect(clientsByWorker.flat().toSorted(ascending)).toEqual(upTo(settings.clients));
      if (count === 0) return;
      expect(clientsByWorker.at(-1)).toEqual(joinOrder.filter((client) => paused.includes(client)));
      const others = joinOrder.filter((client) => !senders.includes(client));
      const places = paused.map((client) => others.indexOf(client));
      expectSpread(places, others.length);
    }));

  it("is what it would be without them where no clients are stopped", () =>
    check((settings) => {
      const plain = (changes: Partial<Settings>): unknown => dataOf(assignClients({ ...settings, ...changes }));
      expect(plain({ pausedClients: 0 })).toEqual(plain({}));
    }));

  it("gives each stratum of the period exactly one client's phase", () =>
    check((settings) => {
      const strata = Array.from(assignClients(settings).phases, (phase) => Math.floor(phase * settings.clients));
      expect(strata.toSorted(ascending)).toEqual(upTo(settings.clients));
    }));

  it("works with a single client, everybody sending, and a room for each", () => {
    const alone = assignClients(settingsOf({ clients: 1, rooms: 1, senders: 1, workers: 3 }));
    expect(alone).toMatchObject({ joinOrder: [0], senders: [0], hasSenderWorker: false });
    expect(alone.clientsByWorker).toEqual([[0], [], []]);

    const each = assignClients(settingsOf({ clients: 50, rooms: 50, senders: 50 }));
    expect(each.senders.toSorted(ascending)).toEqual(upTo(50));
    expect(new Set(each.senders.map(each.roomOf)).size).toBe(50);
  });
});

describe("the hub's part in the cast", () => {
  const application = (changes: Partial<Settings>) =>
    assignClients(settingsOf({ clients: 10, rooms: 3, senders: 2, ...changes }));

  it("is none where clients speak, and otherwise a voice in each room, numbered behind the clients", () => {
    expect(application({}).serverSenders).toEqual([]);
    const { serverSenders, allSenders, senders, roomOf } = application({ senderSide: "both" });
    expect(serverSenders).toEqual([10, 11, 12]);
    expect(serverSenders.map(roomOf)).toEqual([0, 1, 2]);
    expect(allSenders).toEqual([...senders, ...serverSenders]);
  });

  it("says who hears whom: a room, or the hub what clients report to it", () => {
    const chat = application({ senderSide: "both" });
    expect([0, 1, 10, 11].map(chat.audienceRoom)).toEqual([0, 1, 0, 1]);
    expect([0, 1, 10, 11].map(chat.receiverCount)).toEqual([4, 3, 4, 3]);
    const report = application({ senderSide: "both", app: "ingest" });
    expect([0, 1, 10, 11].map(report.audienceRoom)).toEqual([-1, -1, 0, 1]);
    expect([0, 1, 10, 11].map(report.receiverCount)).toEqual([1, 1, 4, 3]);
  });
});

describe("the plan", () => {
  const scriptOf = (changes: Partial<Settings>, senders = [3, 5, 8]) => planSchedule(settingsOf(changes), senders);

  it("has exactly rate x time due times in the window, sorted, and in the warm-up half of its rise fewer", () => {
    const load = {
      ratePerS: fc.integer({ min: 1, max: 150 }).map((half) => 2 * half),
      warmupS: fc.nat(4),
      durationS: fc.nat(4),
    };
    fc.assert(
      fc.property(fc.record(load), fc.nat(), ({ ratePerS, warmupS, durationS }, seed) => {
        const { dueUs, warmupCount } = scriptOf({
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

  it("rises linearly to its rate over the first two seconds of the warm-up", () => {
    const { dueUs, warmupCount } = scriptOf({ ratePerS: 20_000, maxWarmupMs: 4_000, durationMs: 1_000 });
    const halves = upTo(8).map(
      (half) => dueUs.subarray(0, warmupCount).filter((due) => Math.floor(due / 5e5) === half).length,
    );
    for (const [half, share] of [1 / 8, 3 / 8, 5 / 8, 7 / 8, 1, 1, 1, 1].entries())
      expect(Math.abs(halves[half]! - 10_000 * share)).toBeLessThan(500);
  });

  it("has a hiccup after the rise: nobody sends, then everybody what came due, and as many messages as without it", () => {
    const load = { ratePerS: 20_000, maxWarmupMs: 4_000, durationMs: 1_000 };
    const [plain, silent] = [scriptOf(load), scriptOf({ ...load, warmupPauseMs: 500 })];
    const held = plain.dueUs.subarray(0, plain.warmupCount).filter((due) => due > 2e6 && due < 2.5e6).length;
    expect(held).toBeGreaterThan(9_000);
    expect(silent.dueUs.filter((due) => due > 2e6 && due < 2.5e6).length).toBe(0);
    expect(silent.dueUs.filter((due) => due === 2.5e6).length).toBeGreaterThanOrEqual(held);
    expect(silent.dueUs.subarray(silent.warmupCount)).toEqual(plain.dueUs.subarray(plain.warmupCount));
  });

  it("is the same for the same seed and another for another seed", () => {
    expect(scriptOf({ seed: 7 })).toEqual(scriptOf({ seed: 7 }));
    const [short, long] = [scriptOf({ maxWarmupMs: 1_000 }), scriptOf({ maxWarmupMs: 3_000 })];
    expect(short.dueUs.subarray(short.warmupCount)).toEqual(long.dueUs.subarray(long.warmupCount));
    expect(scriptOf({ seed: 7 }).dueUs).not.toEqual(scriptOf({ seed: 8 }).dueUs);
    expect(scriptOf({ seed: 7 }).sender).not.toEqual(scriptOf({ seed: 8 }).sender);
  });

  it("numbers each sender's messages from 0 in the order they are due, warm-up included", () => {
    const { sender, seq } = scriptOf({});
    for (const client of [3, 5, 8]) {
      const numbers = Array.from(seq).filter((_, k) => sender[k] === client);
      expect(numbers.length).toBeGreaterThan(0);
      expect(numbers).toEqual(upTo(numbers.length));
    }
    expect(new Set(sender)).toEqual(new Set([3, 5, 8]));
  });

  it("spreads a large number of messages evenly over the window and the senders, like a Poisson process", () => {
    const { dueUs, sender, warmupCount } = scriptOf({ ratePerS: 20_000, maxWarmupMs: 0, durationMs: 20_000 });
    expect(warmupCount).toBe(0);
    for (let second = 0; second < 20; second++) {
      const within = dueUs.filter((due) => Math.floor(due / 1e6) === second).length;
      expect(within).not.toBe(20_000);
      expect(Math.abs(within - 20_000)).toBeLessThan(1_000);
    }
    for (const client of [3, 5, 8]) expect(sender.filter((each) => each === client).length).toBeGreaterThan(130_000);
  });

  it("of a plain conversation is what it was in every version, so that rows of several can be compared", () => {
    const settings = resolveSettings("chat-100", scenarios["chat-100"], {});
    const { dueUs, sender, warmupCount } = planSchedule(settings, assignClients(settings).senders);
    expect([...dueUs.subarray(warmupCount, warmupCount + 5)]).toEqual([34_693, 42_546, 62_352, 63_304, 77_149]);
    expect([...sender.subarray(warmupCount, warmupCount + 5)]).toEqual([21, 92, 68, 76, 76]);
    expect([warmupCount, dueUs.length]).toEqual([25, 150]);
  });

  it("gives clients and hub half of the messages each, and has them wait for their turns where there are any", () => {
    const settings = settingsOf({ ratePerS: 41, durationMs: 3_000, halfDuplexSlotMs: 500 });
    const { dueUs, sendUs, sender, warmupCount } = planSchedule(settings, [3, 5, 8], [100, 101]);
    const own = Array.from(sender.subarray(warmupCount));
    expect(own.filter((each) => each < 100)).toHaveLength(62);
    expect(own.filter((each) => each >= 100)).toHaveLength(61);
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
