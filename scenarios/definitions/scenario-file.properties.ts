import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { stringify } from "csv-stringify/sync";
import * as fc from "fast-check";
import { UserError } from "../lib/errors.ts";
import { loadScenario } from "./scenario-file.ts";
import { readTrace } from "./trace.ts";

interface Message {
  time: number;
  room: string;
  sender: string;
  text: string;
}

const name = fc
  .string({ unit: fc.constantFrom("a", "b", "é", " ", ",", ";", '"', "\n", "\r"), minLength: 1, maxLength: 4 })
  .filter((each) => each.trim() !== "");
const messages = fc.array(
  fc.record<Message>({
    time: fc.nat({ max: 4_000_000_000 }).map((ms) => ms / 1000),
    room: name,
    sender: name,
    text: fc.oneof(
      fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")), // a file with a 0 byte is no text
      fc.string({ unit: fc.constantFrom(" ", ",", '"', "\n", "\r", "a") }),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

/** How a program may write the same messages. */
const writing = fc.record({
  order: fc.shuffledSubarray(["time", "room", "sender", "text", "more"], { minLength: 5 }),
  ending: fc.constantFrom("a.csv", "A.CSV", "a.jsonl", "a.ndjson"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  quoted: fc.boolean(),
  mark: fc.boolean(),
  lastLineEnds: fc.boolean(),
  encoding: fc.constantFrom("utf8", "utf16le", "utf16be"),
});

type Writing = typeof writing extends fc.Arbitrary<infer T> ? T : never;

function written(all: readonly Message[], how: Writing): Buffer {
  const { order, lineEnd, quoted } = how;
  const cells = all.map((each) =>
    order.map((column) => (column === "more" ? "x" : String(each[column as keyof Message]))),
  );
  const lines = /csv$/i.test(how.ending)
    ? [order, ...cells].map((line) => stringify([line], { record_delimiter: lineEnd, quoted, quoted_match: /[\r\n]/ }))
    : all.map((each) => JSON.stringify(each) + lineEnd);
  const joined = lines.join("");
  return encoded(how.lastLineEnds ? joined : joined.slice(0, -lineEnd.length), how.encoding, how.mark);
}

function encoded(content: string, encoding: string, mark = true): Buffer {
  if (encoding === "utf8") return Buffer.from(mark ? `\uFEFF${content}` : content);
  const littleEndian = Buffer.from(`\uFEFF${content}`, "utf16le");
  return encoding === "utf16le" ? littleEndian : littleEndian.swap16();
}

/** What `read` returns for a file with these bytes, or the sentence that refuses it. */
function outcome<T>(file: string, bytes: Uint8Array, read: (path: string) => T): T | string {
  const folder = mkdtempSync(join(tmpdir(), "scenario-"));
  const path = join(folder, file);
  try {
    writeFileSync(path, bytes);
    return read(path);
  } catch (error) {
    assert(error instanceof UserError, error as Error);
    const sentence = error.message.replaceAll(path, file);
    assert(sentence.length < 500 && !/[\n\r]/.test(sentence), sentence);
    return sentence;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const traceIn = (file: string, bytes: Uint8Array) =>
  outcome(file, bytes, (path) => readTrace({ path, speed: 1, listeners: 0 }));
const scenarioIn = (file: string, bytes: Uint8Array) =>
  outcome(file, bytes, (path) => loadScenario(path, undefined, (same) => same));

/** A change of a text that people and programs make, which may damage it. */
const damage = fc.oneof(
  fc
    .tuple(
      fc.nat(),
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 5 }),
        fc.constantFrom(
          "\t",
          "&a ",
          "*a",
          "[".repeat(9_000),
          "x".repeat(40_000),
          "1,5",
          "-1",
          "1.5e3",
          ": ",
          "- ",
          "{",
          "!!set ",
          "\n---\n",
          "<<: ",
        ),
      ),
    )
    .map(([at, inserted]) => (content: string) => {
      const place = at % (content.length + 1);
      return content.slice(0, place) + inserted + content.slice(place);
    }),
  fc.tuple(fc.nat(), fc.nat({ max: 50 })).map(([at, length]) => (content: string) => {
    const place = at % (content.length + 1);
    return content.slice(0, place) + content.slice(place + length);
  }),
  fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => (content: string) => {
    const cells = content.split(/(?<=[,\n])/);
    const [i, j] = [a % cells.length, b % cells.length];
    return cells.length === 1 ? content : cells.with(i, cells[j]!).with(j, cells[i]!).join("");
  }),
  fc.constantFrom(";", "\t").map((separator) => (content: string) => content.replaceAll(",", separator)),
  fc.constantFrom("\r", "\r\n", "\n\n").map((end) => (content: string) => content.replaceAll("\n", end)),
  fc.constant((content: string) => content + content),
);

const packing = fc.constantFrom<((content: string) => Buffer)[]>(
  (content) => Buffer.from(content),
  (content) => Buffer.from(content),
  (content) => encoded(content, "utf16be"),
  (content) => Buffer.from(content, "utf16le"),
  (content) => Buffer.from(content, "latin1"),
  (content) => gzipSync(content),
);

const damaged = (content: string, changes: readonly ((content: string) => string)[]): string =>
  changes.reduce((changed, change) => change(changed), content);

const yaml = `extends: chat-1k
question: How fast?
app: chat
clients: 20
rooms: { of: 5 }
senders: one a room
rate: 40
arrivals: { burst: 4 }
payloadBytes: [16, 1KiB]
payloadKind: [text, binary]
warmup: 2s
duration: 1m
`;

export const properties: Record<string, fc.IRawProperty<unknown>> = {
  "a trace is read with all its messages, however a program writes them": fc.property(messages, writing, (all, how) => {
    const trace = traceIn(how.ending, written(all, how));
    assert(typeof trace !== "string", "it is refused");
    const sorted = all.toSorted((a, b) => a.time - b.time);
    assert.deepEqual(
      trace.texts,
      sorted.map((each) => each.text),
    );
    assert.deepEqual(
      [...trace.dueUs],
      sorted.map((each) => Math.round((each.time - sorted[0]!.time) * 1e6)),
    );
  }),
  "a damaged trace is read or refused in one sentence": fc.property(
    messages,
    writing,
    fc.array(damage, { minLength: 1, maxLength: 3 }),
    packing,
    (all, how, changes, pack) => {
      const content = written(all, { ...how, encoding: "utf8", mark: false }).toString();
      const trace = traceIn(how.ending, pack(damaged(content, changes)));
      if (typeof trace !== "string") assert(trace.dueUs.every((each, i, due) => each >= (due[i - 1] ?? 0)));
    },
  ),
  "a damaged scenario file is read or refused in one sentence": fc.property(
    fc.array(damage, { minLength: 1, maxLength: 3 }),
    packing,
    (changes, pack) => void scenarioIn("a.YML", pack(damaged(yaml, changes))),
  ),
  "any bytes are refused in one sentence": fc.property(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom("a.csv", "a.jsonl", "a.yaml"),
    (bytes, file) => assert.equal(typeof scenarioIn(file, bytes), "string"),
  ),
};
