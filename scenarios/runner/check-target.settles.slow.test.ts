import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Address, Connect } from "../contract.ts";
import { apps } from "../definitions/apps.ts";
import { connectInTime } from "../transports/connect-in-time.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { UserError } from "../lib/errors.ts";
import { until } from "../lib/until.ts";
import { scenarios } from "../scenarios.ts";
import { transports } from "../transports.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";
import { checkTarget } from "./check-target.ts";

/** What a server does with the first bytes of a connection. */
type Behaviour = (socket: Socket, bytes: Buffer) => void;

const ok = (headers: string, body = "hello"): string =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;

/** The answers are for HTTP/1.1, HTTP/2, MQTT and others at once: each client takes all but its own for garbage. */
const behaviours: Record<string, Behaviour> = {
  "says nothing": () => undefined,
  "closes at the first byte": (socket) => socket.end(),
  "resets at the first byte": (socket) => socket.resetAndDestroy(),
  "answers with garbage": (socket) => socket.write(Buffer.from("ffd8ffe0\0\0\0\x01garbage\n\n".repeat(4), "latin1")),
  "answers HTTP 200": (socket) => socket.write(ok("content-type: text/plain\r\n")),
  "answers HTTP 201 with a session, and then nothing": (socket, bytes) => {
    if (bytes.toString("latin1").startsWith("POST"))
      socket.write("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nid");
  },
  "begins a head": (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"),
  "begins a body": (socket) => socket.write("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\nid"),
  "sends HTTP/2 settings, and then nothing": (socket) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])),
  "accepts an MQTT client, and then nothing": (socket, bytes) => {
    if (bytes[0] === 0x10) socket.write(Buffer.from([0x20, 2, 0, 0]));
  },
};

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function behaving(behaviour: Behaviour): Promise<Address> {
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    socket.on("data", (bytes) => behaviour(socket, bytes));
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

const handshakeMs = 200;
const settings = resolveSettings("echo", scenarios.echo, {});
const check = (name: string, address: Address) => checkTarget(name, address, settings, { handshakeMs });

const available = await Promise.all(
  Object.keys(transports).map(async (name) => {
    const { unavailable, clientsPerPage } = await loadTransport(name);
    return clientsPerPage !== undefined || (await unavailable?.()) ? [] : [name];
  }),
);
const names = [...available.flat(), "ws+tls", "grpc+tls", "short-poll+tls"];

describe.each(Object.entries(behaviours))("a server that %s", (_, behaviour) => {
  it("is refused in one sentence by every transport, and no connection is left", { timeout: 20_000 }, async () => {
    const address = await behaving(behaviour);
    const startMs = performance.now();
    const answers = await Promise.all(
      names.map(async (name) => {
        const error = await check(name, address).then(
          () => new Error("it was accepted"),
          (thrown: unknown) => thrown as Error,
        );
        return { name, error, afterMs: performance.now() - startMs };
      }),
    );
    for (const { name, error, afterMs } of answers) {
      expect([name, error]).toEqual([name, expect.any(UserError)]);
      expect([name, error.message]).toEqual([name, expect.stringMatching(/^127\.0\.0\.1:\d+ [^\n]+[.?]$/)]);
      expect([name, afterMs]).toEqual([name, expect.toSatisfy((ms: number) => ms < 5_000)]);
    }
    // grpc-js cannot end a connection that has no HTTP/2 settings yet: the end of the process does.
    await until(
      () => sockets.size <= 1,
      () => `${sockets.size} connections are left`,
      5_000,
    );
  });
});

it("refuses a UDP peer that answers nothing it knows", async () => {
  const peer = createSocket("udp4").on("message", (_, { port }) => peer.send("garbage", port, "127.0.0.1"));
  peer.bind(0, "127.0.0.1");
  await once(peer, "listening");
  await expect(check("udp", { host: "127.0.0.1", port: peer.address().port })).rejects.toThrow(/cannot be joined/);
  peer.close();
});

describe("a server of another transport", () => {
  it.each([
    ["long-poll", "short-poll", /not hold them/],
    ["long-poll-library", "short-poll", /not hold them/],
    ["h2-long-poll", "h2-short-poll", /not hold them/],
    ["ws-deflate", "ws", /did not accept permessage-deflate/],
    ["socket.io-msgpack", "socket.io", /cannot be joined/],
    ["socket.io-library", "socket.io-msgpack", /cannot be joined/],
    ["socket.io", "socket.io-msgpack", /cannot be joined/],
    ["socket.io-default", "socket.io-polling", /offers no upgrade to WebSocket/],
    ["socket.io-default", "socket.io", /cannot be joined/],
    ["socket.io-recovery", "socket.io", /connection state recovery off/],
    ["socket.io-library", "socket.io-recovery", /connection state recovery on/],
    ["socket.io", "socket.io-recovery", /connection state recovery on/],
    ["tcp-lines", "tcp", /did not answer a first message/],
    ["sse", "http-stream", /cannot be joined/],
    ["ws", "ws+tls", /cannot be joined/],
  ])("%s against %s", { timeout: 20_000 }, async (name, served, sentence) => {
    const transport = await loadTransport(served);
    const { default: start } = await transport.server();
    const server = await start(apps.echo, optionsFor(transport, {}));
    const { host, port } = server.addresses[0]!;
    const refused = checkTarget(name, { host, port }, settings, { handshakeMs: 500 });
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toBeInstanceOf(UserError);
    await server.close();
  });
});

it("closes a connection that is ready too late, and rejects before", async () => {
  let closed = false;
  const slow: Connect = async () => {
    await delay(1_200);
    return { send: () => undefined, close: () => (closed = true) };
  };
  const options = optionsFor(transports.tcp, { handshakeMs: 100 });
  const handler = { receive: () => undefined, closed: () => undefined };
  const address = { host: "127.0.0.1", port: 9 };
  await expect(connectInTime(slow, address, handler, options)).rejects.toThrow(
    "127.0.0.1:9 was not ready within 100 ms",
  );
  await until(() => closed, "it is closed");
});
