import { afterEach, describe, expect, it } from "vitest";
import { byHand, heard, longPolls, shortPolls, type ByHand } from "../testing/polling-session.ts";
import { request, talk } from "../testing/raw-client.ts";

let session: ByHand;

afterEach(() => session.tidy());

describe.each([...shortPolls, ...longPolls])("%s", (name) => {
  it("answers an ask again whose answer was lost, with what has come since, and counts each payload once", async () => {
    session = await byHand(name);
    const { ask, say, host } = session;
    say("one");
    expect(heard(await ask(0))).toEqual([200, "one"]);
    say("two");
    expect(heard(await ask(0))).toEqual([200, "one", "two"]);
    expect(heard(await ask(1))).toEqual([200, "two"]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 2, payloadBytesOut: 6, exchanges: 3 });
  });

  it("forgets what is acknowledged, and refuses to go back there", async () => {
    session = await byHand(name);
    const { ask, say } = session;
    for (const text of ["one", "two"]) say(text);
    await ask(0);
    say("three");
    expect(heard(await ask(2))).toEqual([200, "three"]);
    expect(heard(await ask(1))).toEqual([409]);
    expect(heard(await ask(2))).toEqual([200, "three"]);
  });

  it("takes no harm from an ask that names no number", async () => {
    session = await byHand(name);
    const { ask, say, host, path } = session;
    say("one");
    for (const query of ["", "?after=x", "?after=0&after=0", "?after=0.5"])
      expect(heard(await session.request("GET", path + query))).toEqual([409]);
    await ask(0);
    say("two");
    expect(heard(await ask(1))).toEqual([200, "two"]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 2, payloadBytesOut: 6 });
  });

  it("tells whoever asks that the server said goodbye, once all is delivered, and then knows the session no more", async () => {
    session = await byHand(name);
    const { ask, say, host } = session;
    say("last words");
    host.joined[0]!.close();
    expect(heard(await ask(0))).toEqual([200, "last words"]);
    expect(heard(await ask(1))).toEqual([410]);
    expect(heard(await ask(1))).toEqual([404]);
    expect(host.left).toEqual(host.joined);
  });
});

it.each(["short-poll", "long-poll"] as const)(
  "%s answers asks that come together with the same, and counts each payload once",
  async (name) => {
    session = await byHand(name);
    const { say, host, path } = session;
    say("one");
    const ask = request(`GET ${path}?after=0`, []);
    const asker = await talk(host.addresses[0]!, [{ say: ask + ask, hear: /(200 OK.*\["one"\].*){2}/s }]);
    expect(asker.heard()).not.toContain("204");
    expect(host.traffic()).toMatchObject({ payloadsOut: 1, exchanges: 2 });
    asker.leave();
  },
);

it.each(["short-poll", "long-poll"] as const)(
  "%s keeps an idle connection for longer than a session may be silent, and says so",
  async (name) => {
    session = await byHand(name, { pollIntervalMs: 2_000, idleMs: 30_000 });
    const address = session.host.addresses[0]!;
    const stranger = await talk(address, [{ say: request("GET /", []), hear: /^HTTP\/1\.1 404 .*\r\n\r\n$/s }]);
    expect(stranger.heard()).toMatch(/\r\nConnection: keep-alive\r\nKeep-Alive: timeout=37\r\n/);
    stranger.leave();
  },
);
