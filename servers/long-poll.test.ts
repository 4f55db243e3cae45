import { afterEach, describe, expect, it } from "vitest";
import { openTestSession, statusAndTexts, longPolls, type TestSession } from "./lib/testing/polling-session.ts";

const longTimeouts = { holdMs: 60_000, idleMs: 60_000 };
let session: TestSession;

afterEach(() => session.close());

describe.each(longPolls)("%s", (name) => {
  it("loses no message that is sent while the held poll is cut off", async () => {
    session = await openTestSession(name, longTimeouts);
    const { cut } = await session.holdPoll(0);
    const failure = cut();
    session.send("into the void");
    expect(await failure).toBeInstanceOf(Error);
    expect(statusAndTexts(await session.poll(0))).toEqual([200, "into the void"]);
  });

  it("loses no message that is sent while no poll is held because the last one was cut off", async () => {
    session = await openTestSession(name, longTimeouts);
    const { cut } = await session.holdPoll(0);
    expect(await cut()).toBeInstanceOf(Error);
    for (const text of ["one", "two"]) {
      await session.request("POST", session.path, "still here");
      session.send(text);
    }
    expect(statusAndTexts(await session.poll(0))).toEqual([200, "one", "two"]);
  });

  it("responds with all messages of one tick of the event loop", async () => {
    session = await openTestSession(name, longTimeouts);
    const { response } = await session.holdPoll(0);
    for (const text of ["one", "two", "three"]) session.send(text);
    expect(statusAndTexts(await response)).toEqual([200, "one", "two", "three"]);
    expect(session.host.traffic()).toMatchObject({ pollsAnswered: 1, payloadsOut: 3 });
  });

  it("accepts no message for a client whose connection the application has closed", async () => {
    session = await openTestSession(name, longTimeouts);
    session.send("last words");
    session.host.joined[0]!.close();
    session.send("into the void");
    session.host.room.send(Buffer.from("into the void"), true);
    expect(statusAndTexts(await session.poll(0))).toEqual([200, "last words"]);
    expect(statusAndTexts(await session.poll(1))).toEqual([410]);
  });

  it("accepts a send while a poll is held, and responds to the poll only when there is a message", async () => {
    session = await openTestSession(name, longTimeouts);
    const { response, hasResponse } = await session.holdPoll(0);
    const sent = await session.request("POST", session.path, "hello");
    expect([sent.status, session.host.received.length, hasResponse()]).toEqual([204, 1, false]);
    session.send("hello yourself");
    expect(statusAndTexts(await response)).toEqual([200, "hello yourself"]);
  });

  it("responds 204 to a held poll after holdMs, and keeps the client until then", async () => {
    session = await openTestSession(name, { holdMs: 1_500, idleMs: 500 });
    const { response } = await session.holdPoll(0);
    expect(statusAndTexts(await response)).toEqual([204]);
    expect(session.host.left).toEqual([]);
    expect(session.host.traffic()).toMatchObject({ pollsAnswered: 1, payloadsOut: 0 });
  });

  it("responds 204 to a held poll when a newer one arrives, and holds the newer one", async () => {
    session = await openTestSession(name, longTimeouts);
    const first = await session.holdPoll(0);
    const second = await session.holdPoll(0);
    expect(statusAndTexts(await first.response)).toEqual([204]);
    expect(second.hasResponse()).toBe(false);
    session.send("for the newer");
    expect(statusAndTexts(await second.response)).toEqual([200, "for the newer"]);
  });

  it.each<[string, (session: TestSession) => unknown]>([
    ["the client leaves", ({ request, path }) => request("DELETE", path)],
    ["the application closes the connection", ({ host }) => host.joined[0]!.close()],
    ["the server stops", ({ host }) => host.close()],
  ])("responds 410 to a held poll when %s, and the application knows it", async (_description, end) => {
    session = await openTestSession(name, longTimeouts);
    const { response } = await session.holdPoll(0);
    const ending = end(session);
    expect(statusAndTexts(await response)).toEqual([410]);
    await ending;
    expect(session.host.left).toEqual(session.host.joined);
  });
});
