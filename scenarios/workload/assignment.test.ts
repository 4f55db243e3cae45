import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type Settings } from "../definitions/settings.ts";
import { parseFault } from "../definitions/fault.ts";
import { assignClients, senderWorkerShare, type Assignment } from "./assignment.ts";
import { affectedCount } from "./fault-plan.ts";
import { isAffected } from "./worker-share.ts";

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

/** The assignment without its functions. */
const dataOf = (one: object): object => JSON.parse(JSON.stringify(one));

/** Digest of every number of an assignment. */
function digestOf(settings: Settings): string {
  const one = assignClients(settings);
  const lists = [one.joinOrder, one.senders, one.serverSenders, one.pausedClients, one.connectIndex, one.joinIndex];
  const perClient = (client: number): number[] => [
    one.roomOf(client),
    one.audienceRoom(client),
    one.receiverCount(client),
    one.pausedReceiverCount(client),
    one.serverOf(client),
  ];
  const numbers = [
    ...lists.flatMap((list) => [...list, -1]),
    ...one.phases,
    -1,
    ...one.clientsByWorker.flatMap((clients) => [-2, ...clients]),
    -1,
    ...upTo(settings.clients).flatMap(perClient),
  ];
  return createHash("sha256").update(Float64Array.from(numbers)).digest("hex").slice(0, 16);
}

describe("assignClients", () => {
  const check = (property: (settings: Settings) => void): void => fc.assert(fc.property(anySettings, property));

  it("gives the same assignment for the same settings, and another for another seed", () => {
    const plain = (seed: number): unknown => dataOf(assignClients(settingsOf({ seed })));
    expect(plain(7)).toEqual(plain(7));
    expect(assignClients(settingsOf({ seed: 7 })).joinOrder).not.toEqual(
      assignClients(settingsOf({ seed: 8 })).joinOrder,
    );
    expect(assignClients(settingsOf({ seed: 7 })).senders).not.toEqual(assignClients(settingsOf({ seed: 8 })).senders);
  });

  it("has every client join once, in one worker, whose clients are in join order", () =>
    check((settings) => {
      const { joinOrder, clientsByWorker } = assignClients(settings);
      expect(joinOrder.toSorted(ascending)).toEqual(upTo(settings.clients));
      expect(clientsByWorker.flat().toSorted(ascending)).toEqual(upTo(settings.clients));
      const place = new Map(joinOrder.map((client, i) => [client, i]));
      for (const clients of clientsByWorker) {
        const places = clients.map((client) => place.get(client)!);
        expect(places).toEqual(places.toSorted(ascending));
      }
    }));

  it("deals whole rooms to the servers in turn, and numbers the clients of each server in join order", () =>
    check((settings) => {
      const servers = 1 + (settings.seed % Math.min(4, settings.rooms));
      const { joinOrder, roomOf, serverOf, connectIndex } = assignClients({ ...settings, servers });
      for (const client of joinOrder) expect(serverOf(client)).toBe(roomOf(client) % servers);
      for (const server of upTo(servers)) {
        const own = joinOrder.filter((client) => serverOf(client) === server);
        expect(own.map((client) => connectIndex[client])).toEqual(upTo(own.length));
      }
    }));

  it("draws the same for any number of servers, workers and addresses", () => {
    const drawn = (changes: Partial<Settings>): unknown => {
      const { joinOrder, senders, phases, joinIndex } = assignClients(settingsOf({ rooms: 12, ...changes }));
      return { joinOrder, senders, phases, joinIndex };
    };
    expect(drawn({ servers: 3, workers: 4, addresses: 2 })).toEqual(drawn({}));
  });

  it("lets the clients of each room enter in join order, one client of every room after another", () =>
    check((settings) => {
      const { joinOrder, roomOf, joinIndex } = assignClients(settings);
      for (const room of upTo(settings.rooms)) {
        const own = joinOrder.filter((client) => roomOf(client) === room);
        expect(own.map((client) => joinIndex[client])).toEqual(own.map((_, rank) => rank * settings.rooms + room));
      }
    }));

  it("lets clients enter a single room in join order", () => {
    const { joinOrder, joinIndex } = assignClients(settingsOf({ rooms: 1 }));
    expect(joinOrder.map((client) => joinIndex[client])).toEqual(upTo(joinOrder.length));
  });

  it("puts every client into one room, and room sizes differ by at most one", () =>
    check((settings) => {
      const { joinOrder, roomOf } = assignClients(settings);
      const found = upTo(settings.rooms).map((room) => joinOrder.filter((client) => roomOf(client) === room).length);
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

  it("has a sender worker with the senders and 20 spread observers, unless these are all clients", () =>
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

  it("deals the clients that are not in the sender worker by the shares of the workers, and changes nothing else", () =>
    check((settings) => {
      const shares = upTo(settings.workers).map((worker) => (worker + settings.seed) % 7);
      shares[0]! += 1;
      const [equal, dealt] = [assignClients(settings), assignClients({ ...settings, shares })];
      expect(dataOf({ ...dealt, clientsByWorker: [] })).toEqual(dataOf({ ...equal, clientsByWorker: [] }));
      const first = Number(dealt.hasSenderWorker);
      expect(dealt.clientsByWorker.slice(0, first)).toEqual(equal.clientsByWorker.slice(0, first));
      const parts = dealt.clientsByWorker.slice(first);
      expect(parts.flat().toSorted(ascending)).toEqual(equal.clientsByWorker.slice(first).flat().toSorted(ascending));
      const [total, sum] = [parts.flat().length, shares.reduce((all, share) => all + share)];
      for (const [worker, { length }] of parts.entries())
        expect(Math.abs(length - (total * shares[worker]!) / sum)).toBeLessThan(1);
    }));

  it("is the same, to the bit, as in earlier versions", () => {
    const digests = [
      ["chat-100", {}, "756c4254efa06a03"],
      ["chat-10k", { workers: 3 }, "ad78d1605f165b52"],
      ["echo", { workers: 2, seed: 7 }, "8797afc6301cbdf2"],
      ["slow-consumer", { workers: 2 }, "46c5fb1feb2219ba"],
      ["notify", { workers: 4 }, "b5dee0a9056c35e0"],
      ["full-duplex", {}, "c08b08a4da525639"],
    ] as const;
    for (const [name, changes, digest] of digests)
      expect([name, digestOf(resolveSettings(name, scenarios[name], changes))]).toEqual([name, digest]);
  });

  it("has a sender worker as soon as there is one client more than senders and observers", () => {
    expect(assignClients(settingsOf({ clients: 30, senders: 10 })).hasSenderWorker).toBe(false);
    expect(assignClients(settingsOf({ clients: 31, senders: 10 })).hasSenderWorker).toBe(true);
  });

  it("puts the paused clients, which do not send and are spread over the join order, into a last worker", () =>
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

  it("has 20 observers in the sender worker that are not paused, whatever the number of paused clients", () => {
    for (const pausedClients of [1, 20, 60]) {
      const settings = settingsOf({ clients: 100, senders: 5, pausedClients });
      const { senders, clientsByWorker, pausedClients: paused } = assignClients(settings);
      const observers = clientsByWorker[0]!.filter((client) => !senders.includes(client));
      expect(observers).toHaveLength(20);
      expect(observers.filter((client) => paused.includes(client))).toEqual([]);
    }
  });

  it("gives the same for no paused clients as without that setting", () =>
    check((settings) => {
      const plain = (changes: Partial<Settings>): unknown => dataOf(assignClients({ ...settings, ...changes }));
      expect(plain({ pausedClients: 0 })).toEqual(plain({}));
    }));

  it("puts exactly one client's phase into each stratum of the period", () =>
    check((settings) => {
      const strata = Array.from(assignClients(settings).phases, (phase) => Math.floor(phase * settings.clients));
      expect(strata.toSorted(ascending)).toEqual(upTo(settings.clients));
    }));

  it("works with a single client, and with a room and a sender for each client", () => {
    const alone = assignClients(settingsOf({ clients: 1, rooms: 1, senders: 1, workers: 3 }));
    expect(alone).toMatchObject({ joinOrder: [0], senders: [0], hasSenderWorker: false });
    expect(alone.clientsByWorker).toEqual([[0], [], []]);

    const each = assignClients(settingsOf({ clients: 50, rooms: 50, senders: 50 }));
    expect(each.senders.toSorted(ascending)).toEqual(upTo(50));
    expect(new Set(each.senders.map(each.roomOf)).size).toBe(50);
  });
});

it("a speaker that does not hear itself has a receiver less, but not the server that sends or receives", () => {
  const of = (changes: Partial<Settings>) =>
    assignClients(settingsOf({ clients: 10, rooms: 3, senders: 2, speakerExcluded: true, ...changes }));
  expect([0, 1, 10, 11].map(of({ senderSide: "both" }).receiverCount)).toEqual([3, 2, 4, 3]);
  expect([0, 1].map(of({ app: "ingest" }).receiverCount)).toEqual([1, 1]);
  expect(of({}).speakerExcluded).toBe(true);
  expect(assignClients(settingsOf({})).speakerExcluded).toBe(false);
});

describe("server-side senders", () => {
  const assign = (changes: Partial<Settings>) =>
    assignClients(settingsOf({ clients: 10, rooms: 3, senders: 2, ...changes }));

  it("are one for each room, numbered after the clients, and none if only clients send", () => {
    expect(assign({}).serverSenders).toEqual([]);
    const { serverSenders, allSenders, senders, roomOf } = assign({ senderSide: "both" });
    expect(serverSenders).toEqual([10, 11, 12]);
    expect(serverSenders.map(roomOf)).toEqual([0, 1, 2]);
    expect(allSenders).toEqual([...senders, ...serverSenders]);
  });

  it("and clients have their room as audience, but the server receives what clients send in an ingest", () => {
    const chat = assign({ senderSide: "both" });
    expect([0, 1, 10, 11].map(chat.audienceRoom)).toEqual([0, 1, 0, 1]);
    expect([0, 1, 10, 11].map(chat.receiverCount)).toEqual([4, 3, 4, 3]);
    const ingest = assign({ senderSide: "both", app: "ingest" });
    expect([0, 1, 10, 11].map(ingest.audienceRoom)).toEqual([-1, -1, 0, 1]);
    expect([0, 1, 10, 11].map(ingest.receiverCount)).toEqual([1, 1, 4, 3]);
  });
});

describe("the clients that a fault meets", () => {
  const text = fc.constantFrom("cut:50%", "gone:5s:3%", "half-open:9s:80%", "asleep:5s:20%", "cut:100%", "restart");
  const check = (property: (settings: Settings, assignment: Assignment) => void): void =>
    fc.assert(
      fc.property(anySettings, text, (settings, named) => {
        const withFault = { ...settings, fault: parseFault("--fault", named) };
        property(withFault, assignClients(withFault));
      }),
    );

  it("are as many as its share says, each once, and none without a fault", () => {
    check((settings, { affectedClients, senders }) => {
      const { clients, fault } = settings;
      expect(new Set(affectedClients).size).toBe(affectedClients.length);
      expect(affectedClients.length).toBe(affectedCount(fault!, { clients, senders: senders.length }));
    });
    expect(assignClients(base).affectedClients).toEqual([]);
  });

  it("do not send, unless it meets all", () =>
    check(({ clients }, { affectedClients, senders }) => {
      const met = senders.filter((sender) => affectedClients.includes(sender));
      expect(met).toEqual(affectedClients.length === clients ? senders : []);
    }));

  it("are spread over the join order of the clients that do not send", () =>
    check(({ clients }, { affectedClients, senders, joinOrder }) => {
      if (affectedClients.length === 0 || affectedClients.length === clients) return;
      const silent = joinOrder.filter((client) => !senders.includes(client));
      expectSpread(
        affectedClients.map((client) => silent.indexOf(client)),
        silent.length,
      );
    }));

  it("are alone in the last worker, in join order, or in every worker where it meets all", () =>
    check(({ clients, workers }, { affectedClients, clientsByWorker, joinOrder, hasSenderWorker }) => {
      const isPart = affectedClients.length > 0 && affectedClients.length < clients;
      expect(clientsByWorker.length).toBe(workers + Number(hasSenderWorker) + Number(isPart));
      if (!isPart) return;
      expect(clientsByWorker.at(-1)).toEqual(joinOrder.filter((client) => affectedClients.includes(client)));
      const others = clientsByWorker.slice(0, -1).flat();
      expect(others.filter((client) => affectedClients.includes(client))).toEqual([]);
      const whose = [...clientsByWorker.keys()].filter((worker) =>
        isAffected({ clientsByWorker, affectedClients }, worker),
      );
      expect(whose).toEqual([clientsByWorker.length - 1]);
    }));

  it("are the same for the same seed and others for another, and nothing else depends on them", () => {
    const fault = parseFault("--fault", "cut:30%");
    const of = (seed: number, changes: Partial<Settings> = { fault }) =>
      assignClients(settingsOf({ seed, ...changes }));
    expect(of(7).affectedClients).toEqual(of(7).affectedClients);
    expect(of(7).affectedClients).not.toEqual(of(8).affectedClients);
    const drawn = ({ joinOrder, senders, phases, joinIndex, connectIndex }: Assignment) =>
      dataOf({ joinOrder, senders, phases, joinIndex, connectIndex });
    expect(drawn(of(7))).toEqual(drawn(of(7, {})));
  });

  it("leave enough observers for a worker of the senders, or there is none", () => {
    const share = { clients: 100, senders: 10 };
    expect(senderWorkerShare(share)).toBe(30);
    expect(senderWorkerShare({ ...share, fault: parseFault("--fault", "cut:69%") })).toBe(30);
    expect(senderWorkerShare({ ...share, fault: parseFault("--fault", "cut:70%") })).toBe(0);
    expect(senderWorkerShare({ ...share, fault: parseFault("--fault", "cut:100%") })).toBe(30);
  });
});
