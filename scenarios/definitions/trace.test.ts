import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUtf8 } from "node:buffer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { trialPayloads } from "../workload/trial-payloads.ts";
import { UserError } from "../lib/errors.ts";
import { loadScenario } from "./scenario-file.ts";
import { planSchedule } from "../workload/schedule.ts";
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
    ["a.ndjson", `[1]\n`, /line 1: this is not an object/],
  ])("%s %j", (name, text, sentence) => {
    expect(() => read(name, text)).toThrow(UserError);
    expect(() => read(name, text)).toThrow(sentence);
  });

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
