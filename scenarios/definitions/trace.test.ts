import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUtf8 } from "node:buffer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { trialPayloads } from "../workload/trial-payloads.ts";
import { UserError } from "../lib/errors.ts";
import { loadScenario } from "./scenario-file.ts";
import { planSchedule } from "../workload/schedule.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "./settings.ts";
import { readTrace, loadTrace } from "./trace.ts";
import { assignClients } from "../workload/assignment.ts";

const csv = `time,room,sender,text
2026-01-02T09:00:00Z,kitchen,ann,"good morning, is there ""coffee""?"
2026-01-02T09:00:05.5+00:00,kitchen,bob,ok
2026-01-02T09:00:05Z,garage,ann,0123456789abcdeé and after
2026-01-02T09:00:10Z,kitchen,bob,bye
`;

let folder: string;
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "trace-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string, text: string, speed = 1, listeners = 0) =>
  readTrace({ path: write(name, text), speed, listeners });

it("makes each pair of a room and a sender one client, with due times from the first message on", () => {
  expect(read("a.csv", csv, 10, 2)).toMatchObject({
    rooms: 2,
    senders: 3,
    roomOf: Int32Array.from([0, 1, 0, 0, 1, 0, 1]),
    dueUs: Float64Array.from([0, 500_000, 550_000, 1_000_000]),
    sender: Int32Array.from([0, 1, 2, 2]),
    texts: ['good morning, is there "coffee"?', "0123456789abcdeé and after", "ok", "bye"],
  });
});

it("reads NDJSON with times in seconds", () => {
  const lines = [
    { time: 100, room: "a", sender: "x", text: "one", more: 1 },
    { time: "101.25", room: "b", sender: "x", text: "two" },
  ];
  const { dueUs, sender, texts } = read("a.ndjson", lines.map((each) => JSON.stringify(each)).join("\n"));
  expect([[...dueUs], [...sender], texts]).toEqual([
    [0, 1_250_000],
    [0, 1],
    ["one", "two"],
  ]);
});

const times = (...cells: string[]): string =>
  `time,room,sender,text\n${cells.map((time) => `${time},a,b,c\n`).join("")}`;

describe("reads a file that another program has saved:", () => {
  const texts = ['good morning, is there "coffee"?', "0123456789abcdeé and after", "ok", "bye"];

  it.each<[string, string, string | Buffer]>([
    ["with a byte order mark", "a.csv", `\uFEFF${csv}`],
    ["with CR LF", "a.csv", csv.replaceAll("\n", "\r\n")],
    ["with lone CR", "a.csv", csv.replaceAll("\n", "\r")],
    ["with an ending in capitals, and no line end after the last line", "A.CSV", csv.trimEnd()],
    ["in UTF-16", "a.csv", Buffer.from(`\uFEFF${csv}`, "utf16le")],
    ["with a comma at the end of each line", "a.csv", csv.replaceAll("\n", ",\n")],
    ["with empty rows", "a.csv", `${csv}\n,,,\n,,,\n`],
    ["with the heading again", "a.csv", csv.replace("2026-01-02T09:00:05Z", "time,room,sender,text\n$&")],
    [
      "with spaces and quotes around the names",
      "a.csv",
      csv.replace("time,room,sender,text", 'time,"room", sender ,"text "'),
    ],
    ["with a space in the times", "a.csv", csv.replaceAll("T09", " 09")],
  ])("%s", (_, name, text) => {
    writeFileSync(join(folder, name), text);
    expect(readTrace({ path: join(folder, name), speed: 1, listeners: 0 })).toMatchObject({
      rooms: 2,
      senders: 3,
      texts,
    });
  });

  it("NDJSON with a byte order mark and CR LF, in any order", () => {
    const found = read(
      "a.JSONL",
      `\uFEFF{"time":2,"room":"a","sender":"x","text":"2"}\r\n{"time":1,"room":"a","sender":"x","text":""}\r\n`,
    );
    expect(found.texts).toEqual(["", "2"]);
  });

  it("to the microsecond, and without a time zone as UTC", () => {
    expect([...read("a.csv", times("2026-03-29T01:59:59.999999", "2026-03-29T03:00:00.5")).dueUs]).toEqual([
      0, 3_600_500_001,
    ]);
    expect([...read("a.csv", times("1767225600", "1767225600.25")).dueUs]).toEqual([0, 250_000]);
  });
});

describe("rejects a mistake with a sentence that names the line", () => {
  it.each([
    ["a.csv", "time,room,sender,text\n", /a\.csv is empty: a trace needs at least one message/],
    [
      "a.csv",
      "time,room,sender,txt\n1,a,b,c\n",
      /a\.csv, line 1: the heading has no column "text": a trace needs time, room/,
    ],
    ["a.csv", "time,room,text\n1,a,c\n", /line 1: the heading has no column "sender": .* any other column is ignored/],
    ["a.ndjson", `{"time":1,"room":"a","text":"c"}`, /line 1: "sender" is missing: a trace needs time, room, sender/],
    [
      "a.csv",
      `time,room,sender,text\n1,a,b,c\n1,a,b,oh, no\n`,
      /a\.csv, line 3: this is not CSV with as many cells as the heading: .*holds a comma/,
    ],
    ["a.csv", `time,room,sender,text\n1,a,b,c\nsoon,a,b,c\n`, /line 3: the time "soon" is neither in seconds/],
    ["a.csv", `time,room,sender,text\n1,a,b,"c\n`, /a\.csv, line 2: this is not CSV with as many cells as the heading/],
    ["a.ndjson", `{"time":1,"room":"a","sender":"b","text":"c"}\nnope\n`, /line 2: this is not JSON/],
    ["a.ndjson", `{"time":1,"room":"a","sender":{},"text":"c"}`, /line 1: sender \{\} is neither a text nor a number/],
    [
      "a.csv",
      times("1767225600000"),
      /line 2: the time "1767225600000" is in milliseconds since 1970, .*: divide each time by 1,000\.$/,
    ],
    ["a.csv", times("1767225600000000"), /in microseconds since 1970, .* by 1,000,000\.$/],
    ["a.csv", times("1767225600000000000"), /in nanoseconds since 1970/],
    ["a.ndjson", `{"time":1767225600000,"room":"a","sender":"b","text":"c"}`, /line 1: .* in milliseconds since 1970/],
    ["a.csv", times("-1"), /line 2: the time "-1" is neither in seconds/],
    ["a.csv", times("1,5"), /line 2: this is not CSV with as many cells/],
    ["a.csv", times("2026-02-30T00:00:00Z"), /line 2: the time ".*" is neither in seconds/],
    [
      "a.csv",
      times("2026-01-02T00:00:00Z", "5"),
      /line 3: the time is in seconds, and that of line 2 is a date with a time zone: write all in one form\.$/,
    ],
    [
      "a.csv",
      times("2026-01-02T00:00:00Z", "2026-01-02T00:00:01"),
      /line 3: the time is a date without a time zone, and/,
    ],
    ["a.csv", "time,room,sender,text\n1,,b,c\n", /line 2: "room" is empty/],
    [
      "a.csv",
      csv.replaceAll(",", ";"),
      /a\.csv has semicolons instead of commas between its columns: save it as CSV with commas\.$/,
    ],
    ["a.csv", csv.replaceAll(",", "\t"), /has tabs instead of commas/],
    [
      "a.csv",
      "timestamp,channel,user,text\n1,a,b,c\n",
      /no column "time": .* Rename one of these: timestamp, channel, user, text\.$/,
    ],
    ["a.csv", "time,room,sender,text,text\n1,a,b,c,d\n", /line 1: the heading has two columns "text": rename one\.$/],
    ["a.csv", "a\0b", /^Cannot read .*a\.csv: it is no text\. Name a text file\.$/],
    ["a.csv", times("x".repeat(100_000)), /the time "x{60}\.\.\." is neither/],
    ["a.ndjson", `[1]\n`, /line 1: this is not an object/],
  ])("%s %j", (name, text, sentence) => {
    expect(() => read(name, text)).toThrow(UserError);
    expect(() => read(name, text)).toThrow(sentence);
  });

  it("or that it has too many messages or clients", () => {
    const line = '{"time":1,"room":"a","sender":"b","text":""}\n';
    expect(() => read("a.ndjson", line.repeat(1_000_001))).toThrow(
      /a\.ndjson has more than 1,000,000 messages: make several/,
    );
    expect(() => read("a.ndjson", line, 1, 1_000_000)).toThrow(
      /1 rooms, and 1000000 listeners in each .*: lower listeners/,
    );
  }, 20_000);

  it("or that there is no such file", () => {
    expect(() => loadScenario("no.csv", undefined, (path) => join(folder, path))).toThrow(
      /no\.csv: there is no such file\. Correct the path, or use a scenario on the list/,
    );
  });
});

describe("a replayed trace", () => {
  const found = (speed?: number) => loadScenario(write("friday.csv", csv), speed, (path) => path);

  it("is a scenario with the numbers of the trace, for any seed", () => {
    const { name, scenario } = found(4);
    expect(name).toBe("friday");
    expect(scenario).toMatchObject({
      clients: 3,
      rooms: 2,
      senders: 3,
      durationMs: 2_501,
      ratePerS: 1.59936,
      payloadBytes: 23,
      trace: { speed: 4, listeners: 0, largestBytes: 32 },
    });
    const settings = resolveSettings(name, scenario, {});
    expect(resolveSettings(name, scenario, { seed: 9 })).toEqual({ ...settings, seed: 9 });
  });

  it("is sent at the recorded times by its clients to their rooms, and its beginning also in the warm-up", () => {
    const { name, scenario } = found(4);
    const settings = resolveSettings(name, scenario, { warmupMs: 1_300 });
    const trace = loadTrace(settings)!;
    const assignment = assignClients(settings, trace);
    const schedule = planSchedule(settings, assignment.senders, assignment.serverSenders, trace);
    expect(assignment.senders).toEqual([0, 1, 2]);
    expect([0, 1, 2].map(assignment.receiverCount)).toEqual([2, 1, 2]);
    expect(schedule.warmupCount).toBe(2);
    expect([...schedule.dueUs]).toEqual([0, 1_250_000, 0, 1_250_000, 1_375_000, 2_500_000]);
    expect([...schedule.seq]).toEqual([0, 0, 1, 1, 0, 1]);
    const content = trialPayloads(settings, schedule, trace);
    const sent = [...schedule.sender].map((client, k) => content.make(client, schedule.seq[k]!, 5).toString());
    expect(sent.map((each) => each.slice(16))).toEqual([
      ' there "coffee"?',
      ". and after",
      ' there "coffee"?',
      ". and after",
      "",
      "",
    ]);
    for (const [k, each] of sent.entries()) {
      const payload = Buffer.from(each);
      expect(isUtf8(payload)).toBe(true);
      expect(content.matches(payload, true, schedule.sender[k]!, schedule.seq[k]!)).toBe(true);
      expect(content.matches(Buffer.from(`${each}.`), true, schedule.sender[k]!, schedule.seq[k]!)).toBe(false);
    }
  });

  it("is rejected once its file has changed", () => {
    const { name, scenario } = found();
    write("friday.csv", `${csv}2026-01-02T09:00:11Z,a,b,c\n`);
    expect(() => loadTrace(resolveSettings(name, scenario, {}))).toThrow(/was changed during the run/);
  });
});

it("only the rest of a character that the stamp cuts is replaced, and no character after it", () => {
  const line = JSON.stringify({ time: 1, room: "a", sender: "b", text: "0123456789abcdeéÖß" });
  const dueUs = Float64Array.of(0);
  const schedule = { sender: Int32Array.of(0), seq: Int32Array.of(0), dueUs, sendUs: dueUs, warmupCount: 0 };
  const payloads = trialPayloads(resolveSettings("echo", scenarios.echo, {}), schedule, read("a.ndjson", line));
  expect(payloads.make(0, 0, 5).subarray(16).toString()).toBe(".Öß");
});
