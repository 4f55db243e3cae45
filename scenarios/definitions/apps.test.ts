import { expect, it } from "vitest";
import { servedApps } from "./apps.ts";
import type { Connection, Room } from "../contract.ts";

/** The lobby, people who join it by name, and the rooms that were opened for them. */
function open() {
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
      heard: received,
      say: (words: string, text = true) => application.receive(connection, Buffer.from(words), text),
      leave: () => application.leave(connection),
    };
  }
  return { join, opened: () => opened };
}

it("has everybody in one room from the start, also who has said nothing yet", () => {
  const { join } = open();
  const [ann, bob] = [join(), join()];
  ann.say("hello");
  expect([ann.heard, bob.heard]).toEqual([["hello"], ["hello"]]);
});

it("takes who says so to another room, at any time, and answers that to nobody else", () => {
  const { join } = open();
  const [ann, bob, cleo] = [join(), join(), join()];
  ann.say("room kitchen");
  ann.say("anybody here?");
  bob.say("hello");
  bob.say("room kitchen");
  bob.say("yes");
  expect(ann.heard).toEqual(["room kitchen", "anybody here?", "yes"]);
  expect(bob.heard).toEqual(["hello", "room kitchen", "yes"]);
  expect(cleo.heard).toEqual(["hello"]);
});

it("takes nothing else for that", () => {
  const { join } = open();
  const ann = join();
  const said = ["room", "room for one more", "a room kitchen", `room ${"x".repeat(60)}`];
  for (const words of said) ann.say(words);
  ann.say("room binary", false);
  const bob = join();
  ann.say("still here");
  expect(bob.heard).toEqual(["still here"]);
  expect(ann.heard).toEqual([...said, "room binary", "still here"]);
});

it("forgets a room with the last who was in it", () => {
  const { join, opened } = open();
  const [ann, bob] = [join(), join()];
  for (const one of [ann, bob]) one.say("room kitchen");
  expect(opened()).toBe(2);
  ann.say("room hall");
  bob.leave();
  ann.say("room kitchen");
  expect(opened()).toBe(4);
  join();
  expect(opened()).toBe(5);
});
