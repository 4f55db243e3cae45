import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { clientsThatFit, type Limits } from "../system/limits.ts";
import { maxClients, planProcesses, type ResourceRequest } from "./process-plan.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { transports } from "../transports.ts";
import { type Scenario } from "../definitions/scenario.ts";
import { assignClients } from "../workload/assignment.ts";

const roomy: Limits = { descriptors: 20_000, ports: 28_232, memoryMib: 23_000, cores: 2 };

function ask(transport: keyof typeof transports, scenario: Scenario, workers?: number): ResourceRequest {
  const changes = workers === undefined ? {} : { workers };
  return {
    label: transport,
    transport: transports[transport],
    settled: (clients) => resolveSettings("made up", scenario, { ...changes, clients }),
    workers,
  };
}

const plan = (transport: keyof typeof transports, name: keyof typeof scenarios, limits: Partial<Limits> = {}) =>
  planProcesses(ask(transport, scenarios[name]), scenarios[name].clients, { ...roomy, ...limits });

/** How many clients would fit, where it is said that those asked for do not. */
function fewerFit(attempt: () => unknown): number | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return Number(/ at most (\d+) --clients fit/.exec((error as Error).message)?.[1]);
  }
}

describe("the processes of a trial", () => {
  it("are one server and one worker at one address wherever that will do", () => {
    for (const name of ["echo", "chat-100", "chat-1k", "idle-100"] as const)
      for (const transport of ["short-poll", "long-poll", "ws", "socket.io", "tcp"] as const)
        expect(plan(transport, name)).toEqual({ servers: 1, addresses: 1, workers: 1 });
  });

  it("are more where a process has too few descriptors for all sockets", () => {
    expect(plan("ws", "chat-10k")).toEqual({ servers: 1, addresses: 2, workers: 1 });
    expect(plan("long-poll", "chat-10k")).toEqual({ servers: 2, addresses: 2, workers: 2 });
    expect(plan("ws", "idle-100k")).toEqual({ servers: 6, addresses: 3, workers: 6 });
    expect(plan("ws", "idle-100k", { descriptors: null })).toEqual({ servers: 1, addresses: 13, workers: 1 });
  });

  it("are as many workers as the user says, if these can have the clients", () => {
    expect(planProcesses(ask("ws", scenarios["chat-1k"], 5), 1_000, roomy)).toMatchObject({ servers: 1, workers: 5 });
    expect(() => planProcesses(ask("long-poll", scenarios["chat-10k"], 1), 10_000, roomy)).toThrow(
      "long-poll with 10000 clients needs 20064 descriptors in a worker process, but a process may have 20000 open: " +
        "at most 9968 --clients fit, or give at least 2 --workers, or raise the limit (ulimit -n).",
    );
  });

  it("are the workers alone where the server runs elsewhere, at one address, for as many clients as that has ports", () => {
    const targeted = (transport: keyof typeof transports, name: keyof typeof scenarios) =>
      planProcesses({ ...ask(transport, scenarios[name]), targeted: true }, scenarios[name].clients, roomy);
    expect(targeted("long-poll", "chat-10k")).toEqual({ servers: 1, addresses: 1, workers: 2 });
    expect(() => targeted("ws", "idle-100k")).toThrow(
      "ws with 100000 clients needs 100000 ports to one address, but the kernel gives 28232: " +
        "at most 28232 --clients fit, or widen net.ipv4.ip_local_port_range.",
    );
  });

  it("hold every client of any scenario in any limits, or fewer fit: no process has more than it can, no address more than its ports", () => {
    const any = fc.record({
      clients: fc.integer({ min: 1, max: 400 }),
      rooms: fc.oneof(
        fc.integer({ min: 1, max: 50 }),
        fc.constant("one each" as const),
        fc.record({ of: fc.integer({ min: 1, max: 30 }) }),
      ),
      senders: fc.constantFrom(0, 1, 10, "everybody" as const, "one a room" as const),
      transport: fc.constantFrom("ws" as const, "long-poll" as const),
      descriptors: fc.integer({ min: 60, max: 500 }),
      // So many that 254 addresses are enough for 400 clients on one server: beyond that, fewer clients need not fit better.
      ports: fc.integer({ min: 4, max: 300 }),
      workers: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(any, ({ clients, rooms, senders, transport, descriptors, ports, workers }) => {
        const asked = ask(transport, { ...scenarios["chat-100"], rooms, senders }, workers);
        const limits = { ...roomy, descriptors, ports };
        const fewer = fewerFit(() => planProcesses(asked, clients, limits));
        expect(fewer ?? 0).toBeLessThan(clients);
        if (fewer === 0) return;
        const found = planProcesses(asked, fewer ?? clients, limits);
        const settings = { ...asked.settled(fewer ?? clients), ...found };
        const { serverOf, roomOf, joinOrder, clientsByWorker } = assignClients(settings);
        const { socketsPerClient } = transports[transport];
        const mostHere = clientsThatFit(socketsPerClient, descriptors);
        const hosted = Array.from({ length: found.servers }, () => 0);
        for (const client of joinOrder) hosted[serverOf(client)]!++;
        expect(Math.max(...hosted, ...clientsByWorker.map(({ length }) => length))).toBeLessThanOrEqual(mostHere);
        expect((Math.max(...hosted) * socketsPerClient) / found.addresses).toBeLessThanOrEqual(ports);
        const servers = new Map(joinOrder.map((client) => [roomOf(client), serverOf(client)]));
        for (const client of joinOrder) expect(servers.get(roomOf(client))).toBe(serverOf(client));
        expect(found.workers).toBe(workers ?? found.workers);
      }),
    );
  });
});

it("fits as many clients as it says and not one more", () => {
  for (const transport of ["ws", "long-poll"] as const)
    for (const [rooms, workers] of [
      [1, undefined],
      [7, 2],
      [{ of: 30 }, undefined],
      ["one each", 3],
    ] as const) {
      const asked = ask(transport, { ...scenarios["chat-100"], rooms, senders: 1 }, workers);
      const limits = { ...roomy, descriptors: 300, memoryMib: 1_000 };
      const most = maxClients(asked, limits);
      expect(planProcesses(asked, most, limits).servers).toBeGreaterThan(0);
      expect(() => planProcesses(asked, most + 1, limits)).toThrow(`at most ${most} --clients fit`);
    }
});

describe("a trial that cannot be is refused in one sentence", () => {
  const refusal = (
    transport: keyof typeof transports,
    name: keyof typeof scenarios,
    clients: number,
    limits: Partial<Limits>,
  ) => {
    try {
      planProcesses(ask(transport, scenarios[name]), clients, { ...roomy, ...limits });
      return "it was let through";
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    }
  };

  it("where a room has more clients than a process has descriptors", () => {
    expect(refusal("long-poll", "chat-1k", 1_000, { descriptors: 2_063 })).toBe(
      "long-poll with 1000 clients needs 2064 descriptors in the server process of one room, but a process may have 2063 open: " +
        "at most 999 --clients fit, or raise the limit (ulimit -n).",
    );
    expect(refusal("long-poll", "chat-1k", 1_000, { descriptors: 10 })).toContain("at most 0 --clients fit");
  });

  it("where the memory that is free does not do", () => {
    expect(refusal("ws", "idle-100k", 100_000, { memoryMib: 4_000 })).toBe(
      "ws with 100000 clients needs about 5728 MiB of memory in 13 processes, but 4000 are free: " +
        "at most 69973 --clients fit, or end other programs.",
    );
    expect(refusal("ws", "idle-100k", 100_000, { memoryMib: null })).toBe("it was let through");
  });

  it("where nobody speaks and the cores cannot answer as many polls", () => {
    expect(refusal("short-poll", "idle-100k", 100_000, {})).toBe(
      "short-poll with 100000 clients makes 100000 polls a second when nobody speaks, but 2 cores carry 40000 at the very most: " +
        "at most 40000 --clients fit, or take a machine with more cores.",
    );
    expect(refusal("short-poll", "idle-100k", 100_000, { cores: 8 })).toBe("it was let through");
  });

  it("where all loopback addresses together have too few ports", () => {
    expect(refusal("tcp", "chat-1k", 1_000, { ports: 3 })).toBe(
      "tcp with 1000 clients needs 334 loopback addresses for each server, but there are 254, with 3 ports each: " +
        "at most 762 --clients fit, or widen net.ipv4.ip_local_port_range.",
    );
  });
});
