import { afterEach, expect, it } from "vitest";
import { Kit } from "../scenarios/conformance/test-kit.ts";
import { transports } from "../scenarios/transports.ts";
import {
  rawCloseFrame,
  namespaceJoin,
  engineHandshake,
  webSocketUpgrade,
  rawExchange,
} from "./lib/testing/raw-client.ts";
import { until } from "../scenarios/lib/until.ts";

const frequent = { heartbeatMs: 100 };
let kit: Kit;

afterEach(() => kit.tidy());

it("ws drops a client that does not answer a ping", async () => {
  kit = new Kit("ws", transports.ws);
  const host = await kit.serve({}, frequent);
  const silent = await rawExchange(host.addresses[0]!, [webSocketUpgrade]);
  await until(silent.ended, "the server has ended the connection");
  await until(() => host.left.length > 0, "the application knows that the client has left");
  expect(host.left).toEqual(host.joined);
  expect(silent.received().split("\r\n\r\n")[1]).toBe("\x89\0"); // one ping, no close frame
});

it("Socket.IO closes the connection of a client that does not answer a ping", async () => {
  kit = new Kit("socket.io", transports["socket.io"]);
  const host = await kit.serve({}, frequent);
  const silent = await rawExchange(host.addresses[0]!, [engineHandshake, namespaceJoin]);
  await until(() => host.left.length > 0, "the application knows that the client has left");
  await until(() => rawCloseFrame().test(silent.received()), "the client has a close frame");
  expect(host.left).toEqual(host.joined);
  expect(silent.received().split("}")[1]).toBe("\x81\x012\x88\0"); // one ping, then the empty close frame
  silent.destroy();
});
