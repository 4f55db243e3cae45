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

const quick = { heartbeatMs: 100 };
let kit: Kit;

afterEach(() => kit.tidy());

it("ws drops a client that does not answer a ping, and tells the hub", async () => {
  kit = new Kit("ws", transports.ws);
  const host = await kit.serve({}, quick);
  const silent = await rawExchange(host.addresses[0]!, [webSocketUpgrade]);
  await until(silent.ended, "the connection is ended");
  await until(() => host.left.length > 0, "the hub is told");
  expect(host.left).toEqual(host.joined);
  expect(silent.received().split("\r\n\r\n")[1]).toBe("\x89\0"); // one ping, no goodbye
});

it("Socket.IO gives up a client that does not answer a ping, says goodbye and tells the hub", async () => {
  kit = new Kit("socket.io", transports["socket.io"]);
  const host = await kit.serve({}, quick);
  const silent = await rawExchange(host.addresses[0]!, [engineHandshake, namespaceJoin]);
  await until(() => host.left.length > 0, "the hub is told");
  await until(() => rawCloseFrame().test(silent.received()), "the client is told");
  expect(host.left).toEqual(host.joined);
  expect(silent.received().split("}")[1]).toBe("\x81\x012\x88\0"); // one ping, then the empty close frame
  silent.destroy();
});
