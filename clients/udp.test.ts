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
/** The datagrams that the server received, and its answer to each kind, by how often it has received that kind. */
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

it("repeats hello and join until they are answered, and joins with the cookie from the server", async () => {
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
  ["nobody answers", {}, /^no response from 127\.0\.0\.1:\d+ within 200 ms$/],
  ["the server refuses it", { [datagramKinds.hello]: () => datagram(datagramKinds.closed) }, /refused the client$/],
])("does not connect where %s, and names the reason", async (_case, replies, reason) => {
  answers = replies;
  await expect(kit.connect(address, { handshakeMs: 200 })).rejects.toThrow(reason);
});

it("repeats bye until it is answered, then calls closed() once", async () => {
  answers[datagramKinds.leave] = (count) => (count < 3 ? undefined : datagram(datagramKinds.closed));
  const connection = await kit.connect(address, { handshakeMs: 800 });
  connection.close();
  await until(() => connection.ended.length > 0, "closed() is called");
  expect(times(datagramKinds.leave)).toBe(3);
  expect(connection.ended).toEqual([undefined]);
});

it("closes without an error when nobody answers its bye", async () => {
  const connection = await kit.connect(address, { handshakeMs: 200 });
  connection.close();
  await until(() => connection.ended.length > 0, "closed() is called");
  expect(connection.ended).toEqual([undefined]);
});

it("answers every ping, and ends with an error when the server sends none", async () => {
  const connection = await kit.connect(address, { heartbeatMs: 200 });
  server.send(datagram(datagramKinds.ping), client.port, client.address);
  await until(() => times(datagramKinds.pong) > 0, "the ping is answered");
  await until(() => connection.ended.length > 0, "closed() is called");
  expect(connection.ended).toEqual([new Error("the server sent no ping for 450 ms")]);
});

it("ends with an error that names both sizes for a payload above the limit, and sends bye", async () => {
  const connection = await kit.connect(address);
  connection.send(Buffer.alloc(65_507), false);
  expect(connection.ended).toEqual([new RangeError("a datagram holds at most 65506 bytes, the payload has 65507")]);
  await until(() => times(datagramKinds.leave) > 0, "the server receives bye");
});
