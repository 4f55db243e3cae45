import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Kit } from "../scenarios/conformance/test-kit.ts";
import type { Address } from "../scenarios/contract.ts";
import { transports } from "../scenarios/transports.ts";
import { cookieBytes, datagram, datagramKinds } from "../servers/protocols/datagrams.ts";
import { until } from "../scenarios/lib/until.ts";

const kit = new Kit("udp", transports.udp);
const cookie = datagram(datagramKinds.cookie, Buffer.alloc(cookieBytes, 7));
let server: Socket;
let address: Address;
/** What the server heard, and how it answers each kind: a function of how often it has heard it. */
let received: Buffer[];
let answers: Record<number, (times: number) => Buffer | undefined>;
let client: RemoteInfo;

beforeEach(async () => {
  received = [];
  answers = { [datagramKinds.hello]: () => cookie, [datagramKinds.join]: () => datagram(datagramKinds.welcome) };
  server = createSocket("udp4").bind(0, "127.0.0.1");
  await once(server, "listening");
  address = { host: "127.0.0.1", port: server.address().port, protocol: "udp" };
  server.on("message", (bytes, from) => {
    client = from;
    received.push(bytes);
    const answer = answers[bytes[0]!]?.(times(bytes[0]!));
    if (answer) server.send(answer, from.port, from.address);
  });
});
afterEach(async () => {
  await kit.tidy();
  server.close();
});

const times = (kind: number): number => received.filter((bytes) => bytes[0] === kind).length;

it("repeats a hello and a join until they are answered, and shows the cookie it was given", async () => {
  answers = {
    [datagramKinds.hello]: (count) => (count < 3 ? undefined : cookie),
    [datagramKinds.join]: (count) => (count < 3 ? undefined : datagram(datagramKinds.welcome)),
  };
  await kit.connect(address, { handshakeMs: 800 });
  expect([times(datagramKinds.hello), times(datagramKinds.join)]).toEqual([3, 3]);
  const joins = received.filter((bytes) => bytes[0] === datagramKinds.join);
  expect(joins[0]!.subarray(1, 1 + cookieBytes)).toEqual(cookie.subarray(1));
  expect(joins[2]).toEqual(joins[0]);
});

it.each([
  ["nobody answers", {}, /^no answer from 127\.0\.0\.1:\d+ in 200 ms$/],
  ["it is not taken", { [datagramKinds.hello]: () => datagram(datagramKinds.closed) }, /does not take this client$/],
])("does not connect where %s, and says so", async (_what, silence, why) => {
  answers = silence;
  await expect(kit.connect(address, { handshakeMs: 200 })).rejects.toThrow(why);
});

it("repeats its goodbye until that is answered, and is told once", async () => {
  answers[datagramKinds.leave] = (count) => (count < 3 ? undefined : datagram(datagramKinds.closed));
  const connection = await kit.connect(address, { handshakeMs: 800 });
  connection.close();
  await until(() => connection.ended.length > 0, "the client is told");
  expect(times(datagramKinds.leave)).toBe(3);
  expect(connection.ended).toEqual([undefined]);
});

it("gives up a goodbye that nobody answers", async () => {
  const connection = await kit.connect(address, { handshakeMs: 200 });
  connection.close();
  await until(() => connection.ended.length > 0, "the client is told");
  expect(connection.ended).toEqual([undefined]);
});

it("answers every ping, and takes a server that sends none for gone", async () => {
  const connection = await kit.connect(address, { heartbeatMs: 200 });
  server.send(datagram(datagramKinds.ping), client.port, client.address);
  await until(() => times(datagramKinds.pong) > 0, "the ping is answered");
  await until(() => connection.ended.length > 0, "the client is told");
  expect(connection.ended).toEqual([new Error("the server fell silent")]);
});

it("ends at a payload that no datagram can hold, naming both sizes, and says goodbye", async () => {
  const connection = await kit.connect(address);
  connection.send(Buffer.alloc(65_507), false);
  expect(connection.ended).toEqual([new RangeError("a datagram holds 65506 bytes at most, not 65507")]);
  await until(() => times(datagramKinds.leave) > 0, "the server is told");
});
