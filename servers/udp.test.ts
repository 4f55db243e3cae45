import { createSocket, type Socket } from "node:dgram";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Kit, type TestServer } from "../scenarios/conformance/test-kit.ts";
import { transports } from "../scenarios/transports.ts";
import { pingsPerHeartbeat, nonceBytes, cookieBytes, datagram, datagramKinds } from "./protocols/datagrams.ts";
import { until } from "../scenarios/lib/until.ts";

/** Somebody at an address of its own, who says what it likes and remembers all it hears. */
interface Caller {
  say(kind: number, ...parts: Buffer[]): void;
  sayTo(host: TestServer, kind: number, ...parts: Buffer[]): void;
  heard: Buffer[];
  /** The kinds of what it heard, by name. */
  kinds(): string[];
}

const nameOf = new Map(Object.entries(datagramKinds).map(([name, kind]) => [kind, name]));
const [one, other] = [Buffer.alloc(nonceBytes, 1), Buffer.alloc(nonceBytes, 2)];
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

function caller(to = host): Caller {
  const socket = createSocket("udp4");
  const received: Buffer[] = [];
  sockets.push(socket);
  socket.on("message", (bytes) => void received.push(bytes));
  function sayTo({ addresses: [address] }: TestServer, kind: number, ...parts: Buffer[]): void {
    socket.send(datagram(kind, ...parts), address!.port, address!.host);
  }
  return {
    sayTo,
    say: (kind, ...parts) => sayTo(to, kind, ...parts),
    heard: received,
    kinds: () => received.map((bytes) => nameOf.get(bytes[0]!)!),
  };
}

async function hears(who: Caller, name: string, times = 1): Promise<void> {
  const all = (): string[] => who.kinds().filter((each) => each === name);
  await until(() => all().length >= times, `"${name}" is heard`);
}

async function cookieOf(who: Caller): Promise<Buffer> {
  who.say(datagramKinds.hello, padding);
  await hears(who, "cookie");
  return who.heard[0]!.subarray(1);
}

async function joined(to = host): Promise<Caller> {
  const member = caller(to);
  member.say(datagramKinds.join, await cookieOf(member), one);
  await hears(member, "welcome");
  return member;
}

it("keeps nothing and says nothing larger than it heard until an address has proved to be its caller's", async () => {
  const stranger = caller();
  const cookie = await cookieOf(stranger);
  expect(cookie.length).toBe(padding.length);
  expect(host.joined).toEqual([]);
});

it("takes no cookie of another address, none that is cut off, and none with too much behind it", async () => {
  const [thief, victim] = [caller(), caller()];
  const [own, stolen] = [await cookieOf(thief), await cookieOf(victim)];
  thief.say(datagramKinds.join, stolen, one);
  thief.say(datagramKinds.join, own.subarray(1), one);
  thief.say(datagramKinds.join, own, one, one);
  await hears(thief, "gone", 3);
  expect(host.joined).toEqual([]);
});

it("answers a join that is repeated without letting the client in twice", async () => {
  const member = caller();
  const cookie = await cookieOf(member);
  for (let i = 0; i < 3; i++) member.say(datagramKinds.join, cookie, one);
  await hears(member, "welcome", 3);
  expect([host.joined.length, host.left.length]).toEqual([1, 0]);
});

it("takes a new join from the same port for that of the next client there, the last one having gone", async () => {
  const member = await joined();
  member.say(datagramKinds.join, await cookieOf(member), other);
  await hears(member, "welcome", 2);
  expect([host.joined.length, host.left]).toEqual([2, [host.joined[0]]]);
  expect(member.kinds()).not.toContain("gone");
});

it("tells callers from the same port apart by the address they have come to", async () => {
  const listeners = await kit.echo({ heartbeatMs: 60_000, additionalHosts: ["127.0.0.2"] });
  const member = await joined(listeners);
  member.say(datagramKinds.text, Buffer.from("to the one"));
  await hears(member, "text");
  const elsewhere = { ...listeners, addresses: [listeners.addresses[1]!] };
  const cookie = member.heard[0]!.subarray(1);
  member.sayTo(elsewhere, datagramKinds.join, cookie, one);
  await hears(member, "gone");
  expect(listeners.joined.length).toBe(1);
});

it("is not talked out of a session by a stranger's hello from its address", async () => {
  const member = await joined();
  member.say(datagramKinds.hello, padding);
  member.say(datagramKinds.text, Buffer.from("still here"));
  await hears(member, "text");
  expect(host.left).toEqual([]);
});

it("tells whoever speaks without a session that it is gone, and answers nothing that only a server says", async () => {
  const stranger = caller();
  for (const kind of [datagramKinds.cookie, datagramKinds.welcome, datagramKinds.ping, datagramKinds.closed, 0, 255])
    stranger.say(kind, padding);
  stranger.say(datagramKinds.hello);
  stranger.say(datagramKinds.hello, padding, padding);
  for (const kind of [datagramKinds.text, datagramKinds.binary, datagramKinds.pong, datagramKinds.leave])
    stranger.say(kind);
  await hears(stranger, "gone", 4);
  expect(stranger.kinds()).toEqual(["gone", "gone", "gone", "gone"]);
});

it("asks a silent client again before it gives it up, and keeps one that answers late", async () => {
  const lively = await kit.echo({ heartbeatMs: 200 });
  const [silent, late] = [await joined(lively), await joined(lively)];
  await hears(late, "ping", pingsPerHeartbeat - 1);
  late.say(datagramKinds.pong);
  await hears(silent, "gone");
  expect(silent.kinds().filter((name) => name === "ping").length).toBe(pingsPerHeartbeat);
  expect(lively.left).toEqual([lively.joined[0]]);
  expect(late.kinds()).not.toContain("gone");
});
