import { createHash } from "node:crypto";
import { extname } from "node:path";
import { parse, type Info } from "csv-parse/sync";
import { z } from "zod";
import { lineEnds, otherSeparator, plainName } from "../lib/csv-text.ts";
import { errorMessage, excerpt, UserError } from "../lib/errors.ts";
import { stampBytes } from "../lib/message-stamp.ts";
import { readTextFile } from "../lib/text-file.ts";

/** The file of a trace and how to replay it. Plain JSON, so that every process of a trial can read the file itself. */
export interface TraceSource {
  /** Absolute path. */
  path: string;
  /** Factor by which the replay is faster than the recording. */
  speed: number;
  /** Clients added to each room that only receive. */
  listeners: number;
  /** Digest of the trace, so that rows of different traces are never compared. */
  digest: string;
  /** Bytes of the largest payload. */
  largestBytes: number;
}

/**
 * A recorded conversation. Each pair of a room and a sender is one client, numbered in order of appearance. The
 * listeners have the numbers after them. Messages are in the order of their times.
 */
export interface Trace {
  rooms: number;
  senders: number;
  /** Room of each client. */
  roomOf: Int32Array;
  /** Due time of each message, in microseconds from the first one. */
  dueUs: Float64Array;
  /** Client that sends each message. */
  sender: Int32Array;
  /** Text of each message. */
  texts: readonly string[];
  /** First 8 hex digits of the SHA-256 of the file's text. */
  digest: string;
}

/** The trace of a trial; undefined if the trial has none. Throws if the file has changed since the run began. */
export function loadTrace({ trace: source }: { trace?: TraceSource }): Trace | undefined {
  if (!source) return undefined;
  const trace = readTrace(source);
  if (trace.digest !== source.digest) throw new Error(`${source.path} was changed during the run`);
  return trace;
}

/** One record of a file and the number of its line. */
interface TraceRecord {
  line: number;
  cells: Record<string, unknown>;
}

/** How a time is written: as a number of seconds, or in ISO 8601 with or without a time zone. */
type TimeForm = "in seconds" | "a date with a time zone" | "a date without a time zone";

/** One message of a trace, with its time in seconds. */
interface TraceMessage {
  timeS: number;
  timeForm: TimeForm;
  room: string;
  sender: string;
  text: string;
}

const columnNames = ["time", "room", "sender", "text"] as const;
const requirement = "a trace needs time, room, sender and text; any other column is ignored";

/** Most messages of a trace. */
const mostMessages = 1_000_000;

/** Most clients of a trace, listeners included. */
const mostClients = 1_000_000;

/** Last sentence about a file that cannot be read. */
export const scenarioRemedy = "Correct the path, or use a scenario on the list (npm run bench -- --list).";

/**
 * Reads a trace: a CSV file with the columns time, room, sender and text, or NDJSON of objects with these keys. All
 * times are in seconds, or all in ISO 8601. Those without a time zone are read as UTC. Throws a UserError that names the
 * file and the line at fault.
 */
export function readTrace({ path, speed, listeners }: Pick<TraceSource, "path" | "speed" | "listeners">): Trace {
  const text = readTextFile(path, scenarioRemedy);
  const records = extname(path).toLowerCase() === ".csv" ? csvRecords(path, text) : jsonRecords(path, text);
  if (records.length === 0) throw new UserError(`${path} is empty: a trace needs at least one message.`);
  const messages = parseMessages(path, records).toSorted((a, b) => a.timeS - b.timeS);
  const startS = messages[0]!.timeS;
  const roomNumbers = new Map<string, number>();
  const clientNumbers = new Map<string, number>();
  const roomOf: number[] = [];
  const sender = messages.map((message) => {
    const client = numberOf(clientNumbers, JSON.stringify([message.room, message.sender]));
    roomOf[client] = numberOf(roomNumbers, message.room);
    return client;
  });
  const rooms = roomNumbers.size;
  if (roomOf.length + listeners * rooms > mostClients)
    throw new UserError(
      `${path} has ${rooms} rooms, and ${listeners} listeners in each are more than ${mostClients.toLocaleString("en")} clients: lower listeners.`,
    );
  for (let listener = 0; listener < listeners * rooms; listener++) roomOf.push(listener % rooms);
  return {
    rooms,
    senders: clientNumbers.size,
    roomOf: Int32Array.from(roomOf),
    dueUs: Float64Array.from(messages, ({ timeS }) => Math.floor(Math.round((timeS - startS) * 1e6) / speed)),
    sender: Int32Array.from(sender),
    texts: messages.map((message) => message.text),
    digest: createHash("sha256").update(text).digest("hex").slice(0, 8),
  };
}

/** Bytes of the payload of a text: its UTF-8 length, but at least the length of a stamp. */
export function traceBytes(text: string): number {
  return Math.max(stampBytes, Buffer.byteLength(text));
}

/** The number of a name: the one that it has already, or the next. */
function numberOf(numbers: Map<string, number>, name: string): number {
  const number = numbers.get(name) ?? numbers.size;
  numbers.set(name, number);
  return number;
}

function tooManyMessages(path: string): UserError {
  return new UserError(
    `${path} has more than ${mostMessages.toLocaleString("en")} messages: make several traces of it.`,
  );
}

function csvRecords(path: string, text: string): TraceRecord[] {
  const separator = otherSeparator(text, (name) => (columnNames as readonly string[]).includes(name));
  if (separator !== undefined)
    throw new UserError(`${path} has ${separator} instead of commas between its columns: save it as CSV with commas.`);
  const notCsv = (line: number | undefined, cause?: unknown): UserError =>
    new UserError(
      `${path}, line ${line}: this is not CSV with as many cells as the heading: put a text that holds a comma or a quote ` +
        `in quotes, and double each quote in it.`,
      { cause },
    );
  let lines: { number: number; cells: string[] }[];
  try {
    lines = parse(text, {
      on_record: ((cells: string[], info: Info) => ({ number: info.lines, cells })) as never,
      relax_column_count: true,
      record_delimiter: lineEnds(text),
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      to: mostMessages + 2,
    }) as never;
  } catch (error) {
    throw notCsv((error as { lines?: number }).lines, error);
  }
  if (lines.length > mostMessages + 1) throw tooManyMessages(path);
  const [first] = lines;
  if (!first) return [];
  const heading = first.cells.map(plainName);
  checkHeading(path, heading);
  return lines.slice(1).flatMap(({ number, cells }): TraceRecord[] => {
    if (cells.slice(heading.length).some((cell) => cell !== "") || cells.length < heading.length) throw notCsv(number);
    const isHeading = heading.every((name, i) => plainName(cells[i]!) === name); // of a joined file
    return isHeading ? [] : [{ line: number, cells: Object.fromEntries(heading.map((name, i) => [name, cells[i]])) }];
  });
}

/** Throws a UserError where a heading lacks a column or has one twice. */
function checkHeading(path: string, heading: readonly string[]): void {
  const missing = columnNames.find((name) => !heading.includes(name));
  if (missing !== undefined)
    throw new UserError(
      `${path}, line 1: the heading has no column "${missing}": ${requirement}. Rename one of these: ${excerpt(heading.join(", "))}.`,
    );
  const twice = columnNames.find((name) => heading.indexOf(name) !== heading.lastIndexOf(name));
  if (twice !== undefined) throw new UserError(`${path}, line 1: the heading has two columns "${twice}": rename one.`);
}

function jsonRecords(path: string, text: string): TraceRecord[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.filter((line) => line.trim() !== "").length > mostMessages) throw tooManyMessages(path);
  return lines.flatMap((json, i) => {
    if (json.trim() === "") return [];
    let cells: unknown;
    try {
      cells = JSON.parse(json);
    } catch (error) {
      throw new UserError(`${path}, line ${i + 1}: this is not JSON: ${excerpt(errorMessage(error))}.`, {
        cause: error,
      });
    }
    if (typeof cells === "object" && cells !== null && !Array.isArray(cells))
      return [{ line: i + 1, cells: cells as Record<string, unknown> }];
    throw new UserError(`${path}, line ${i + 1}: this is not an object with time, room, sender and text.`);
  });
}

/** The messages of all records. Throws a UserError where the times of two are written in different forms. */
function parseMessages(path: string, records: readonly TraceRecord[]): TraceMessage[] {
  const messages = records.map((record) => parseMessage(path, record));
  const { timeForm } = messages[0]!;
  const other = messages.findIndex((message) => message.timeForm !== timeForm);
  if (other !== -1)
    throw new UserError(
      `${path}, line ${records[other]!.line}: the time is ${messages[other]!.timeForm}, and that of line ${records[0]!.line} is ${timeForm}: write all in one form.`,
    );
  return messages;
}

function parseMessage(path: string, { line, cells }: TraceRecord): TraceMessage {
  const reject = (problem: string): never => {
    throw new UserError(`${path}, line ${line}: ${problem}.`);
  };
  const read = (name: (typeof columnNames)[number]): string => {
    const cell = Object.hasOwn(cells, name) ? cells[name] : undefined;
    if (cell === undefined || cell === null) return reject(`"${name}" is missing: ${requirement}`);
    if (typeof cell !== "string" && typeof cell !== "number")
      return reject(`${name} ${excerpt(JSON.stringify(cell))} is neither a text nor a number`);
    if (cell === "" && name !== "text")
      return reject(`"${name}" is empty: each message has a time, a room and a sender`);
    return String(cell);
  };
  const [time, room, sender, text] = [read("time").trim(), read("room"), read("sender"), read("text")];
  const unit = /^\d+(\.\d+)?$/.test(time) && tooLargeUnits.find(([least]) => Number(time) >= least);
  if (unit)
    return reject(
      `the time "${excerpt(time)}" is in ${unit[1]} since 1970, and a trace has seconds: divide each time by ${unit[2]}`,
    );
  const parsed = parseTime(time);
  if (parsed) return { ...parsed, room, sender, text };
  return reject(
    `the time "${excerpt(time)}" is neither in seconds, such as 12.5, nor in ISO 8601, such as 2026-01-31T09:30:00.5Z`,
  );
}

/** Units of times that are too large for seconds: 1e11 s after 1970 is the year 5138. */
const tooLargeUnits: readonly [least: number, unit: string, perSecond: string][] = [
  [1e17, "nanoseconds", "1,000,000,000"],
  [1e14, "microseconds", "1,000,000"],
  [1e11, "milliseconds", "1,000"],
];

const isoTime = z.iso.datetime({ local: true, offset: true });

/** A time in seconds or in ISO 8601, where a space may stand for the T. Undefined for any other text. */
function parseTime(text: string): Pick<TraceMessage, "timeS" | "timeForm"> | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return { timeS: Number(text), timeForm: "in seconds" };
  const time = text.replace(/^(\d{4}-\d\d-\d\d) /, "$1T");
  if (!isoTime.safeParse(time).success) return undefined;
  const hasZone = /Z$|[+-]\d\d:\d\d$/.test(time);
  const [fraction = "0"] = /\.\d+/.exec(time) ?? [];
  const wholeS = Date.parse(time.replace(/\.\d+/, "") + (hasZone ? "" : "Z")) / 1000;
  return { timeS: wholeS + Number(fraction), timeForm: `a date ${hasZone ? "with" : "without"} a time zone` };
}
