import { createServer, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { dial } from "../../clients/lib/net/dial.ts";
import { listen, type Listener } from "../../servers/lib/hosting/listen.ts";
import { streamServer } from "../../servers/lib/hosting/tls.ts";
import type { Role } from "../contract.ts";
import { optionsFor } from "../transports/load-transport.ts";
import { transports } from "../transports.ts";
import { clientBytes, countSocket, datagramBytes, pollCounter } from "./client-bytes.ts";
import { until } from "./until.ts";

const listeners: Listener[] = [];
afterEach(() => Promise.all(listeners.splice(0).map((listener) => listener.close(0))));

/** A server that answers what it reads with the same bytes twice. */
async function open(tls = false) {
  const options = optionsFor(transports.tcp, { tls });
  const server = streamServer(options, {}, (socket) => {
    socket.on("error", () => undefined).on("data", (bytes) => socket.write(Buffer.concat([bytes, bytes])));
  });
  const listener = await listen(server, options);
  listeners.push(listener);
  const address = listener.addresses[0]!;
  return {
    listener,
    address,
    /** Connects and exchanges one message. */
    async exchange(text: string, role?: Role): Promise<Socket> {
      const socket = await dial(address, 1_000, role && { role });
      let received = 0;
      socket.on("data", ({ length }) => (received += length)).write(text);
      await until(() => received === 2 * text.length, "the answer has arrived");
      return socket;
    },
  };
}

it("nothing is known of an address before a connection to it is counted", async () => {
  const { address, exchange } = await open();
  expect(clientBytes(address)).toBeUndefined();
  await exchange("four");
  expect(clientBytes(address)).toBeDefined();
  expect(clientBytes({ ...address, port: 1 })).toBeUndefined();
});

it("the bytes of open and of closed connections are added up by role, as a server sees them", async () => {
  const { address, exchange } = await open();
  const [up, down] = [await exchange("four", "up"), await exchange("seventy", "down")];
  await exchange("to");
  const wire = { up: { in: 4, out: 8 }, down: { in: 7, out: 14 }, duplex: { in: 2, out: 4 } };
  expect(clientBytes(address)).toEqual({ wire, pollsAnswered: 0 });
  for (const socket of [up, down]) socket.destroy();
  await until(() => up.closed && down.closed, "both sockets are closed");
  await exchange("again", "up");
  wire.up = { in: 9, out: 18 };
  expect(clientBytes(address)).toEqual({ wire, pollsAnswered: 0 });
});

it("without an address, the bytes are those of all connections", async () => {
  const [one, other, before] = [await open(), await open(), clientBytes()!.wire.duplex];
  await one.exchange("four");
  await other.exchange("seventy");
  const { duplex } = clientBytes()!.wire;
  expect([duplex.in - before.in, duplex.out - before.out]).toEqual([11, 22]);
});

it("over TLS the bytes are those below it, handshake, records and end included, as the server counts them", async () => {
  const { listener, address, exchange } = await open(true);
  const socket = await exchange("a message");
  const { duplex } = listener.wireBytes();
  expect(duplex.in).toBeGreaterThan(9 + 22);
  expect(clientBytes(address)!.wire.duplex).toEqual(duplex);
  socket.end();
  await until(() => socket.closed, "the connection has ended");
  const ended = clientBytes(address)!.wire.duplex;
  expect([ended.in - duplex.in, ended.out - duplex.out]).toEqual([24, 24]);
  await until(() => listener.wireBytes().duplex.in === ended.in, "the server has read the end");
  expect(listener.wireBytes().duplex).toEqual(ended);
});

it("bytes that wait in a socket count as sent, at once", async () => {
  const server = createServer((socket) => socket.pause());
  const listener = await listen(server, optionsFor(transports.tcp, {}));
  listeners.push(listener);
  const address = listener.addresses[0]!;
  const socket = await dial(address, 1_000);
  for (let i = 0; i < 100; i++) socket.write(Buffer.alloc(100_000));
  expect(socket.writableLength).toBeGreaterThan(0);
  expect(clientBytes(address)!.wire.duplex.in).toBe(100 * 100_000);
  socket.destroy();
});

it("a connection is counted from its first byte, whenever it is handed over", async () => {
  const { address, exchange } = await open();
  const socket = await exchange("four");
  const elsewhere = { ...address, host: "elsewhere" };
  countSocket(socket, elsewhere);
  expect(clientBytes(elsewhere)!.wire.duplex).toEqual({ in: 4, out: 8 });
});

it("a client adds its datagrams and its answered polls itself", () => {
  const address = { host: "nowhere", port: 1 };
  const bytes = datagramBytes(address);
  bytes.in += 5;
  bytes.out += 6;
  pollCounter(address).pollsAnswered += 2;
  expect(clientBytes(address)).toMatchObject({ wire: { duplex: { in: 5, out: 6 } }, pollsAnswered: 2 });
});
