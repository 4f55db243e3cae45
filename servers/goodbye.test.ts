import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Kit, type TestServer } from "../scenarios/conformance/test-kit.ts";
import type { Connection } from "../scenarios/contract.ts";
import { transports } from "../scenarios/transports.ts";
import { record } from "./protocols/records.ts";
import { rawCloseFrame, rawFrame, webSocketUpgrade, rawExchange } from "./lib/testing/raw-client.ts";
import { until } from "../scenarios/lib/until.ts";

const hi = Buffer.from("hi");
let kit: Kit;

afterEach(() => kit.tidy());

it("ws sends what one read of a client's messages led to before it answers the goodbye in the same read", async () => {
  kit = new Kit("ws", transports.ws);
  const { addresses } = await kit.echo();
  const say = Buffer.concat([rawFrame("text", hi), rawFrame("text", hi), rawFrame("close", "")]);
  const stranger = await rawExchange(addresses[0]!, [webSocketUpgrade, { send: say, expect: rawCloseFrame() }]);
  expect(stranger.received()).toBe("\x81\x02hi\x81\x02hi\x88\0");
});

it("tcp sends what one read of a client's messages led to before it ends a connection that the client has ended", async () => {
  kit = new Kit("tcp", transports.tcp);
  const { addresses, left } = await kit.echo();
  let received = "";
  const socket = connect({ ...addresses[0]!, allowHalfOpen: true });
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  socket.end(Buffer.concat([record(hi, true), record(hi, true)]));
  await until(() => left.length > 0, "the hub is told");
  await until(() => socket.readableEnded, "the connection is ended");
  expect(received).toBe("\x80\0\0\x02hi\x80\0\0\x02hi");
});

/** A hub that says goodbye to whoever says something, and goes on talking. */
function rude(name: "ws" | "tcp"): Promise<TestServer> {
  kit = new Kit(name, transports[name]);
  const goOn = (connection: Connection): void => {
    connection.send(hi, true);
    hosted.then((host) => host.room.send(hi, true)).catch(() => undefined);
  };
  const hosted = kit.serve({
    receive(connection) {
      connection.send(hi, true);
      connection.close();
      goOn(connection);
      setImmediate(() => goOn(connection));
    },
  });
  return hosted;
}

it("ws sends nothing after its close frame, whatever the hub sends", async () => {
  const { addresses, room, left } = await rude("ws");
  const stranger = await rawExchange(addresses[0]!, [
    webSocketUpgrade,
    { send: rawFrame("text", hi), expect: rawCloseFrame(1000) },
  ]);
  room.send(hi, true);
  await delay(20);
  expect(stranger.received()).toBe("\x81\x02hi\x88\x02\x03\xe8");
  stranger.destroy();
  await until(() => left.length > 0, "the hub is told");
});

it("tcp sends nothing after its goodbye, whatever the hub sends", async () => {
  const { addresses, room, left } = await rude("tcp");
  const stranger = await rawExchange(addresses[0]!, [{ send: record(hi, true), expect: /hi$/ }]);
  room.send(hi, true);
  await until(() => stranger.ended() && left.length > 0, "both are told");
  expect(stranger.received()).toBe("\x80\0\0\x02hi");
});
