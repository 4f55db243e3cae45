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

function requestFor(transport: keyof typeof transports, scenario: Scenario, workers?: number): ResourceRequest {
  const changes = workers === undefined ? {} : { workers };
  return {
    label: transport,
    transport: transports[transport],
    settingsFor: (clients) => resolveSettings("made up", scenario, { ...changes, clients }),
    workers,
  };
}

const plan = (transport: keyof typeof transports, name: keyof typeof scenarios, limits: Partial<Limits> = {}) =>
  planProcesses(requestFor(transport, scenarios[name]), scenarios[name].clients, { ...roomy, ...limits });

/** The number of clients that an error says would fit; undefined without an error. */
function clientsInError(attempt: () => unknown): number | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return Number(/ at most (\d+) --clients/.exec((error as Error).message)?.[1]);
  }
}

describe("the processes of a trial", () => {
  it("are one server and one worker at one address if that is enough", () => {
    for (const name of ["echo", "chat-100", "chat-1k", "idle-100"] as const)
      for (const transport of ["short-poll", "long-poll", "ws", "socket.io", "tcp"] as const)
        expect(plan(transport, name)).toEqual({ servers: 1, addresses: 1, workers: 1 });
  });

  it("are more if a process has too few descriptors for all sockets", () => {
    expect(plan("ws", "chat-10k")).toEqual({ servers: 1, addresses: 2, workers: 1 });
    expect(plan("long-poll", "chat-10k")).toEqual({ servers: 2, addresses: 2, workers: 2 });
    expect(plan("ws", "idle-100k")).toEqual({ servers: 6, addresses: 3, workers: 6 });
    expect(plan("ws", "idle-100k", { descriptors: null })).toEqual({ servers: 1, addresses: 13, workers: 1 });
  });

  it("are as many workers as the user wants, if the clients fit into them", () => {
    expect(planProcesses(requestFor("ws", scenarios["chat-1k"], 5), 1_000, roomy)).toMatchObject({
      servers: 1,
      workers: 5,
    });
    expect(() => planProcesses(requestFor("long-poll", scenarios["chat-10k"], 1), 10_000, roomy)).toThrow(
      "long-poll with 10000 clients needs 20064 descriptors in a worker process, and the limit is 20000: " +
        "use at most 9968 --clients, or at least 2 --workers, or raise it with ulimit -n.",
    );
  });

  it("are workers alone if the server runs elsewhere, for as many clients as its one address has ports", () => {
    const targeted = (transport: keyof typeof transports, name: keyof typeof scenarios) =>
      planProcesses({ ...requestFor(transport, scenarios[name]), targeted: true }, scenarios[name].clients, roomy);
    expect(targeted("long-poll", "chat-10k")).toEqual({ servers: 1, addresses: 1, workers: 2 });
    expect(() => targeted("ws", "idle-100k")).toThrow(
      "ws with 100000 clients needs 100000 ports to one address, and the limit is 28232: " +
        "use at most 28232 --clients, or widen net.ipv4.ip_local_port_range.",
    );
  });

  it("keep every process within its descriptors and every address within its ports, for any scenario and limits", () => {
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
      // Enough for 400 clients on one server with 254 addresses: beyond that, fewer clients need not fit better.
      ports: fc.integer({ min: 4, max: 300 }),
      workers: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(any, ({ clients, rooms, senders, transport, descriptors, ports, workers }) => {
        const request = requestFor(transport, { ...scenarios["chat-100"], rooms, senders }, workers);
        const limits = { ...roomy, descriptors, ports };
        const fewer = clientsInError(() => planProcesses(request, clients, limits));
        expect(fewer ?? 0).toBeLessThan(clients);
        if (fewer === 0) return;
        const planned = planProcesses(request, fewer ?? clients, limits);
        const settings = { ...request.settingsFor(fewer ?? clients), ...planned };
        const { serverOf, roomOf, joinOrder, clientsByWorker } = assignClients(settings);
        const { socketsPerClient } = transports[transport];
        const mostInProcess = clientsThatFit(socketsPerClient, descriptors);
        const hosted = Array.from({ length: planned.servers }, () => 0);
        for (const client of joinOrder) hosted[serverOf(client)]!++;
        expect(Math.max(...hosted, ...clientsByWorker.map(({ length }) => length))).toBeLessThanOrEqual(mostInProcess);
        expect((Math.max(...hosted) * socketsPerClient) / planned.addresses).toBeLessThanOrEqual(ports);
        const servers = new Map(joinOrder.map((client) => [roomOf(client), serverOf(client)]));
        for (const client of joinOrder) expect(servers.get(roomOf(client))).toBe(serverOf(client));
        expect(planned.workers).toBe(workers ?? planned.workers);
      }),
    );
  });
});

it("maxClients is the largest number of clients that fits", () => {
  for (const transport of ["ws", "long-poll"] as const)
    for (const [rooms, workers] of [
      [1, undefined],
      [7, 2],
      [{ of: 30 }, undefined],
      ["one each", 3],
    ] as const) {
      const request = requestFor(transport, { ...scenarios["chat-100"], rooms, senders: 1 }, workers);
      const limits = { ...roomy, descriptors: 300, memoryMib: 1_000 };
      const most = maxClients(request, limits);
      expect(planProcesses(request, most, limits).servers).toBeGreaterThan(0);
      expect(() => planProcesses(request, most + 1, limits)).toThrow(`at most ${most} --clients`);
    }
});

describe("planProcesses rejects in one sentence", () => {
  const rejection = (
    transport: keyof typeof transports,
    name: keyof typeof scenarios,
    clients: number,
    limits: Partial<Limits>,
  ) => {
    try {
      planProcesses(requestFor(transport, scenarios[name]), clients, { ...roomy, ...limits });
      return "accepted";
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    }
  };

  it("a room with more clients than a process has descriptors", () => {
    expect(rejection("long-poll", "chat-1k", 1_000, { descriptors: 2_063 })).toBe(
      "long-poll with 1000 clients needs 2064 descriptors in the server process of one room, and the limit is 2063: " +
        "use at most 999 --clients, or raise it with ulimit -n.",
    );
    expect(rejection("long-poll", "chat-1k", 1_000, { descriptors: 10 })).toContain("at most 0 --clients");
  });

  it("more memory than is free", () => {
    expect(rejection("ws", "idle-100k", 100_000, { memoryMib: 4_000 })).toBe(
      "ws with 100000 clients needs about 5765 MiB of memory in 13 processes, and 4000 MiB are free: " +
        "use at most 69429 --clients, or end other programs.",
    );
    expect(rejection("ws", "idle-100k", 100_000, { memoryMib: null })).toBe("accepted");
  });

  it("more pages of a browser than cores or workers can have, and more deliveries than pages receive in time", () => {
    const planPages = (transport: keyof typeof transports, clients: number, ratePerS: number, cores = 2) =>
      planProcesses(requestFor(transport, { ...scenarios.echo, ratePerS }), clients, { ...roomy, cores });
    expect(planPages("long-poll-browser", 100, 100)).toMatchObject({ workers: 1 });
    expect(() => planPages("long-poll-browser", 101, 100)).toThrow(
      "long-poll-browser with 101 clients needs 26 pages of Chromium, and 2 cores have at most 25: " +
        "use at most 100 --clients, or use a machine with more cores.",
    );
    expect(() => planPages("sse-browser", 200, 100, 8)).toThrow(
      "sse-browser with 200 clients needs 50 pages of Chromium, and 1 worker processes have at most 25: " +
        "use at most 100 --clients, or more --workers.",
    );
    expect(rejection("ws-browser", "chat-100", 100, {})).toBe(
      "ws-browser with 100 clients needs 20000 deliveries a second in pages of Chromium, and 2 cores make at most 3000: " +
        "use at most 15 --clients, or a lower --rate, or use a machine with more cores.",
    );
  });

  it("payloads that do not fit into the memory, and plans fewer bodies of large ones", () => {
    const plan16MiB = (clients: number) => {
      const settingsFor = (count: number) =>
        resolveSettings("echo", scenarios.echo, { clients: count, payloadBytes: 16 * 2 ** 20 });
      const request = { label: "ws", transport: transports.ws, settingsFor, workers: undefined };
      return planProcesses(request, clients, { ...roomy, memoryMib: 4_000 });
    };
    expect(plan16MiB(10)).toMatchObject({ servers: 1, workers: 1 });
    expect(() => plan16MiB(100)).toThrow(
      "ws with 100 clients needs about 5093 MiB of memory in 2 processes, and 4000 MiB are free: " +
        "use at most 77 --clients, or use fewer --payload-bytes, or end other programs.",
    );
  });

  it("more memory than is free, where the worker of the senders and that of the paused clients are processes, too", () => {
    const processes = (changes: Partial<Scenario>): string | undefined => {
      const scenario: Scenario = { ...scenarios["chat-100"], ...changes };
      try {
        planProcesses(requestFor("ws", scenario), 100, { ...roomy, memoryMib: 100 });
        return "accepted";
      } catch (error) {
        return / MiB of memory in (\d+) processes/.exec((error as Error).message)?.[1];
      }
    };
    expect(processes({ senders: "everybody" })).toBe("2");
    expect(processes({ senders: 5 })).toBe("3");
    expect(processes({ senders: 5, pausedClients: 10 })).toBe("4");
    expect(processes({ senders: 5, pausedClients: 90 })).toBe("3");
  });

  it("more memory than is free, of which a connection over TLS needs more than twice as much", () => {
    const request = requestFor("ws", scenarios["idle-100k"]);
    const secure = { ...request, transport: { ...request.transport, options: { tls: true } } };
    const limits = { ...roomy, memoryMib: 4_000 };
    const [plain, encrypted] = [maxClients(request, limits), maxClients(secure, limits)];
    expect(plain / encrypted).toBeGreaterThan(2);
    expect(plain / encrypted).toBeLessThan(2.6);
  });

  it("more idle polls than the cores can answer", () => {
    expect(rejection("short-poll", "idle-100k", 100_000, {})).toBe(
      "short-poll with 100000 clients needs 100000 polls a second without any message, and 2 cores process at most 40000: " +
        "use at most 40000 --clients, or use a machine with more cores.",
    );
    expect(rejection("short-poll", "idle-100k", 100_000, { cores: 8 })).toBe("accepted");
  });

  it("more ports than all loopback addresses have", () => {
    expect(rejection("tcp", "chat-1k", 1_000, { ports: 3 })).toBe(
      "tcp with 1000 clients needs 334 loopback addresses for each server, and the limit is 254, with 3 ports each: " +
        "use at most 762 --clients, or widen net.ipv4.ip_local_port_range.",
    );
  });
});
