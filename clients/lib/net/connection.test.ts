import { createServer, Socket, type AddressInfo, type Server } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Address } from "../../../scenarios/contract.ts";
import { seededRandom } from "../../../scenarios/lib/random.ts";
import { arrivalUs } from "../../../scenarios/lib/clock.ts";
import { collectBytes, noiseBytes, sendBytes } from "../testing/connection-helpers.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "./connection.ts";
import { until } from "../../../scenarios/lib/until.ts";

let server: Server;
let address: Address;
let accepted: Socket[];

beforeEach(async () => {
  accepted = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    accepted.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const socket of accepted) socket.destroy();
  server.close();
});

const nothing: SocketHandlers = { data: () => undefined, closed: () => undefined };

/** A wire and the server's end of it. */
async function open(handlers: SocketHandlers = nothing): Promise<{ wire: RawConnection; peer: Socket }> {
  const place = accepted.length;
  const connection = await openConnection(address, 1_000, handlers);
  await until(() => accepted.length > place, "the server has accepted");
  return { wire: connection, peer: accepted[place]! };
}

/** So many, one after another, so that each end is known to belong to the other. */
async function openEach(handlers: readonly SocketHandlers[]): Promise<Awaited<ReturnType<typeof open>>[]> {
  const pairs = [];
  for (const each of handlers) pairs.push(await open(each));
  return pairs;
}

it("sends what one tick says on a connection in one write, whatever is said on others in between", async () => {
  const [one, other] = [await open(), await open()];
  const received = [collectBytes(one.peer), collectBytes(other.peer)];
  const single = vi.spyOn(Socket.prototype, "_write");
  const gathered = vi.spyOn(Socket.prototype, "_writev" as "_write");
  const writes = (): number[] => [single, gathered].map(({ mock }) => mock.calls.length);
  for (const text of ["a", "b", "c"]) sendBytes(one.wire, Buffer.from(text));
  for (const { wire: connection } of [other, one, other, one]) sendBytes(connection, Buffer.from("."));
  await until(() => received[0]!.length() === 5 && received[1]!.length() === 2, "everything has arrived");
  expect(received.map(({ bytes }) => bytes().toString())).toEqual(["abc..", ".."]);
  expect(writes()).toEqual([0, 2]);
  for (const text of ["a", "b", "c"]) sendBytes(one.wire, Buffer.from(text));
  await until(() => received[0]!.length() === 8, "everything has arrived");
  expect(writes()).toEqual([1, 2]);
});

it("keeps every connection's bytes in order, of any sizes, in any ticks, also where the other side reads late", async () => {
  const pairs = await openEach(Array.from({ length: 5 }, () => nothing));
  const [said, received] = [pairs.map((): Buffer[] => []), pairs.map(({ peer }) => collectBytes(peer))];
  for (const { peer } of pairs.slice(0, 3)) peer.pause();
  const next = seededRandom(7);
  for (let i = 0; i < 600; i++) {
    const which = Math.floor(next() * pairs.length);
    const bytes = noiseBytes(Math.floor(10 ** (next() * 5.3)), i);
    sendBytes(pairs[which]!.wire, bytes);
    said[which]!.push(bytes);
    if (next() < 0.3) await nextTurn();
  }
  for (const { peer } of pairs) peer.resume();
  const sum = (all: Buffer[]): number => all.reduce((bytes, { length }) => bytes + length, 0);
  await until(() => received.every(({ length }, i) => length() >= sum(said[i]!)), "everything has arrived");
  for (const [i, { bytes }] of received.entries()) expect(bytes().equals(Buffer.concat(said[i]!))).toBe(true);
});

it("does not write over what the kernel has not taken yet", async () => {
  const { wire: connection, peer } = await open();
  const received = collectBytes(peer);
  peer.pause();
  const said = Array.from({ length: 2_000 }, (_, i) => noiseBytes(16 * 1024, i));
  for (const bytes of said) {
    sendBytes(connection, bytes);
    await nextTurn();
  }
  peer.resume();
  await until(() => received.length() === 2_000 * 16 * 1024, "everything has arrived");
  expect(received.bytes().equals(Buffer.concat(said))).toBe(true);
});

it("says what was said before it ends, and tells its end once, without an error", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  const { wire: connection, peer } = await open({ ...nothing, closed });
  const received = collectBytes(peer);
  let ended = false;
  peer.on("end", () => {
    ended = true;
    peer.end();
  });
  sendBytes(connection, Buffer.from("last words"));
  connection.end();
  expect(connection.isOpen()).toBe(false);
  await until(() => ended && closed.mock.calls.length > 0, "both sides are told");
  expect(received.bytes().toString()).toBe("last words");
  expect(closed.mock.calls).toEqual([[undefined]]);
});

it("is told of a broken connection once, with the error, and what it is asked afterwards does nothing", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  const { wire: connection, peer } = await open({ ...nothing, closed });
  peer.resetAndDestroy();
  await until(() => closed.mock.calls.length > 0, "the end is told");
  sendBytes(connection, Buffer.from("to nobody"));
  connection.end();
  connection.destroy(new Error("too late"));
  await nextTurn();
  expect(closed.mock.calls.map(([error]) => (error as NodeJS.ErrnoException).code)).toEqual(["ECONNRESET"]);
});

it("is told the error it was destroyed with", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  const { wire: connection } = await open({ ...nothing, closed });
  connection.destroy(new Error("refused"));
  await until(() => closed.mock.calls.length > 0, "the end is told");
  expect(closed.mock.calls).toEqual([[new Error("refused")]]);
});

it("hands every connection just its own bytes, though all are read into one buffer, and times each read once", async () => {
  const got: Buffer[][] = [[], [], [], []];
  const times = new Set<number>();
  const pairs = await openEach(
    got.map((chunks) => ({
      ...nothing,
      data(from, start, end) {
        chunks.push(Buffer.from(from.view(start, end)));
        times.add(arrivalUs());
      },
    })),
  );
  const said = pairs.map((_, i) => noiseBytes(300_000, i));
  for (const [i, { peer }] of pairs.entries()) peer.write(said[i]!);
  const received = (): Buffer[] => got.map((chunks) => Buffer.concat(chunks));
  await until(() => received().every(({ length }) => length === 300_000), "everything has arrived");
  for (const [i, bytes] of received().entries()) expect(bytes.equals(said[i]!)).toBe(true);
  expect(times.size).toBe(got.flat().length);
});

it("rejects where nothing listens, and calls no handler", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  server.close();
  await expect(openConnection(address, 1_000, { ...nothing, closed })).rejects.toThrow("ECONNREFUSED");
  expect(closed).not.toHaveBeenCalled();
});
