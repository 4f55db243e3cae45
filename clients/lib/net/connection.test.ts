import { createServer, Socket, type AddressInfo, type Server } from "node:net";
import { setImmediate as nextRound, setTimeout as delay } from "node:timers/promises";
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

const ignoreAll: SocketHandlers = { data: () => undefined, closed: () => undefined };

/** A connection and the server's end of it. */
async function open(handlers: SocketHandlers = ignoreAll): Promise<{ connection: RawConnection; peer: Socket }> {
  const index = accepted.length;
  const connection = await openConnection(address, 1_000, handlers);
  await until(() => accepted.length > index, "the server has accepted");
  return { connection, peer: accepted[index]! };
}

/** Opens one connection per handler, one after another, so that both ends of each pair are known. */
async function openEach(handlers: readonly SocketHandlers[]): Promise<Awaited<ReturnType<typeof open>>[]> {
  const pairs = [];
  for (const each of handlers) pairs.push(await open(each));
  return pairs;
}

it("writes the output of a tick in one write per connection, also when connections take turns", async () => {
  const [one, other] = [await open(), await open()];
  const received = [collectBytes(one.peer), collectBytes(other.peer)];
  const single = vi.spyOn(Socket.prototype, "_write");
  const gathered = vi.spyOn(Socket.prototype, "_writev" as "_write");
  const writes = (): number[] => [single, gathered].map(({ mock }) => mock.calls.length);
  for (const text of ["a", "b", "c"]) sendBytes(one.connection, Buffer.from(text));
  for (const { connection } of [other, one, other, one]) sendBytes(connection, Buffer.from("."));
  await until(() => received[0]!.length() === 5 && received[1]!.length() === 2, "everything has arrived");
  expect(received.map(({ bytes }) => bytes().toString())).toEqual(["abc..", ".."]);
  expect(writes()).toEqual([0, 2]);
  for (const text of ["a", "b", "c"]) sendBytes(one.connection, Buffer.from(text));
  await until(() => received[0]!.length() === 8, "everything has arrived");
  expect(writes()).toEqual([1, 2]);
});

it("keeps the bytes of each connection in order, for all sizes, also when the server reads late", async () => {
  const pairs = await openEach(Array.from({ length: 5 }, () => ignoreAll));
  const [sent, received] = [pairs.map((): Buffer[] => []), pairs.map(({ peer }) => collectBytes(peer))];
  for (const { peer } of pairs.slice(0, 3)) peer.pause();
  const next = seededRandom(7);
  for (let i = 0; i < 600; i++) {
    const which = Math.floor(next() * pairs.length);
    const bytes = noiseBytes(Math.floor(10 ** (next() * 5.3)), i);
    sendBytes(pairs[which]!.connection, bytes);
    sent[which]!.push(bytes);
    if (next() < 0.3) await nextRound();
  }
  for (const { peer } of pairs) peer.resume();
  const sum = (all: Buffer[]): number => all.reduce((bytes, { length }) => bytes + length, 0);
  await until(() => received.every(({ length }, i) => length() >= sum(sent[i]!)), "everything has arrived");
  for (const [i, { bytes }] of received.entries()) expect(bytes().equals(Buffer.concat(sent[i]!))).toBe(true);
});

it("does not overwrite bytes that the kernel has not accepted yet", { timeout: 30_000 }, async () => {
  const { connection, peer } = await open();
  const received = collectBytes(peer);
  peer.pause();
  const sent = Array.from({ length: 2_000 }, (_, i) => noiseBytes(16 * 1024, i));
  for (const bytes of sent) {
    sendBytes(connection, bytes);
    await nextRound();
  }
  peer.resume();
  await until(() => received.length() === 2_000 * 16 * 1024, "everything has arrived");
  expect(received.bytes().equals(Buffer.concat(sent))).toBe(true);
});

it("sends its output before it ends, and calls closed() once, without an error", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  const { connection, peer } = await open({ ...ignoreAll, closed });
  const received = collectBytes(peer);
  let ended = false;
  peer.on("end", () => {
    ended = true;
    peer.end();
  });
  sendBytes(connection, Buffer.from("last bytes"));
  connection.end();
  expect(connection.isOpen()).toBe(false);
  await until(() => ended && closed.mock.calls.length > 0, "both sides have ended");
  expect(received.bytes().toString()).toBe("last bytes");
  expect(closed.mock.calls).toEqual([[undefined]]);
});

it("calls closed() once for a broken connection, with the error; later calls do nothing", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  const { connection, peer } = await open({ ...ignoreAll, closed });
  peer.resetAndDestroy();
  await until(() => closed.mock.calls.length > 0, "closed() is called");
  sendBytes(connection, Buffer.from("not sent"));
  connection.end();
  connection.destroy(new Error("too late"));
  await open(); // a later event: a second call of closed() would come before it
  expect(closed.mock.calls.map(([error]) => (error as NodeJS.ErrnoException).code)).toEqual(["ECONNRESET"]);
});

it("passes the error of destroy() to closed()", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  const { connection } = await open({ ...ignoreAll, closed });
  connection.destroy(new Error("refused"));
  await until(() => closed.mock.calls.length > 0, "closed() is called");
  expect(closed.mock.calls).toEqual([[new Error("refused")]]);
});

it("gives each connection its own bytes from the common buffer, and reads the clock once per read", async () => {
  const chunksOf: Buffer[][] = [[], [], [], []];
  const times = new Set<number>();
  const pairs = await openEach(
    chunksOf.map((chunks) => ({
      ...ignoreAll,
      data(from, start, end) {
        chunks.push(Buffer.from(from.view(start, end)));
        times.add(arrivalUs());
      },
    })),
  );
  const sent = pairs.map((_, i) => noiseBytes(300_000, i));
  for (const [i, { peer }] of pairs.entries()) peer.write(sent[i]!);
  const received = (): Buffer[] => chunksOf.map((chunks) => Buffer.concat(chunks));
  await until(() => received().every(({ length }) => length === 300_000), "everything has arrived");
  for (const [i, bytes] of received().entries()) expect(bytes.equals(sent[i]!)).toBe(true);
  expect(times.size).toBe(chunksOf.flat().length);
});

it("a connection may be silent for longer than it was given to open", async () => {
  const connection = await openConnection(address, 20, ignoreAll);
  await delay(40);
  expect(connection.isOpen()).toBe(true);
});

it("an expiry replaces the one before, and Infinity removes it", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  const { connection } = await open({ ...ignoreAll, closed });
  connection.setExpiry(1, "the first");
  connection.setExpiry(5, "the second");
  connection.setExpiry(Infinity, "");
  await delay(15);
  expect(closed).not.toHaveBeenCalled();
  connection.setExpiry(1, "the third");
  connection.setExpiry(3, "the fourth");
  await until(() => closed.mock.calls.length > 0, "closed() is called");
  expect(closed.mock.calls).toEqual([[new Error("the fourth")]]);
});

it("rejects where nothing listens, and calls no handler", async () => {
  const closed = vi.fn<SocketHandlers["closed"]>();
  server.close();
  await expect(openConnection(address, 1_000, { ...ignoreAll, closed })).rejects.toThrow("ECONNREFUSED");
  expect(closed).not.toHaveBeenCalled();
});
