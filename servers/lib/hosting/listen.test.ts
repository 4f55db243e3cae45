import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, connect, type Server, type Socket } from "node:net";
import { setImmediate as nextRound } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { transports } from "../../../scenarios/transports.ts";
import { listen, type Listener } from "./listen.ts";
import { optionsFor } from "../../../scenarios/transports/load-transport.ts";
import { until } from "../../../scenarios/lib/until.ts";

const options = optionsFor(transports.tcp, {});
const opened: Listener[] = [];

afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close(0);
});

async function open(server: Server): Promise<Listener> {
  const listener = await listen(server, options);
  opened.push(listener);
  return listener;
}

/** Opens a listener and a connection. `near` is the client's end, `far` the server's. */
async function connected(allowHalfOpen = false): Promise<{ listener: Listener; near: Socket; far: Socket }> {
  let far: Socket | undefined;
  const listener = await open(createServer((socket) => (far = socket.resume())));
  const near = connect({ ...listener.addresses[0]!, allowHalfOpen }).resume();
  await until(() => far !== undefined, "the connection is accepted");
  return { listener, near, far: far! };
}

const nothing = { in: 0, out: 0 };

it("chooses a free port for port 0, and returns it", async () => {
  const [one, other] = [await open(createServer()), await open(createServer())];
  expect(one.addresses).toEqual([{ host: "127.0.0.1", port: expect.any(Number) }]);
  expect(one.addresses[0]!.port).not.toBe(0);
  expect(one.addresses).not.toEqual(other.addresses);
});

it("names a busy port and the remedy in one sentence", async () => {
  const { port } = (await open(createServer())).addresses[0]!;
  const failure = await listen(createServer(), { ...options, port }).catch((error: Error) => error);
  expect(failure).toMatchObject({
    message: `Cannot listen on 127.0.0.1:${port}: it is in use: stop the other process or take another --port.`,
    cause: { code: "EADDRINUSE" },
  });
});

it("names an address that this host does not have", async () => {
  const foreign = { ...options, host: "192.0.2.1" }; // TEST-NET-1 (RFC 5737): nobody's
  await expect(listen(createServer(), foreign)).rejects.toThrow(/^Cannot listen on 192\.0\.2\.1:0: .+\.$/);
});

describe("at several addresses", () => {
  const several = { ...options, additionalHosts: ["127.0.0.2", "127.0.0.3"] };

  it("chooses a free port at each, and one server gets and counts all connections", async () => {
    let accepted = 0;
    const server = createServer((socket) => {
      accepted++;
      socket.end("hello");
    });
    const listener = await listen(server, several);
    opened.push(listener);
    expect(listener.addresses.map(({ host }) => host)).toEqual(["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    const nears = listener.addresses.map((address) => connect(address).resume());
    await until(() => nears.every(({ closed }) => closed), "every connection is served");
    expect(accepted).toBe(3);
    expect(nears.map(({ bytesRead }) => bytesRead)).toEqual([5, 5, 5]);
    await until(() => listener.wireBytes().duplex.out === 15, "all bytes are counted");
  });

  it("serves HTTP at each, also to a half-closed client, and listens at none after close", async () => {
    const server = createHttpServer((request, response) => void request.on("end", () => response.end("here")).resume());
    const listener = await listen(server, several);
    for (const address of listener.addresses) {
      let received = "";
      const near = connect({ ...address, allowHalfOpen: true }).on("data", (chunk) => (received += String(chunk)));
      near.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      await until(() => near.closed, "the response is complete");
      expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*here$/);
    }
    await listener.close();
    for (const address of listener.addresses) {
      const late = connect(address);
      const [error] = await once(late, "error").catch((reason: Error) => [reason]);
      expect(error).toMatchObject({ code: "ECONNREFUSED" });
    }
  });

  it("listens again where it was", async () => {
    const first = await listen(createServer(), several);
    const [port, ...additionalPorts] = first.addresses.map((address) => address.port);
    await first.close();
    const again = await listen(createServer(), { ...several, port: port!, additionalPorts });
    opened.push(again);
    expect(again.addresses).toEqual(first.addresses);
  });

  it("listens at none when one is not available", async () => {
    const server = createServer();
    const foreign = { ...options, additionalHosts: ["127.0.0.2", "192.0.2.1"] };
    await expect(listen(server, foreign)).rejects.toThrow(/^Cannot listen on 192\.0\.2\.1:0: .+\.$/);
    expect(server.listening).toBe(false);
  });
});

it("counts a socket as duplex until it has a role, then all its bytes in that role", async () => {
  const { listener, near, far } = await connected();
  near.write("1234567890");
  far.write("123");
  await until(() => far.bytesRead === 10, "the bytes have arrived");
  expect(listener.wireBytes()).toEqual({ up: nothing, down: nothing, duplex: { in: 10, out: 3 } });
  listener.assign(far, "up");
  expect(listener.wireBytes()).toEqual({ up: { in: 10, out: 3 }, down: nothing, duplex: nothing });
  listener.assign(far, "down");
  expect(listener.wireBytes()).toEqual({ up: nothing, down: { in: 10, out: 3 }, duplex: nothing });
});

it("keeps the bytes of a closed socket in its role, and does not change the role", async () => {
  const { listener, near, far } = await connected();
  listener.assign(far, "down");
  near.end("12345");
  await until(() => far.closed, "the socket is closed");
  listener.assign(far, "up");
  expect(listener.wireBytes()).toEqual({ up: nothing, down: { in: 5, out: 0 }, duplex: nothing });
});

it("counts bytes in the queue of a socket as sent", async () => {
  const { listener, near, far } = await connected();
  near.pause();
  const bytes = 32 * 1024 * 1024;
  far.write(Buffer.alloc(bytes));
  expect(far.writableLength).toBeGreaterThan(0);
  expect(listener.wireBytes().duplex.out).toBe(bytes);
});

it("returns a snapshot that later bytes do not change", async () => {
  const { listener, near, far } = await connected();
  const before = listener.wireBytes();
  near.end("12345");
  await until(() => far.closed, "the socket is closed");
  expect(before.duplex).toEqual(nothing);
});

it("lets sockets flush before it closes", async () => {
  const { listener, near, far } = await connected();
  far.write(Buffer.alloc(4 * 1024 * 1024));
  const closing = listener.close(60_000);
  await until(() => near.closed, "the client's end is closed");
  await closing;
  expect(near.bytesRead).toBe(4 * 1024 * 1024);
});

it("destroys sockets that have not ended within the grace period", async () => {
  const { listener, near, far } = await connected(true);
  await listener.close(10);
  expect(far.destroyed).toBe(true);
  near.destroy();
});

it("gives sockets the whole grace period to end, and no more", async () => {
  const { listener, near, far } = await connected(true);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const closing = listener.close(1_000);
    vi.advanceTimersByTime(999);
    await nextRound();
    expect(far.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    await closing;
    expect([far.destroyed, vi.getTimerCount()]).toEqual([true, 0]);
  } finally {
    vi.useRealTimers();
    near.destroy();
  }
});

it("leaves no timer where all sockets end before the grace period does", async () => {
  const { listener } = await connected();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    await listener.close(1_000);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it("counts the exchanges of a socket for the roles that it had when each was complete", async () => {
  const { listener, near, far } = await connected();
  listener.assign(far, "up");
  near.write("send");
  await until(() => far.bytesRead === 4, "the first request has arrived");
  far.write("accepted");
  listener.settle(far);
  near.write("poll!");
  await until(() => far.bytesRead === 9, "the second request has arrived");
  listener.assign(far, "down"); // its request has arrived already
  far.write("message");
  expect(listener.wireBytes()).toEqual({
    up: { in: 4, out: 8 },
    down: { in: 5, out: 7 },
    duplex: { in: 0, out: 0 },
  });
});

it("counts the bytes of a socket in both directions since the last call", async () => {
  const { listener, near, far } = await connected();
  near.write("four");
  await until(() => far.bytesRead === 4, "the bytes have arrived");
  far.write("three!");
  expect(listener.settle(far)).toBe(10);
  expect(listener.settle(far)).toBe(0);
  far.write("more");
  expect(listener.settle(far)).toBe(4);
});
