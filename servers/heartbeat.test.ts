import { afterEach, expect, it } from "vitest";
import { Kit, until } from "../scenarios/conformance/test-kit.ts";
import { transports } from "../scenarios/transports.ts";
import { closing, enters, handshake, opens, talk } from "./lib/testing/raw-client.ts";

const quick = { heartbeatMs: 100 };
let kit: Kit;

afterEach(() => kit.tidy());

it("ws drops a client that does not answer a ping, and tells the hub", async () => {
  kit = new Kit("ws", transports.ws);
  const host = await kit.serve({}, quick);
  const silent = await talk(host.addresses[0]!, [opens]);
  await until(silent.ended, "the connection is ended");
  await until(() => host.left.length > 0, "the hub is told");
  expect(host.left).toEqual(host.joined);
  expect(silent.heard().split("\r\n\r\n")[1]).toBe("\x89\0"); // one ping, no goodbye
});

it("Socket.IO gives up a client that does not answer a ping, says goodbye and tells the hub", async () => {
  kit = new Kit("socket.io", transports["socket.io"]);
  const host = await kit.serve({}, quick);
  const silent = await talk(host.addresses[0]!, [handshake, enters]);
  await until(() => host.left.length > 0, "the hub is told");
  await until(() => closing().test(silent.heard()), "the client is told");
  expect(host.left).toEqual(host.joined);
  expect(silent.heard().split("}")[1]).toBe("\x81\x012\x88\0"); // one ping, then the empty close frame
  silent.leave();
});
