import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Application, Connection, Room } from "../../../scenarios/contract.ts";
import type { Carrier } from "./carrier.ts";
import { hostApplication, type ServerConnection } from "./host.ts";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";

/** A connection that only notes what is pushed. */
interface Wire {
  pushes: Buffer[][];
  /** What a slow reader has not taken. */
  queuedBytes: number;
  open: boolean;
}

let joins = 0;

/** Puts messages together, and counts how often that is asked for. */
function flat(messages: Buffer[][]): Buffer[] {
  joins++;
  return messages.flat();
}

beforeEach(() => (joins = 0));

/** A host with so many clients, each in the hands of the test. */
function hosted(
  clients: number,
  application: Partial<Application> = {},
  together: Partial<Carrier<Wire, Buffer[]>> = { concat: flat },
) {
  const connections: Connection[] = [];
  const left: Connection[] = [];
  const rooms: Room[] = [];
  const { counts, join } = hostApplication<Wire, Buffer[]>(
    (openRoom) => {
      rooms.push(openRoom(), openRoom());
      return {
        join: (connection) => void connections.push(connection),
        receive: () => undefined,
        leave: (connection) => {
          left.push(connection);
          application.leave?.(connection);
        },
      };
    },
    {
      encode: (payload) => [payload],
      push(wire, messages) {
        if (wire.open) wire.pushes.push(messages);
        return wire.open;
      },
      queuedBytes: (wire) => wire.queuedBytes,
      close: (wire) => (wire.open = false),
      drop: (wire) => (wire.open = false),
      ...together,
    },
    { ...defaultOptions, queueBytes: 100, handshakeMs: 10 },
  );
  const wires = Array.from({ length: clients }, (): Wire => ({ pushes: [], queuedBytes: 0, open: true }));
  const guests: ServerConnection[] = wires.map(join);
  const texts = (client: number): string[] => wires[client]!.pushes.flat().map(String);
  return { counts, links: connections, left, rooms, wires, guests, texts };
}

const text = (string: string): Buffer => Buffer.from(string);

describe("what is sent in one turn of the event loop", () => {
  it("leaves as one push for each receiver, put together once", async () => {
    const { rooms, links: connections, wires, texts } = hosted(2);
    for (const connection of connections) rooms[0]!.add(connection);
    for (const each of ["a", "b", "c"]) rooms[0]!.send(text(each), true);
    expect(wires.map(({ pushes }) => pushes.length)).toEqual([0, 0]);
    await turn();
    expect(wires.map(({ pushes }) => pushes.length)).toEqual([1, 1]);
    expect([texts(0), texts(1), joins]).toEqual([["a", "b", "c"], ["a", "b", "c"], 1]);
  });

  it("leaves as it was encoded where it is one message", async () => {
    const { links: connections, wires } = hosted(2);
    const payload = text("alone");
    for (const connection of connections) connection.send(payload, true);
    await turn();
    expect(wires.map(({ pushes }) => pushes)).toEqual([[[payload]], [[payload]]]);
    expect(joins).toBe(0);
  });

  it("does not wait beyond 64 KiB for one audience", async () => {
    const { rooms, links: connections, wires } = hosted(1);
    rooms[0]!.add(connections[0]!);
    rooms[0]!.send(Buffer.alloc(65_535), true);
    expect(wires[0]!.pushes.length).toBe(0);
    rooms[0]!.send(Buffer.alloc(1), true);
    expect(wires[0]!.pushes.length).toBe(1);
    await turn();
    expect(wires[0]!.pushes.length).toBe(1);
  });

  it("is counted as it is pushed, and not for who takes nothing any more", async () => {
    const { rooms, links: connections, wires, counts } = hosted(3);
    for (const connection of connections) rooms[0]!.add(connection);
    rooms[0]!.send(text("abc"), true);
    connections[0]!.send(text("de"), true);
    expect(counts.payloadsOut).toBe(3); // the second had to wait for the first
    wires[0]!.open = false;
    rooms[0]!.send(text("f"), true);
    expect(counts).toMatchObject({ payloadsOut: 3, payloadBytesOut: 9 });
    await turn();
    expect(counts).toMatchObject({ payloadsOut: 5, payloadBytesOut: 11 });
  });

  it("reaches everybody before a client is dropped that does not read, and then what the hub says to that", async () => {
    const application: Partial<Application> = { leave: () => rooms[0]!.send(text("somebody left"), true) };
    const { rooms, links: connections, left, wires, texts } = hosted(3, application);
    for (const connection of connections) rooms[0]!.add(connection);
    wires[1]!.queuedBytes = 101;
    rooms[0]!.send(text("news"), true);
    await turn();
    await turn();
    expect([texts(0), texts(2)]).toEqual([
      ["news", "somebody left"],
      ["news", "somebody left"],
    ]);
    expect([left, wires[1]!.open]).toEqual([[connections[1]], false]);
  });
});

it("hands over at once where messages cannot be pushed together", () => {
  const { rooms, links: connections, texts } = hosted(2, {}, {});
  rooms[0]!.add(connections[0]!);
  rooms[0]!.send(text("a"), true);
  connections[0]!.send(text("b"), true);
  expect(texts(0)).toEqual(["a", "b"]);
});

const clients = 4;
const step = fc.record({
  what: fc.constantFrom("room", "room", "link", "link", "add", "add", "delete", "close", "leave", "turn"),
  client: fc.nat({ max: clients - 1 }),
  room: fc.nat({ max: 1 }),
  payloadBytes: fc.constantFrom(4, 30_000, 70_000),
});

it("sends each client just what was for it, in order, whatever goes to rooms and clients and whoever comes and goes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
      const { rooms, links: connections, wires, guests, texts, counts } = hosted(clients);
      const members = rooms.map(() => new Set<number>());
      const due = wires.map((): string[] => []);
      const gone = new Set<number>();
      for (const [i, { what, client, room, payloadBytes }] of steps.entries()) {
        const payload = Buffer.alloc(payloadBytes, `${i}, `);
        const to = what === "room" ? [...members[room]!] : what === "link" ? [client] : [];
        for (const each of to) if (wires[each]!.open) due[each]!.push(payload.toString());
        if (what === "room") rooms[room]!.send(payload, true);
        else if (what === "link") connections[client]!.send(payload, true);
        else if (what === "add") {
          rooms[room]!.add(connections[client]!);
          members[room]!.add(client);
        } else if (what === "delete") {
          rooms[room]!.delete(connections[client]!);
          members[room]!.delete(client);
        } else if (what === "close") connections[client]!.close();
        else if (what === "turn") await turn();
        else {
          wires[client]!.open = false;
          guests[client]!.leave();
          gone.add(client);
        }
      }
      await turn();
      for (const [i, texts_] of due.entries()) {
        // Whose connection has ended is not sent what waited.
        const expected = gone.has(i) ? texts_.slice(0, texts(i).length) : texts_;
        expect(texts(i)).toEqual(expected);
      }
      const pushed = wires.flatMap(({ pushes }) => pushes.flat());
      expect([counts.payloadsOut, counts.payloadBytesOut]).toEqual([pushed.length, Buffer.concat(pushed).length]);
    }),
  );
});
