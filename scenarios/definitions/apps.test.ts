import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatWithHistory, servedApps } from "./apps.ts";
import type { App, Connection, Room } from "../contract.ts";

/** A chat, a function that lets a client join it, and the number of rooms opened so far. */
function openChat(app: App = servedApps.chat.app) {
  let opened = 0;
  const members: Set<Connection>[] = [];
  const application = app(() => {
    opened++;
    const connections = new Set<Connection>();
    members.push(connections);
    return {
      add: (connection) => void connections.add(connection),
      delete: (connection) => void connections.delete(connection),
      send: (payload, text) => connections.forEach((connection) => connection.send(payload, text)),
    } satisfies Room;
  });
  function join() {
    const [received, texts]: [string[], boolean[]] = [[], []];
    const connection: Connection = {
      send(payload, text) {
        received.push(payload.toString());
        texts.push(text);
      },
      close: () => undefined,
    };
    application.join(connection);
    return {
      received,
      texts,
      send: (message: string, text = true) => application.receive(connection, Buffer.from(message), text),
      leave() {
        application.leave(connection);
        for (const each of members) each.delete(connection);
      },
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

describe("a chat with a history", () => {
  const opened = (capacity: number) => openChat(chatWithHistory(capacity));

  it("answers an entrance with the number of messages that the room has had, to that client alone", () => {
    const { join } = opened(10);
    const [ann, bob, cleo] = [join(), join(), join()];
    ann.send("room 7");
    ann.send("one");
    ann.send("two");
    bob.send("room 7");
    cleo.send("room 8");
    expect([ann.received, bob.received, cleo.received]).toEqual([
      ["room 7 @0", "one", "two"],
      ["room 7 @2"],
      ["room 8 @0"],
    ]);
  });

  it("sends a client that comes back what came after its place, as it was, text or binary, and then what is new", () => {
    const { join } = opened(10);
    const [ann, bob] = [join(), join()];
    ann.send("room 7");
    for (const message of ["zero", "one", "two"]) ann.send(message, message !== "one");
    bob.send("room 7 @1");
    ann.send("three");
    expect(bob.received).toEqual(["room 7 @3", "one", "two", "three"]);
    expect(bob.texts).toEqual([true, false, true, true]);
    expect(ann.received.length).toBe(5);
  });

  it("sends what it still has where it keeps fewer, and nothing to a client whose place it does not know", () => {
    const { join } = opened(2);
    const [ann, bob, cleo] = [join(), join(), join()];
    ann.send("room 7");
    for (const message of ["zero", "one", "two", "three"]) ann.send(message);
    bob.send("room 7 @0");
    cleo.send("room 7 @40");
    expect([bob.received, cleo.received]).toEqual([["room 7 @4", "two", "three"], ["room 7 @4"]]);
  });

  it("keeps the history of a room whose last client has left", () => {
    const { join } = opened(10);
    const ann = join();
    ann.send("room 7");
    ann.send("zero");
    ann.leave();
    const bob = join();
    bob.send("room 7 @0");
    expect(bob.received).toEqual(["room 7 @1", "zero"]);
  });

  it("gives a client that counts no gap and nothing twice, wherever its connection breaks", () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom("say", "break", "return"), { maxLength: 60 }), (steps) => {
        const { had, said } = sayThroughBreaks(steps, 60);
        expect(had).toEqual(said);
      }),
    ));

  it("gives it the last of the missed, in order and nothing twice, where the history is too short", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("say", "say", "break", "return"), { maxLength: 80 }),
        fc.integer({ min: 1, max: 5 }),
        (steps, capacity) => {
          const { had, said } = sayThroughBreaks(steps, capacity);
          expect(had).toEqual(said.filter((message) => had.includes(message)));
          expect(had.slice(-capacity)).toEqual(said.slice(-capacity));
        },
      ),
    ));

  /** What a client had whose connection breaks and returns among the messages of another, and returns at the end. */
  function sayThroughBreaks(steps: readonly string[], capacity: number) {
    const { join } = opened(capacity);
    const speaker = join();
    speaker.send("room 7");
    const [had, said]: [string[], string[]] = [[], []];
    let [client, position]: [ReturnType<typeof join> | undefined, number] = [join(), 0];
    client.send("room 7 @0");
    /** Takes what has arrived: the answer, and the messages after it. */
    const take = (): void => {
      for (const message of client?.received.splice(0) ?? []) {
        const [, length] = message.split(" @");
        if (length === undefined) {
          had.push(message);
          position++;
        } else position = Math.max(position, Number(length) - capacity);
      }
    };
    for (const step of [...steps, "return"]) {
      take();
      if (step === "say") {
        said.push(`message ${said.length}`);
        speaker.send(said.at(-1)!);
      } else if (step === "break") {
        client?.leave();
        client = undefined;
      } else if (!client) {
        client = join();
        client.send(`room 7 @${position}`);
      }
    }
    take();
    return { had, said };
  }
});
