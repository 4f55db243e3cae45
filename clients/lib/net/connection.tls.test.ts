import { setImmediate as nextTurn } from "node:timers/promises";
import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { listen, type Listener } from "../../../servers/lib/hosting/listen.ts";
import { streamServer } from "../../../servers/lib/hosting/tls.ts";
import { seededRandom } from "../../../scenarios/lib/random.ts";
import { transports } from "../../../scenarios/transports.ts";
import { collectBytes, noiseBytes, sendBytes } from "../testing/connection-helpers.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "./connection.ts";
import { optionsFor } from "../../../scenarios/transports/load-transport.ts";
import { until } from "../../../scenarios/lib/until.ts";

let listener: Listener;
let accepted: Socket[];

beforeEach(async () => {
  accepted = [];
  const options = optionsFor(transports.tcp, { tls: true });
  const server = streamServer(options, { allowHalfOpen: true }, (socket) => {
    accepted.push(socket.on("error", () => undefined));
  });
  listener = await listen(server, options);
});

afterEach(() => listener.close(0));

const nothing: SocketHandlers = { data: () => undefined, closed: () => undefined };

/** A wire over TLS and the server's end of it. */
async function open(handlers: SocketHandlers = nothing): Promise<{ wire: RawConnection; peer: Socket }> {
  const place = accepted.length;
  const connection = await openConnection(listener.addresses[0]!, 1_000, handlers);
  await until(() => accepted.length > place, "the server has accepted");
  return { wire: connection, peer: accepted[place]! };
}

it("keeps every connection's bytes in order, of any sizes, said in any ticks, also where the other side reads late", async () => {
  const pairs = [];
  for (let i = 0; i < 5; i++) pairs.push(await open());
  const [said, received] = [pairs.map((): Buffer[] => []), pairs.map(({ peer }) => collectBytes(peer))];
  for (const { peer } of pairs.slice(0, 3)) peer.pause();
  const next = seededRandom(7);
  for (let i = 0; i < 600; i++) {
    const which = Math.floor(next() * pairs.length);
    const bytes = noiseBytes(Math.floor(10 ** (next() * 5.3)), i);
    sendBytes(pairs[which]!.wire, bytes);
    said[which]!.push(bytes);
    const chance = next();
    if (chance < 0.3) await nextTurn();
    else if (chance < 0.6) await new Promise((resolve) => process.nextTick(resolve)); // another tick of the same turn, in which nothing has left yet
  }
  for (const { peer } of pairs) peer.resume();
  const sum = (all: Buffer[]): number => all.reduce((bytes, { length }) => bytes + length, 0);
  await until(() => received.every(({ length }, i) => length() >= sum(said[i]!)), "everything has arrived");
  for (const [i, { bytes }] of received.entries()) expect(bytes().equals(Buffer.concat(said[i]!))).toBe(true);
});

it("hands every connection just its own bytes, though all are read into one buffer", async () => {
  const got: Buffer[][] = [[], [], []];
  const pairs = [];
  for (const chunks of got)
    pairs.push(await open({ ...nothing, data: (from, start, end) => chunks.push(Buffer.from(from.view(start, end))) }));
  const said = pairs.map((_, i) => noiseBytes(300_000, i));
  for (const [i, { peer }] of pairs.entries()) peer.write(said[i]!);
  const received = (): Buffer[] => got.map((chunks) => Buffer.concat(chunks));
  await until(() => received().every(({ length }) => length === 300_000), "everything has arrived");
  for (const [i, bytes] of received().entries()) expect(bytes.equals(said[i]!)).toBe(true);
});

it("says what was said before it ends, in one record a tick, and tells its end once, without an error", async () => {
  const ends: unknown[] = [];
  const { wire: connection, peer } = await open({ ...nothing, closed: (error) => ends.push(error) });
  const before = listener.wireBytes().duplex.in;
  const received = collectBytes(peer);
  peer.on("end", () => peer.end());
  for (const text of ["last", " ", "words"]) sendBytes(connection, Buffer.from(text));
  connection.end();
  await until(() => ends.length > 0 && peer.closed, "both sides are told");
  expect([received.bytes().toString(), ends]).toEqual(["last words", [undefined]]);
  expect(listener.wireBytes().duplex.in - before).toBe(10 + 22 + 24);
});
