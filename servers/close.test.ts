import { connect } from "node:net";
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

it("ws sends all echoes before its close frame when messages and a close arrive in one read", async () => {
  kit = new Kit("ws", transports.ws);
  const { addresses } = await kit.echo();
  const messages = Buffer.concat([rawFrame("text", hi), rawFrame("text", hi), rawFrame("close", "")]);
  const client = await rawExchange(addresses[0]!, [webSocketUpgrade, { send: messages, expect: rawCloseFrame() }]);
  expect(client.received()).toBe("\x81\x02hi\x81\x02hi\x88\0");
});

it("tcp sends all echoes before its FIN when messages and a FIN arrive in one read", async () => {
  kit = new Kit("tcp", transports.tcp);
  const { addresses, left } = await kit.echo();
  let received = "";
  const socket = connect({ ...addresses[0]!, allowHalfOpen: true });
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  socket.end(Buffer.concat([record(hi, true), record(hi, true)]));
  await until(() => left.length > 0, "the application knows that the client has left");
  await until(() => socket.readableEnded, "the server has ended the connection");
  expect(received).toBe("\x80\0\0\x02hi\x80\0\0\x02hi");
});

/** Hosts an application that closes the connection of a client that sends something, and then still sends to it. */
function sendsAfterClose(name: "ws" | "tcp"): Promise<TestServer> {
  kit = new Kit(name, transports[name]);
  const sendMore = (connection: Connection): void => {
    connection.send(hi, true);
    hosted.then((host) => host.room.send(hi, true)).catch(() => undefined);
  };
  const hosted = kit.serve({
    receive(connection) {
      connection.send(hi, true);
      connection.close();
      sendMore(connection);
      setImmediate(() => sendMore(connection));
    },
  });
  return hosted;
}

it("ws sends nothing after its close frame, whatever the application sends", async () => {
  const { addresses, room, left } = await sendsAfterClose("ws");
  const client = await rawExchange(addresses[0]!, [
    webSocketUpgrade,
    { send: rawFrame("text", hi), expect: rawCloseFrame(1000) },
  ]);
  room.send(hi, true);
  client.send(rawFrame("close", ""));
  await until(() => client.ended() && left.length > 0, "both sides know that the connection has ended");
  expect(client.received()).toBe("\x81\x02hi\x88\x02\x03\xe8");
});

it("tcp sends nothing after its FIN, whatever the application sends", async () => {
  const { addresses, room, left } = await sendsAfterClose("tcp");
  const client = await rawExchange(addresses[0]!, [{ send: record(hi, true), expect: /hi$/ }]);
  room.send(hi, true);
  await until(() => client.ended() && left.length > 0, "both sides know that the connection has ended");
  expect(client.received()).toBe("\x80\0\0\x02hi");
});
