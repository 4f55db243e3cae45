import { setImmediate as nextRound } from "node:timers/promises";
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

const ignoreAll: SocketHandlers = { data: () => undefined, closed: () => undefined };

/** A connection over TLS and the server's end of it. */
async function open(handlers: SocketHandlers = ignoreAll): Promise<{ connection: RawConnection; peer: Socket }> {
  const index = accepted.length;
  const connection = await openConnection(listener.addresses[0]!, 1_000, handlers);
  await until(() => accepted.length > index, "the server has accepted");
  return { connection, peer: accepted[index]! };
}

it("keeps the bytes of each connection in order, for all sizes, also when the server reads late", async () => {
  const pairs = [];
  for (let i = 0; i < 5; i++) pairs.push(await open());
  const [sent, received] = [pairs.map((): Buffer[] => []), pairs.map(({ peer }) => collectBytes(peer))];
  for (const { peer } of pairs.slice(0, 3)) peer.pause();
  const next = seededRandom(7);
  for (let i = 0; i < 600; i++) {
    const which = Math.floor(next() * pairs.length);
    const bytes = noiseBytes(Math.floor(10 ** (next() * 5.3)), i);
    sendBytes(pairs[which]!.connection, bytes);
    sent[which]!.push(bytes);
    const chance = next();
    if (chance < 0.3) await nextRound();
    // Another tick of the same event-loop round, before any output has left.
    else if (chance < 0.6) await new Promise((resolve) => process.nextTick(resolve));
  }
  for (const { peer } of pairs) peer.resume();
  const sum = (all: Buffer[]): number => all.reduce((bytes, { length }) => bytes + length, 0);
  await until(() => received.every(({ length }, i) => length() >= sum(sent[i]!)), "everything has arrived");
  for (const [i, { bytes }] of received.entries()) expect(bytes().equals(Buffer.concat(sent[i]!))).toBe(true);
});

it("gives each connection its own bytes from the common buffer", async () => {
  const chunksOf: Buffer[][] = [[], [], []];
  const pairs = [];
  for (const chunks of chunksOf)
    pairs.push(
      await open({ ...ignoreAll, data: (from, start, end) => chunks.push(Buffer.from(from.view(start, end))) }),
    );
  const sent = pairs.map((_, i) => noiseBytes(300_000, i));
  for (const [i, { peer }] of pairs.entries()) peer.write(sent[i]!);
  const received = (): Buffer[] => chunksOf.map((chunks) => Buffer.concat(chunks));
  await until(() => received().every(({ length }) => length === 300_000), "everything has arrived");
  for (const [i, bytes] of received().entries()) expect(bytes.equals(sent[i]!)).toBe(true);
});

it("sends the output of a tick in one record before it ends, and calls closed() once, without an error", async () => {
  const ends: unknown[] = [];
  const { connection, peer } = await open({ ...ignoreAll, closed: (error) => ends.push(error) });
  const before = listener.wireBytes().duplex.in;
  const received = collectBytes(peer);
  peer.on("end", () => peer.end());
  for (const text of ["last", " ", "bytes"]) sendBytes(connection, Buffer.from(text));
  connection.end();
  await until(() => ends.length > 0 && peer.closed, "both sides have ended");
  expect([received.bytes().toString(), ends]).toEqual(["last bytes", [undefined]]);
  expect(listener.wireBytes().duplex.in - before).toBe(10 + 22 + 24);
});
