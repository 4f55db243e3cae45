import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { errorMessage, UserError } from "../lib/errors.ts";
import { stampBytes } from "../lib/message-stamp.ts";

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

/** One message of a trace, with its time in seconds. */
interface TraceMessage {
  timeS: number;
  room: string;
  sender: string;
  text: string;
}

const columnNames = ["time", "room", "sender", "text"] as const;
const requirement = "a trace needs time, room, sender and text; any other column is ignored";

/**
 * Reads a trace: a CSV file with the columns time, room, sender and text, or NDJSON of objects with these keys. A time
 * is in seconds or in ISO 8601. Throws a UserError that names the file and the line at fault.
 */
export function readTrace({ path, speed, listeners }: Pick<TraceSource, "path" | "speed" | "listeners">): Trace {
  const text = readTraceFile(path);
  const records = path.endsWith(".csv") ? csvRecords(path, text) : jsonRecords(path, text);
  if (records.length === 0) throw new UserError(`${path} is empty: a trace needs at least one message.`);
  const messages = records.map((record) => parseMessage(path, record)).toSorted((a, b) => a.timeS - b.timeS);
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
  for (let listener = 0; listener < listeners * rooms; listener++) roomOf.push(listener % rooms);
  return {
    rooms,
    senders: clientNumbers.size,
    roomOf: Int32Array.from(roomOf),
    dueUs: Float64Array.from(messages, ({ timeS }) => Math.floor(((timeS - startS) * 1e6) / speed)),
    sender: Int32Array.from(sender),
    texts: messages.map((message) => message.text),
    digest: createHash("sha256").update(text).digest("hex").slice(0, 8),
  };
}

/** Bytes of the payload of a text: its UTF-8 length, but at least the length of a stamp. */
export function traceBytes(text: string): number {
  return Math.max(stampBytes, Buffer.byteLength(text));
}

/** The text of a scenario's or a trace's file. Throws a UserError if it cannot be read. */
export function readTraceFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : errorMessage(error);
    const remedy = "Correct the path, or use a scenario on the list (npm run bench -- --list)";
    throw new UserError(`Cannot read ${path}: ${reason}. ${remedy}.`, { cause: error });
  }
}

/** The number of a name: the one that it has already, or the next. */
function numberOf(numbers: Map<string, number>, name: string): number {
  const number = numbers.get(name) ?? numbers.size;
  numbers.set(name, number);
  return number;
}

function csvRecords(path: string, text: string): TraceRecord[] {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, { bom: true, columns: true, info: true, skip_empty_lines: true }) as never;
  } catch (error) {
    const { lines: line } = error as { lines?: number };
    throw new UserError(
      `${path}, line ${line}: this is not CSV with as many cells as the heading: put a text that holds a comma or a quote ` +
        `in quotes, and double each quote in it.`,
      { cause: error },
    );
  }
  const missing = records[0] && columnNames.find((name) => !Object.hasOwn(records[0]!.record, name));
  if (missing !== undefined)
    throw new UserError(`${path}, line 1: the heading has no column "${missing}": ${requirement}.`);
  return records.map(({ record, info }) => ({ line: info.lines, cells: record }));
}

function jsonRecords(path: string, text: string): TraceRecord[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return lines.flatMap((json, i) => {
    if (json.trim() === "") return [];
    let cells: unknown;
    try {
      cells = JSON.parse(json);
    } catch (error) {
      throw new UserError(`${path}, line ${i + 1}: this is not JSON: ${errorMessage(error)}.`, { cause: error });
    }
    if (typeof cells === "object" && cells !== null && !Array.isArray(cells))
      return [{ line: i + 1, cells: cells as Record<string, unknown> }];
    throw new UserError(`${path}, line ${i + 1}: this is not an object with time, room, sender and text.`);
  });
}

function parseMessage(path: string, { line, cells }: TraceRecord): TraceMessage {
  const reject = (problem: string): never => {
    throw new UserError(`${path}, line ${line}: ${problem}.`);
  };
  const read = (name: (typeof columnNames)[number]): string => {
    const cell = cells[name];
    if (cell === undefined || cell === null) return reject(`"${name}" is missing: ${requirement}`);
    if (typeof cell === "string" || typeof cell === "number") return String(cell);
    return reject(`${name} ${JSON.stringify(cell)} is neither a text nor a number`);
  };
  const [time, room, sender, text] = [read("time"), read("room"), read("sender"), read("text")];
  const timeS = parseTimeS(time);
  if (Number.isFinite(timeS)) return { timeS, room, sender, text };
  return reject(
    `the time "${time}" is neither in seconds, such as 12.5, nor in ISO 8601, such as 2026-01-31T09:30:00.5Z`,
  );
}

/** Seconds of a time in seconds or in ISO 8601; NaN for any other text. */
function parseTimeS(time: string): number {
  if (/^\d+(\.\d+)?$/.test(time)) return Number(time);
  return /^\d{4}-\d\d-\d\dT/.test(time) ? Date.parse(time) / 1000 : NaN;
}
