import { expect, it } from "vitest";
import { servedApps } from "./apps.ts";
import type { Connection, Room } from "../contract.ts";

/** The served chat, a function that lets a client join it, and the number of rooms opened so far. */
function openChat() {
  let opened = 0;
  const application = servedApps.chat.app(() => {
    opened++;
    const connections = new Set<Connection>();
    return {
      add: (connection) => void connections.add(connection),
      delete: (connection) => void connections.delete(connection),
      send: (payload, text) => connections.forEach((connection) => connection.send(payload, text)),
    } satisfies Room;
  });
  function join() {
    const received: string[] = [];
    const connection: Connection = {
      send: (payload) => void received.push(payload.toString()),
      close: () => undefined,
    };
    application.join(connection);
    return {
      received,
      send: (message: string, text = true) => application.receive(connection, Buffer.from(message), text),
      leave: () => application.leave(connection),
    };
  }
  return { join, opened: () => opened };
}

it("puts every client into one room before its first message", () => {
  const { join } = openChat();
  const [ann, bob] = [join(), join()];
  ann.send("hello");
  expect([ann.received, bob.received]).toEqual([["hello"], ["hello"]]);
});

it('moves a client that sends "room NAME" to that room, and returns that message to it alone', () => {
  const { join } = openChat();
  const [ann, bob, cleo] = [join(), join(), join()];
  ann.send("room kitchen");
  ann.send("anybody here?");
  bob.send("hello");
  bob.send("room kitchen");
  bob.send("yes");
  expect(ann.received).toEqual(["room kitchen", "anybody here?", "yes"]);
  expect(bob.received).toEqual(["hello", "room kitchen", "yes"]);
  expect(cleo.received).toEqual(["hello"]);
});

it("treats every other message as a chat message", () => {
  const { join } = openChat();
  const ann = join();
  const messages = ["room", "room for one more", "a room kitchen", `room ${"x".repeat(60)}`];
  for (const message of messages) ann.send(message);
  ann.send("room binary", false);
  const bob = join();
  ann.send("still here");
  expect(bob.received).toEqual(["still here"]);
  expect(ann.received).toEqual([...messages, "room binary", "still here"]);
});

it("forgets a room when its last client leaves", () => {
  const { join, opened } = openChat();
  const [ann, bob] = [join(), join()];
  for (const client of [ann, bob]) client.send("room kitchen");
  expect(opened()).toBe(2);
  ann.send("room hall");
  bob.leave();
  ann.send("room kitchen");
  expect(opened()).toBe(4);
  join();
  expect(opened()).toBe(5);
});
