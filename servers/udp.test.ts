import { createSocket, type Socket } from "node:dgram";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Kit, type TestServer } from "../scenarios/conformance/test-kit.ts";
import { transports } from "../scenarios/transports.ts";
import { pingsPerHeartbeat, nonceBytes, cookieBytes, datagram, datagramKinds } from "./protocols/datagrams.ts";
import { until } from "../scenarios/lib/until.ts";

/** A raw UDP socket on a port of its own, and the datagrams it has received. */
interface RawPeer {
  send(kind: number, ...parts: Buffer[]): void;
  sendTo(host: TestServer, kind: number, ...parts: Buffer[]): void;
  received: Buffer[];
  /** Names of the kinds of received datagrams. */
  kinds(): string[];
}

const nameOf = new Map(Object.entries(datagramKinds).map(([name, kind]) => [kind, name]));
const [nonce, otherNonce] = [Buffer.alloc(nonceBytes, 1), Buffer.alloc(nonceBytes, 2)];
const padding = Buffer.alloc(cookieBytes);
const kit = new Kit("udp", transports.udp);
let host: TestServer;
let sockets: Socket[] = [];

beforeEach(async () => {
  host = await kit.echo({ heartbeatMs: 60_000 });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await kit.tidy();
});

function openPeer(to = host): RawPeer {
  const socket = createSocket("udp4");
  const received: Buffer[] = [];
  sockets.push(socket);
  socket.on("message", (bytes) => void received.push(bytes));
  function sendTo({ addresses: [address] }: TestServer, kind: number, ...parts: Buffer[]): void {
    socket.send(datagram(kind, ...parts), address!.port, address!.host);
  }
  return {
    sendTo,
    send: (kind, ...parts) => sendTo(to, kind, ...parts),
    received,
    kinds: () => received.map((bytes) => nameOf.get(bytes[0]!)!),
  };
}

async function receives(peer: RawPeer, name: string, times = 1): Promise<void> {
  const all = (): string[] => peer.kinds().filter((each) => each === name);
  await until(() => all().length >= times, `"${name}" has arrived`);
}

async function cookieOf(peer: RawPeer): Promise<Buffer> {
  peer.send(datagramKinds.hello, padding);
  await receives(peer, "cookie");
  return peer.received[0]!.subarray(1);
}

async function joined(to = host): Promise<RawPeer> {
  const member = openPeer(to);
  member.send(datagramKinds.join, await cookieOf(member), nonce);
  await receives(member, "welcome");
  return member;
}

it("keeps no state and sends nothing larger than it received until a client has proved its address", async () => {
  const client = openPeer();
  const cookie = await cookieOf(client);
  expect(cookie.length).toBe(padding.length);
  expect(host.joined).toEqual([]);
});

it("refuses a cookie of another address, one that is cut off and one with extra bytes", async () => {
  const [client, other] = [openPeer(), openPeer()];
  const [ownCookie, otherCookie] = [await cookieOf(client), await cookieOf(other)];
  client.send(datagramKinds.join, otherCookie, nonce);
  client.send(datagramKinds.join, ownCookie.subarray(1), nonce);
  client.send(datagramKinds.join, ownCookie, nonce, nonce);
  await receives(client, "closed", 3);
  expect(host.joined).toEqual([]);
});

it("answers a repeated join without a second client", async () => {
  const member = openPeer();
  const cookie = await cookieOf(member);
  for (let i = 0; i < 3; i++) member.send(datagramKinds.join, cookie, nonce);
  await receives(member, "welcome", 3);
  expect([host.joined.length, host.left.length]).toEqual([1, 0]);
});

it("treats a join with another nonce from the same port as a new client, and the previous one has left", async () => {
  const member = await joined();
  member.send(datagramKinds.join, await cookieOf(member), otherNonce);
  await receives(member, "welcome", 2);
  expect([host.joined.length, host.left]).toEqual([2, [host.joined[0]]]);
  expect(member.kinds()).not.toContain("closed");
});

it("distinguishes clients with the same port by the address they send to", async () => {
  const listeners = await kit.echo({ heartbeatMs: 60_000, additionalHosts: ["127.0.0.2"] });
  const member = await joined(listeners);
  member.send(datagramKinds.text, Buffer.from("to the first"));
  await receives(member, "text");
  const secondAddress = { ...listeners, addresses: [listeners.addresses[1]!] };
  const cookie = member.received[0]!.subarray(1);
  member.sendTo(secondAddress, datagramKinds.join, cookie, nonce);
  await receives(member, "closed");
  expect(listeners.joined.length).toBe(1);
});

it("keeps a session when a hello arrives from its address", async () => {
  const member = await joined();
  member.send(datagramKinds.hello, padding);
  member.send(datagramKinds.text, Buffer.from("still here"));
  await receives(member, "text");
  expect(host.left).toEqual([]);
});

it('answers "closed" to a client without a session, and nothing to kinds that only a server sends', async () => {
  const client = openPeer();
  for (const kind of [datagramKinds.cookie, datagramKinds.welcome, datagramKinds.ping, datagramKinds.closed, 0, 255])
    client.send(kind, padding);
  client.send(datagramKinds.hello);
  client.send(datagramKinds.hello, padding, padding);
  for (const kind of [datagramKinds.text, datagramKinds.binary, datagramKinds.pong, datagramKinds.leave])
    client.send(kind);
  await receives(client, "closed", 4);
  expect(client.kinds()).toEqual(["closed", "closed", "closed", "closed"]);
});

it("pings a silent client again before it drops it, and keeps one that answers late", async () => {
  const pinging = await kit.echo({ heartbeatMs: 200 });
  const [silent, late] = [await joined(pinging), await joined(pinging)];
  await receives(late, "ping", pingsPerHeartbeat - 1);
  late.send(datagramKinds.pong);
  await receives(silent, "closed");
  expect(silent.kinds().filter((name) => name === "ping").length).toBe(pingsPerHeartbeat);
  expect(pinging.left).toEqual([pinging.joined[0]]);
  expect(late.kinds()).not.toContain("closed");
});
