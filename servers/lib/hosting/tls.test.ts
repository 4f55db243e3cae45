import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { dial } from "../../../clients/lib/net/dial.ts";
import type { Address, Options } from "../../../scenarios/contract.ts";
import { transports } from "../../../scenarios/transports.ts";
import { selfSigned } from "../../../scenarios/lib/certificate.ts";
import { listen, type Listener } from "./listen.ts";
import { streamServer } from "./tls.ts";
import { optionsFor } from "../../../scenarios/transports/load-transport.ts";
import { until } from "../../../scenarios/lib/until.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** Opens a TLS server. `far` are the sockets that it has accepted. */
async function open(changes: Partial<Options> = {}): Promise<{ listener: Listener; address: Address; far: Socket[] }> {
  const far: Socket[] = [];
  const options = optionsFor(transports.tcp, { tls: true, ...changes });
  const server = streamServer(options, { allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined).on("end", () => socket.end());
    far.push(socket.resume());
  });
  const listener = await listen(server, options);
  undo.push(() => listener.close(0));
  return { listener, address: listener.addresses[0]!, far };
}

/** Opens a server and a connection. `near` is the client's end, `far` the server's. */
async function connected(changes: Partial<Options> = {}) {
  const opened = await open(changes);
  const near = (await dial(opened.address, 1_000)).resume();
  undo.push(() => near.destroy());
  await until(() => opened.far.length > 0, "the server's handshake is complete");
  return { ...opened, near, far: opened.far[0]! };
}

/** Connects with `node:tls` and these settings, without our own dial helper. */
async function dialled(address: Address, settings: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ host: address.host, port: address.port, ...settings });
  undo.push(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

it("puts the server's own certificate into every address", async () => {
  const [one, other] = [await open({ additionalHosts: ["127.0.0.2"] }), await open()];
  expect(one.listener.addresses.map(({ host }) => host)).toEqual(["127.0.0.1", "127.0.0.2"]);
  for (const address of one.listener.addresses) (await dial(address, 1_000)).destroy();
  expect(one.address.certificate).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  expect(one.address.certificate).not.toBe(other.address.certificate);
});

it("shows the certificate of its options, which a client of its predecessor trusts", async () => {
  const identity = await selfSigned(["127.0.0.1"]);
  const [one, other] = [await open({ identity }), await open({ identity })];
  (await dial({ ...other.address, certificate: one.address.certificate! }, 1_000)).destroy();
  expect(other.address.certificate).toBe(identity.certificate);
});

it("is rejected by a client with another certificate or none", async () => {
  const { address } = await open();
  const another = { ...address, certificate: (await selfSigned([address.host])).certificate };
  await expect(dial(another, 1_000)).rejects.toThrow(/self-signed certificate/);
  await expect(dialled(address, {})).rejects.toThrow(/self-signed certificate/);
});

it("is rejected under a name that is not in its certificate", async () => {
  const { address } = await open();
  await expect(dial({ ...address, host: "127.0.0.9" }, 1_000)).rejects.toThrow(/ECONNREFUSED/);
  const ca = address.certificate!;
  await expect(dialled(address, { ca, servername: "elsewhere.example" })).rejects.toThrow(/does not match/);
});

it("accepts TLS 1.3 and nothing older", async () => {
  const { address } = await open();
  const ca = address.certificate!;
  expect((await dialled(address, { ca })).getProtocol()).toBe("TLSv1.3");
  await expect(dialled(address, { ca, maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
});

it("sends tickets that resume no session: every handshake is a full one", async () => {
  const { address } = await open();
  const ca = address.certificate!;
  const first = connectTls({ host: address.host, port: address.port, ca });
  undo.push(() => first.destroy());
  const [session] = (await once(first, "session")) as [Buffer];
  const again = await dialled(address, { ca, session });
  expect(again.isSessionReused()).toBe(false);
});

it("counts 22 bytes per record of the raw socket, and none for bytes that wait above TLS", async () => {
  const { listener, near, far } = await connected();
  let before = listener.wireBytes().duplex;
  near.write(Buffer.alloc(16_385));
  far.write("12345");
  await until(() => far.bytesRead === 16_385 && near.bytesRead === 5, "both messages have arrived");
  let after = listener.wireBytes().duplex;
  expect([after.in - before.in, after.out - before.out]).toEqual([16_385 + 44, 5 + 22]);
  before = after;
  far.write("one");
  far.write("two"); // waits until the first is written
  after = listener.wireBytes().duplex;
  expect(after.out - before.out).toBe(3 + 22 + 3);
  await until(() => near.bytesRead === 11, "both messages have arrived");
  expect(listener.wireBytes().duplex.out - before.out).toBe(2 * (3 + 22));
});

it("counts queued bytes that the client does not read as sent", async () => {
  const { listener, near, far } = await connected();
  near.pause();
  const before = listener.wireBytes().duplex.out;
  const [messages, messageBytes] = [400, 65_536];
  for (let i = 0; i < messages; i++) far.write(Buffer.alloc(messageBytes));
  expect(far.writableLength).toBeGreaterThan(messageBytes);
  const counted = listener.wireBytes().duplex.out - before;
  expect(counted).toBeGreaterThanOrEqual(messages * messageBytes);
  expect(counted).toBeLessThanOrEqual(messages * (messageBytes + 4 * 22));
});

it("assigns roles and counts bytes by the TLS socket", async () => {
  const { listener, near, far } = await connected();
  listener.assign(far, "up");
  expect(listener.wireBytes().duplex).toEqual({ in: 0, out: 0 });
  listener.settle(far);
  near.write("four");
  await until(() => far.bytesRead === 4, "the bytes have arrived");
  expect(listener.settle(far)).toBe(4 + 22);
});

it("keeps the bytes of a closed connection, including the closing records", async () => {
  const { listener, near, far } = await connected();
  const before = listener.wireBytes().duplex;
  near.end("12345");
  await until(() => far.closed && near.closed, "both ends are closed");
  const after = listener.wireBytes().duplex;
  expect([after.in - before.in, after.out - before.out]).toEqual([5 + 22 + 24, 24]);
});

it("lets sockets flush before it closes", async () => {
  const { listener, near, far } = await connected();
  far.write(Buffer.alloc(4 * 1024 * 1024));
  const closing = listener.close(60_000);
  await until(() => near.closed, "the client's end is closed");
  await closing;
  expect(near.bytesRead).toBe(4 * 1024 * 1024);
});

it("destroys connections whose handshake is late or not TLS", async () => {
  const { listener, address, far } = await open({ handshakeMs: 100 });
  const clients = ["", "GET / HTTP/1.1\r\n\r\n", Buffer.from("16030100c8010000c40303", "hex")].map((bytes) => {
    const socket = connect({ host: address.host, port: address.port }).on("error", () => undefined);
    socket.write(bytes);
    return socket.resume();
  });
  await until(() => clients.every(({ closed }) => closed), "all connections are closed");
  expect(far).toEqual([]);
  (await dial(address, 1_000)).destroy();
  await listener.close(60_000);
});

it("closes at once while a handshake is incomplete", async () => {
  const { listener, address } = await open();
  const client = connect({ host: address.host, port: address.port }).on("error", () => undefined);
  undo.push(() => client.destroy());
  client.resume().write(Buffer.from("16030100c8010000c40303", "hex"));
  await until(() => listener.wireBytes().duplex.in > 0, "the handshake has begun");
  await listener.close(60_000);
  await until(() => client.closed, "the client's end is closed");
});
