import { afterEach, describe, expect, it } from "vitest";
import {
  openTestSession,
  statusAndTexts,
  longPolls,
  shortPolls,
  type TestSession,
} from "../testing/polling-session.ts";
import { httpRequest, rawExchange } from "../testing/raw-client.ts";

let session: TestSession;

afterEach(() => session.close());

describe.each([...shortPolls, ...longPolls])("%s", (name) => {
  it("repeats a lost response together with newer messages, and counts each payload once", async () => {
    session = await openTestSession(name);
    const { poll, send, host } = session;
    send("one");
    expect(statusAndTexts(await poll(0))).toEqual([200, "one"]);
    send("two");
    expect(statusAndTexts(await poll(0))).toEqual([200, "one", "two"]);
    expect(statusAndTexts(await poll(1))).toEqual([200, "two"]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 2, payloadBytesOut: 6, pollsAnswered: 3 });
  });

  it("removes acknowledged messages, and refuses to return them again", async () => {
    session = await openTestSession(name);
    const { poll, send } = session;
    for (const text of ["one", "two"]) send(text);
    await poll(0);
    send("three");
    expect(statusAndTexts(await poll(2))).toEqual([200, "three"]);
    expect(statusAndTexts(await poll(1))).toEqual([409]);
    expect(statusAndTexts(await poll(2))).toEqual([200, "three"]);
  });

  it("refuses a poll without a valid number, and keeps its messages", async () => {
    session = await openTestSession(name);
    const { poll, send, host, path } = session;
    send("one");
    for (const query of ["", "?after=x", "?after=0&after=0", "?after=0.5"])
      expect(statusAndTexts(await session.request("GET", path + query))).toEqual([409]);
    await poll(0);
    send("two");
    expect(statusAndTexts(await poll(1))).toEqual([200, "two"]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 2, payloadBytesOut: 6 });
  });

  it("responds 410 to a poll of a closed session after its last message, and then 404", async () => {
    session = await openTestSession(name);
    const { poll, send, host } = session;
    send("last words");
    host.joined[0]!.close();
    expect(statusAndTexts(await poll(0))).toEqual([200, "last words"]);
    expect(statusAndTexts(await poll(1))).toEqual([410]);
    expect(statusAndTexts(await poll(1))).toEqual([404]);
    expect(host.left).toEqual(host.joined);
  });
});

it.each(["short-poll", "long-poll"] as const)(
  "%s gives polls that arrive together the same response, and counts each payload once",
  async (name) => {
    session = await openTestSession(name);
    const { send, host, path } = session;
    send("one");
    const poll = httpRequest(`GET ${path}?after=0`, []);
    const client = await rawExchange(host.addresses[0]!, [{ send: poll + poll, expect: /(200 OK.*\["one"\].*){2}/s }]);
    expect(client.received()).not.toContain("204");
    expect(host.traffic()).toMatchObject({ payloadsOut: 1, pollsAnswered: 2 });
    client.destroy();
  },
);

it.each(["short-poll", "long-poll"] as const)(
  "%s keeps an idle connection longer than a session may be silent, and announces it",
  async (name) => {
    session = await openTestSession(name, { pollIntervalMs: 2_000, idleMs: 30_000 });
    const address = session.host.addresses[0]!;
    const client = await rawExchange(address, [
      { send: httpRequest("GET /", []), expect: /^HTTP\/1\.1 404 .*\r\n\r\n.+\n$/s },
    ]);
    expect(client.received()).toMatch(/\r\nConnection: keep-alive\r\nKeep-Alive: timeout=37\r\n/);
    client.destroy();
  },
);

describe.each(longPolls)("%s", (name) => {
  it("answers a poll with hold=0 at once, with and without a message, and accepts no other value", async () => {
    session = await openTestSession(name);
    const { send, path, request } = session;
    expect(statusAndTexts(await request("GET", `${path}?after=0&hold=0`))).toEqual([204]);
    send("one");
    expect(statusAndTexts(await request("GET", `${path}?after=0&hold=0`))).toEqual([200, "one"]);
    for (const query of ["?after=1&hold=1", "?after=1&hold=0&hold=0", "?hold=0"])
      expect(statusAndTexts(await request("GET", path + query))).toEqual([409]);
  });
});
