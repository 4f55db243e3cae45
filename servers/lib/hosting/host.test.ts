import { setImmediate as nextTick } from "node:timers/promises";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Application, Connection, Room } from "../../../scenarios/contract.ts";
import type { Carrier } from "./carrier.ts";
import { hostApplication, type ServerConnection } from "./host.ts";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";

/** A client that only records its pushes. */
interface FakeClient {
  pushes: Buffer[][];
  /** Bytes that a slow client has not read. */
  queuedBytes: number;
  open: boolean;
}

let concats = 0;

/** Concatenates messages, and counts its calls. */
function concat(messages: Buffer[][]): Buffer[] {
  concats++;
  return messages.flat();
}

beforeEach(() => (concats = 0));

/** Hosts an application for so many fake clients. */
function hosted(
  clients: number,
  application: Partial<Application> = {},
  carrier: Partial<Carrier<FakeClient, Buffer[]>> = { concat },
) {
  const connections: Connection[] = [];
  const left: Connection[] = [];
  const rooms: Room[] = [];
  const { counts, join } = hostApplication<FakeClient, Buffer[]>(
    (openRoom) => {
      rooms.push(openRoom(), openRoom());
      return {
        join: (connection) => void connections.push(connection),
        receive: (...message) => application.receive?.(...message),
        leave: (connection) => {
          left.push(connection);
          application.leave?.(connection);
        },
      };
    },
    {
      encode: (payload) => [payload],
      push(fake, messages) {
        if (fake.open) fake.pushes.push(messages);
        return fake.open;
      },
      queuedBytes: (fake) => fake.queuedBytes,
      close: (fake) => (fake.open = false),
      drop: (fake) => (fake.open = false),
      ...carrier,
    },
    { ...defaultOptions, queueBytes: 100, handshakeMs: 10 },
  );
  const fakes = Array.from({ length: clients }, (): FakeClient => ({ pushes: [], queuedBytes: 0, open: true }));
  const serverConnections: ServerConnection[] = fakes.map(join);
  const texts = (client: number): string[] => fakes[client]!.pushes.flat().map(String);
  return { counts, connections, left, rooms, fakes, serverConnections, texts };
}

const text = (string: string): Buffer => Buffer.from(string);

describe("messages of one tick of the event loop", () => {
  it("leave in one push for each receiver, concatenated once", async () => {
    const { rooms, connections, fakes, texts } = hosted(2);
    for (const connection of connections) rooms[0]!.add(connection);
    for (const each of ["a", "b", "c"]) rooms[0]!.send(text(each), true);
    expect(fakes.map(({ pushes }) => pushes.length)).toEqual([0, 0]);
    await nextTick();
    expect(fakes.map(({ pushes }) => pushes.length)).toEqual([1, 1]);
    expect([texts(0), texts(1), concats]).toEqual([["a", "b", "c"], ["a", "b", "c"], 1]);
  });

  it("leave without concatenation where there is one message", async () => {
    const { connections, fakes } = hosted(2);
    const payload = text("alone");
    for (const connection of connections) connection.send(payload, true);
    await nextTick();
    expect(fakes.map(({ pushes }) => pushes)).toEqual([[[payload]], [[payload]]]);
    expect(concats).toBe(0);
  });

  it("are pushed before the tick ends at 64 KiB for the same recipients", async () => {
    const { rooms, connections, fakes } = hosted(1);
    rooms[0]!.add(connections[0]!);
    rooms[0]!.send(Buffer.alloc(65_535), true);
    expect(fakes[0]!.pushes.length).toBe(0);
    rooms[0]!.send(Buffer.alloc(1), true);
    expect(fakes[0]!.pushes.length).toBe(1);
    await nextTick();
    expect(fakes[0]!.pushes.length).toBe(1);
  });

  it("are counted when they are pushed, except for a client whose connection has ended", async () => {
    const { rooms, connections, fakes, counts } = hosted(3);
    for (const connection of connections) rooms[0]!.add(connection);
    rooms[0]!.send(text("abc"), true);
    connections[0]!.send(text("de"), true);
    expect(counts.payloadsOut).toBe(3); // the message to the client had to wait for the one to the room
    fakes[0]!.open = false;
    rooms[0]!.send(text("f"), true);
    expect(counts).toMatchObject({ payloadsOut: 3, payloadBytesOut: 9 });
    await nextTick();
    expect(counts).toMatchObject({ payloadsOut: 5, payloadBytesOut: 11 });
  });

  it("reach every member before a slow client is dropped, and then what the application sends on that", async () => {
    const application: Partial<Application> = { leave: () => rooms[0]!.send(text("a client left"), true) };
    const { rooms, connections, left, fakes, texts } = hosted(3, application);
    for (const connection of connections) rooms[0]!.add(connection);
    fakes[1]!.queuedBytes = 101;
    rooms[0]!.send(text("news"), true);
    await nextTick();
    await nextTick();
    expect([texts(0), texts(2)]).toEqual([
      ["news", "a client left"],
      ["news", "a client left"],
    ]);
    expect([left, fakes[1]!.open]).toEqual([[connections[1]], false]);
  });
});

it("drops a client when more than queueBytes wait for it, and not when exactly as many wait", async () => {
  const { connections, fakes, left } = hosted(2);
  [fakes[0]!.queuedBytes, fakes[1]!.queuedBytes] = [100, 101];
  for (const connection of connections) connection.send(text("news"), true);
  await nextTick();
  expect(fakes.map(({ open }) => open)).toEqual([true, false]);
  expect(left).toEqual([connections[1]]);
});

it("passes and counts what a client sends until it has left, and nothing later", () => {
  const received: string[] = [];
  const { serverConnections, counts } = hosted(1, { receive: (_from, payload) => void received.push(String(payload)) });
  serverConnections[0]!.receive(text("hello"), true);
  serverConnections[0]!.leave();
  serverConnections[0]!.receive(text("too late"), true);
  expect(received).toEqual(["hello"]);
  expect(counts).toMatchObject({ payloadsIn: 1, payloadBytesIn: 5 });
});

it("pushes at once where the carrier cannot concatenate messages", () => {
  const { rooms, connections, texts } = hosted(2, {}, {});
  rooms[0]!.add(connections[0]!);
  rooms[0]!.send(text("a"), true);
  connections[0]!.send(text("b"), true);
  expect(texts(0)).toEqual(["a", "b"]);
});

describe("the time to complete a close", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  /** A client on which `close` does nothing, and the client's drops. */
  function unwilling() {
    const dropped: FakeClient[] = [];
    const host = hosted(1, {}, { close: () => undefined, drop: (fake) => void dropped.push(fake) });
    return { ...host, dropped, connection: host.connections[0]! };
  }

  it("is handshakeMs: then a client that does not close is dropped, once", () => {
    const { connection, dropped, fakes } = unwilling();
    vi.advanceTimersByTime(60_000);
    connection.close();
    vi.advanceTimersByTime(9);
    connection.close();
    expect(dropped).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(dropped).toEqual([fakes[0]]);
    vi.advanceTimersByTime(60_000);
    expect(dropped).toHaveLength(1);
  });

  it("ends with the connection: a client that has closed is not dropped", () => {
    const { connection, dropped, serverConnections, left } = unwilling();
    connection.close();
    serverConnections[0]!.leave();
    vi.advanceTimersByTime(60_000);
    expect([dropped, left]).toEqual([[], [connection]]);
  });

  it("is without messages: what the application sends in it is not pushed, and what it sent before is", () => {
    const { connection, fakes, counts } = unwilling();
    connection.send(text("before"), true);
    connection.close();
    connection.send(text("too late"), true);
    expect(fakes[0]!.pushes.flat().map(String)).toEqual(["before"]);
    expect(counts).toMatchObject({ payloadsOut: 1, payloadBytesOut: 6 });
  });

  it("never begins for a client that has left", () => {
    const { connection, dropped, serverConnections } = unwilling();
    serverConnections[0]!.leave();
    connection.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(dropped).toEqual([]);
  });
});

const clients = 4;
const step = fc.record({
  what: fc.constantFrom("room", "room", "client", "client", "add", "add", "delete", "close", "leave", "tick"),
  client: fc.nat({ max: clients - 1 }),
  room: fc.nat({ max: 1 }),
  payloadBytes: fc.constantFrom(4, 30_000, 70_000),
});

it("sends each client exactly its own messages in order, for any sequence of sends, joins and leaves", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
      const { rooms, connections, fakes, serverConnections, texts, counts } = hosted(clients);
      const members = rooms.map(() => new Set<number>());
      const due = fakes.map((): string[] => []);
      const gone = new Set<number>();
      for (const [i, { what, client, room, payloadBytes }] of steps.entries()) {
        const payload = Buffer.alloc(payloadBytes, `${i}, `);
        const to = what === "room" ? [...members[room]!] : what === "client" ? [client] : [];
        for (const each of to) if (fakes[each]!.open) due[each]!.push(payload.toString());
        if (what === "room") rooms[room]!.send(payload, true);
        else if (what === "client") connections[client]!.send(payload, true);
        else if (what === "add") {
          rooms[room]!.add(connections[client]!);
          members[room]!.add(client);
        } else if (what === "delete") {
          rooms[room]!.delete(connections[client]!);
          members[room]!.delete(client);
        } else if (what === "close") connections[client]!.close();
        else if (what === "tick") await nextTick();
        else {
          fakes[client]!.open = false;
          serverConnections[client]!.leave();
          gone.add(client);
        }
      }
      await nextTick();
      for (const [i, expected] of due.entries()) {
        // A client that has left does not get the messages that waited for it.
        expect(texts(i)).toEqual(gone.has(i) ? expected.slice(0, texts(i).length) : expected);
      }
      const pushed = fakes.flatMap(({ pushes }) => pushes.flat());
      expect([counts.payloadsOut, counts.payloadBytesOut]).toEqual([pushed.length, Buffer.concat(pushed).length]);
    }),
  );
});
