import { describe, expect, it } from "vitest";
import { scenarios } from "../scenarios.ts";
import { pairTrials, planTrials, resolveSettings, type SettingsOverrides, type Trial } from "./settings.ts";
import { type Scenario } from "./scenario.ts";

const chat: Scenario = { ...scenarios["chat-100"], clients: 100, rooms: 4, senders: 10, ratePerS: 50 };
const chatWith = (changes: SettingsOverrides) => resolveSettings("chat", chat, changes);

describe("resolveSettings", () => {
  it("keeps the scenario's numbers if nothing is changed", () => {
    const { question: _question, ...numbers } = chat;
    const processes = { servers: 1, addresses: 1, workers: 1 };
    const added = { scenario: "chat", ...processes, extraHeaderBytes: 0, warmupPauseMs: 0, seed: 1, precise: true };
    expect(chatWith({})).toEqual({ ...numbers, ...added });
  });

  it("prefers each change to the scenario", () => {
    const changes = { clients: 7, ratePerS: 3, payloadBytes: 99, durationMs: 1, warmupMs: 2, workers: 4, seed: 5 };
    expect(chatWith(changes)).toMatchObject(changes);
  });

  it("makes a warm-up of the user's exactly that long, and keeps both bounds of the scenario's", () => {
    const long = { ...chat, warmupMs: 5_000, maxWarmupMs: 30_000 };
    expect(resolveSettings("chat", long, {})).toMatchObject({ warmupMs: 5_000, maxWarmupMs: 30_000 });
    expect(resolveSettings("chat", long, { warmupMs: 700 })).toMatchObject({ warmupMs: 700, maxWarmupMs: 700 });
  });

  it("pauses no client that sends, and no more than there are", () => {
    const pausedOf = (clients: number) =>
      resolveSettings("chat", { ...chat, pausedClients: 5 }, { clients }).pausedClients;
    expect([100, 16, 13, 10].map(pausedOf)).toEqual([5, 5, 3, 0]);
    expect(chatWith({})).not.toHaveProperty("pausedClients");
  });

  it("never has more rooms or senders than clients", () => {
    expect(chatWith({ clients: 3 })).toMatchObject({ clients: 3, rooms: 3, senders: 3 });
    expect(chatWith({ clients: 8 })).toMatchObject({ clients: 8, rooms: 4, senders: 8 });
  });

  it("keeps a room for each client and everybody a sender, for any number of clients", () => {
    expect(resolveSettings("echo", scenarios.echo, { clients: 17 })).toMatchObject({ rooms: 17, senders: 17 });
  });

  it("keeps the size of the rooms if the scenario gives it, with one sender in each", () => {
    const groups: Scenario = { ...chat, rooms: { of: 100 }, senders: "one a room" };
    const sizes = (clients: number) => resolveSettings("groups", groups, { clients });
    expect(sizes(10_000)).toMatchObject({ rooms: 100, senders: 100 });
    expect(sizes(10_001)).toMatchObject({ rooms: 101, senders: 101 });
    expect(sizes(7)).toMatchObject({ rooms: 1, senders: 1 });
  });

  it("takes precise from the user for any scenario", () => {
    expect(resolveSettings("echo", scenarios.echo, { precise: false }).precise).toBe(false);
    expect(chatWith({ ratePerS: 1_000, precise: true }).precise).toBe(true);
  });

  it("makes an echo precise at any rate, a chat up to 200 messages a second", () => {
    expect(resolveSettings("echo", scenarios.echo, { ratePerS: 5_000 }).precise).toBe(true);
    expect(chatWith({ ratePerS: 200 }).precise).toBe(true);
    expect(chatWith({ ratePerS: 201 }).precise).toBe(false);
  });

  it("gives plain JSON, which can be recorded and passed to another process", () => {
    const settings = chatWith({});
    expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
  });
});

describe("planTrials", () => {
  const names = ["a", "b", "c", "d", "e"];
  const orderOf = (repeats: number, seed: number): string[] =>
    planTrials(names, chatWith({ seed }), repeats).map(({ transport }) => transport);
  const blocks = (order: readonly string[]): string[][] =>
    Array.from({ length: order.length / names.length }, (_, i) =>
      order.slice(i * names.length, (i + 1) * names.length),
    );

  it("keeps the given order if there is one repeat", () => {
    expect(orderOf(1, 1)).toEqual(names);
    expect(orderOf(1, 99)).toEqual(names);
  });

  it("has each transport once before any transport again, with repeats numbered from 1", () => {
    const trials = planTrials(names, chatWith({}), 10);
    expect(trials.map(({ repeat }) => repeat)).toEqual(trials.map((_, i) => 1 + Math.floor(i / names.length)));
    for (const block of blocks(orderOf(10, 1))) expect(block.toSorted()).toEqual(names);
  });

  it("shuffles each repeat by its own seed", () => {
    expect(orderOf(10, 1)).toEqual(orderOf(10, 1));
    expect(orderOf(10, 1)).not.toEqual(orderOf(10, 100));
    expect(new Set(blocks(orderOf(10, 1)).map(String)).size).toBeGreaterThan(5);
    expect(new Set(blocks(orderOf(10, 1)).map(([first]) => first)).size).toBeGreaterThan(1);
  });

  it("gives all transports of a repeat the same settings, and each repeat its own seed", () => {
    const trials = planTrials(names, chatWith({ seed: 40 }), 3);
    for (const { settings, repeat } of trials) expect(settings).toEqual(chatWith({ seed: 39 + repeat }));
  });
});

describe("pairTrials", () => {
  const builds = ["ours", "theirs"] as const;
  const pairs = (repeats: number, seed = 1): Trial[][] => {
    const all = pairTrials(planTrials(["a", "b"], chatWith({ seed }), repeats), builds);
    return all.flatMap((trial, i) => (i % 2 === 0 ? [[trial, all[i + 1]!]] : []));
  };
  const firsts = (repeats: number, seed?: number) =>
    pairs(repeats, seed).map(([first]) => `${first!.transport} ${first!.build}`);

  it("has each planned trial for both builds, one after the other, equal in everything else", () => {
    const planned = planTrials(["a", "b"], chatWith({}), 3);
    const without = ({ build: _build, ...trial }: Trial): Trial => trial;
    expect(pairs(3).map(([first]) => without(first!))).toEqual(planned);
    for (const [first, second] of pairs(3)) {
      expect(without(first!)).toEqual(without(second!));
      expect(new Set([first!.build, second!.build])).toEqual(new Set(builds));
    }
  });

  it("has each build first equally often over an even number of repeats", () => {
    for (const seed of [1, 2, 3, 4, 5])
      for (const transport of ["a", "b"])
        for (const build of builds)
          expect(firsts(10, seed).filter((each) => each === `${transport} ${build}`)).toHaveLength(5);
  });

  it("draws which build is first from the seed", () => {
    expect(firsts(10, 3)).toEqual(firsts(10, 3));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => String(firsts(10, seed)))).size).toBeGreaterThan(3);
  });
});
