import { describe, expect, it, vi } from "vitest";
import type { Dialect } from "../../../scenarios/lib/dialect.ts";
import { writeStamp } from "../../../scenarios/lib/message-stamp.ts";
import { plainDialect } from "../testing/plain-dialect.ts";
import { MessageReader } from "./message-reader.ts";
import { speechOf } from "./speech.ts";

/** A reader of a dialect, and what it says of each message. */
function readerOf(changes: Partial<Dialect>) {
  const calls: string[] = [];
  const reader = new MessageReader(speechOf({ ...plainDialect, ...changes }), {
    payload: (text) => void calls.push(`payload ${text.toString()}`),
    answer: (reply) => void calls.push(`answer ${reply}`),
    unknown: (message) => void calls.push(`unknown ${message.toString()}`),
  });
  return (message: string): string[] => {
    calls.length = 0;
    reader.read(Buffer.from(message));
    return [...calls];
  };
}

/** A payload with a stamp. */
function stamped(seq: number, text: string): string {
  const payload = Buffer.from(`${"0".repeat(16)}${text}`);
  writeStamp(payload, 3, seq, 0);
  return payload.toString();
}

describe("the text of a message", () => {
  it("is the whole, or what stands behind or between markers", () => {
    expect(readerOf({})("any")).toEqual(["payload any"]);
    expect(readerOf({ hear: { after: "hello" } })("hello you")).toEqual(["payload  you"]);
    expect(readerOf({ hear: { after: "hello" } })("bye you")).toEqual(["unknown bye you"]);
    expect(readerOf({ hear: { between: ["<é", ">"] } })("x<éyou>y")).toEqual(["payload you"]);
    expect(readerOf({ hear: { between: ["<", ">"] } })("x<you")).toEqual(["unknown x<you"]);
  });

  it("is a string at a place in JSON, however it is escaped and whatever stands around it", () => {
    const read = readerOf({ hear: { path: "data.0.text" } });
    const wrap = (text: string, id: number): string => JSON.stringify({ id, data: [{ text }], type: "m" });
    for (let seq = 0; seq < 5; seq++) {
      const text = stamped(seq, ` say "${seq}" \\ é ☕ \n`);
      expect(read(wrap(text, seq % 2))).toEqual([`payload ${text}`]);
      expect(read(wrap(text, 1).replaceAll("é", String.raw`\u00e9`))).toEqual([`payload ${text}`]);
    }
    expect(read('{"data":[{"text":5}]}')).toEqual(['unknown {"data":[{"text":5}]}']);
    expect(read("no JSON")).toEqual(["unknown no JSON"]);
  });

  it("is taken without a parser out of a message like one before, also where the first text had quotes", () => {
    const read = readerOf({ hear: { path: "text" } });
    const wrap = (text: string): string => JSON.stringify({ text, type: "m" });
    expect(read(wrap(stamped(1, ' say "a"')))).toEqual([`payload ${stamped(1, ' say "a"')}`]);
    const parse = vi.spyOn(JSON, "parse");
    expect(read(wrap(stamped(2, " b")))).toEqual([`payload ${stamped(2, " b")}`]);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it("is not mistaken where a message looks like one before it and is another", () => {
    const read = readerOf({ hear: { path: "text" }, ignore: [{ path: "type", is: ["ack"] }] });
    const text = stamped(1, " a");
    expect(read(`{"text":"${text}","type":"message"}`)).toEqual([`payload ${text}`]);
    expect(read(`{"text":"${stamped(2, " b")}","type":"ack"}`)).toEqual([]);
    const tricky = `{"text":"${stamped(3, " c")}","x":"","type":"message"}`;
    expect(read(tricky)).toEqual([`payload ${stamped(3, " c")}`]);
    expect(read(`{"text":"${stamped(4, " d")}`)).toEqual([`unknown {"text":"${stamped(4, " d")}`]);
  });
});

it("messages are ignored or answered by conditions, before a text is looked for", () => {
  const read = readerOf({
    hear: { path: "text" },
    ignore: [{ path: "type", is: ["welcome", 5] }, { starts: "#" }, { contains: "noise", matches: "^a.*z$" }],
    answer: { ping: "pong", "?": "!" },
  });
  for (const message of ['{"type":"welcome","text":"x"}', '{"type":5}', "# comment", "a noise z"])
    expect(read(message)).toEqual([]);
  expect(read("b noise z")).toEqual(["unknown b noise z"]);
  expect(read('{"type":"ping"}')).toEqual(["answer pong"]);
  expect(read("?")).toEqual(["answer !"]);
  expect(read('{"type":"5","text":"x"}')).toEqual(["payload x"]);
});

it("in Socket.IO the text is in the event of its namespace, and pings are answered", () => {
  const talk = { path: "/socket.io/", namespace: "/team", emit: "say", on: "said", acknowledged: false };
  const read = readerOf({ socketIo: talk, hear: { path: "text" } });
  expect(read('42/team,["said",{"text":"hi"}]')).toEqual(["payload hi"]);
  expect(read('42/team,7["said",{"text":"hi"}]')).toEqual(["payload hi"]);
  expect(read('42["said",{"text":"hi"}]')).toHaveLength(1);
  expect(read('42["said",{"text":"hi"}]')[0]).toMatch(/^unknown/);
  expect(read('42/team,["joined",{"text":"hi"}]')[0]).toMatch(/^unknown/);
  expect(read("2")).toEqual(["answer 3"]);
});
