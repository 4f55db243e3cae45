import { afterEach, describe, expect, it } from "vitest";
import { openTestSession, statusAndTexts, longPolls, type TestSession } from "./lib/testing/polling-session.ts";

const forEver = { holdMs: 60_000, idleMs: 60_000 };
let session: TestSession;

afterEach(() => session.close());

describe.each(longPolls)("%s", (name) => {
  it("loses nothing that was sent to an ask that is cut off at that moment", async () => {
    session = await openTestSession(name, forEver);
    const { cut } = await session.holdPoll(0);
    const told = cut();
    session.send("into the void");
    expect(await told).toBeInstanceOf(Error);
    expect(statusAndTexts(await session.poll(0))).toEqual([200, "into the void"]);
  });

  it("loses nothing that is sent while no ask is held, since the last was cut off", async () => {
    session = await openTestSession(name, forEver);
    const { cut } = await session.holdPoll(0);
    expect(await cut()).toBeInstanceOf(Error);
    for (const text of ["one", "two"]) {
      await session.request("POST", session.path, "still here");
      session.send(text);
    }
    expect(statusAndTexts(await session.poll(0))).toEqual([200, "one", "two"]);
  });

  it("answers with everything that one turn of the event loop has for the client", async () => {
    session = await openTestSession(name, forEver);
    const { response } = await session.holdPoll(0);
    for (const text of ["one", "two", "three"]) session.send(text);
    expect(statusAndTexts(await response)).toEqual([200, "one", "two", "three"]);
    expect(session.host.traffic()).toMatchObject({ pollsAnswered: 1, payloadsOut: 3 });
  });

  it("takes nothing more for a client that the hub has said goodbye to", async () => {
    session = await openTestSession(name, forEver);
    session.send("last words");
    session.host.joined[0]!.close();
    session.send("into the void");
    session.host.room.send(Buffer.from("into the void"), true);
    expect(statusAndTexts(await session.poll(0))).toEqual([200, "last words"]);
    expect(statusAndTexts(await session.poll(1))).toEqual([410]);
  });

  it("takes a send while an ask is held, and answers the ask only when there is something", async () => {
    session = await openTestSession(name, forEver);
    const { response, hasResponse } = await session.holdPoll(0);
    const sent = await session.request("POST", session.path, "hello");
    expect([sent.status, session.host.received.length, hasResponse()]).toEqual([204, 1, false]);
    session.send("hello yourself");
    expect(statusAndTexts(await response)).toEqual([200, "hello yourself"]);
  });

  it("answers a held ask with 204 after holdMs, and takes the client for present all the while", async () => {
    session = await openTestSession(name, { holdMs: 1_500, idleMs: 500 });
    const { response } = await session.holdPoll(0);
    expect(statusAndTexts(await response)).toEqual([204]);
    expect(session.host.left).toEqual([]);
    expect(session.host.traffic()).toMatchObject({ pollsAnswered: 1, payloadsOut: 0 });
  });

  it("lets a newer ask take the place of the held one, which is hasResponse 204", async () => {
    session = await openTestSession(name, forEver);
    const first = await session.holdPoll(0);
    const second = await session.holdPoll(0);
    expect(statusAndTexts(await first.response)).toEqual([204]);
    expect(second.hasResponse()).toBe(false);
    session.send("for the newer");
    expect(statusAndTexts(await second.response)).toEqual([200, "for the newer"]);
  });

  it.each<[string, (session: TestSession) => unknown]>([
    ["the client leaves", ({ request, path }) => request("DELETE", path)],
    ["the hub closes the link", ({ host }) => host.joined[0]!.close()],
    ["the server stops", ({ host }) => host.close()],
  ])("answers a held ask with 410 when %s, and tells the hub", async (_what, end) => {
    session = await openTestSession(name, forEver);
    const { response } = await session.holdPoll(0);
    const ending = end(session);
    expect(statusAndTexts(await response)).toEqual([410]);
    await ending;
    expect(session.host.left).toEqual(session.host.joined);
  });
});
