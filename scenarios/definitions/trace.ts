import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { errorMessage, UserError } from "../lib/errors.ts";
import { stampBytes } from "../lib/message-stamp.ts";

/** Where a trace is, and how it is replayed: plain JSON, so that every process can read it for itself. */
export interface TraceSource {
  /** Absolute. */
  path: string;
  /** Times faster than it was; 1 is its own pace. */
  speed: number;
  /** Clients added to each room that only listen. */
  listeners: number;
  /** Of the trace that it is: rows of another one never pair with its own. */
  digest: string;
  /** Bytes of the largest payload. */
  largestBytes: number;
}

/**
 * A conversation as it was. Each pair of a room and a sender is one client, in order of appearance; listeners are
 * numbered behind them. Lines are in the order of their times.
 */
export interface Trace {
  rooms: number;
  senders: number;
  /** The room of each client. */
  roomOf: Int32Array;
  /** When each line is due, in microseconds from the first, and which client says it. */
  dueUs: Float64Array;
  sender: Int32Array;
  texts: readonly string[];
  /** The first 8 hex digits of the SHA-256 of the file's text. */
  digest: string;
}

/** The trace of a trial, where it has one. Throws where its file is no longer what it was when the run began. */
export function loadTrace({ trace: source }: { trace?: TraceSource }): Trace | undefined {
  const trace = source && readTrace(source);
  if (trace && trace.digest !== source.digest) throw new Error(`${source.path} was changed while it was replayed`);
  return trace;
}

/** One line of a file, and where it stands in it. */
interface Line {
  line: number;
  cells: Record<string, unknown>;
}

const names = ["time", "room", "sender", "text"] as const;
const needs = "a trace needs time, room, sender and text, and may have others, which are ignored";

/**
 * Reads a trace: a CSV with the columns time, room, sender and text, or NDJSON of objects with these, of which others
 * are ignored. A time is in seconds or as ISO 8601. Throws a UserError that names file and line.
 */
export function readTrace({ path, speed, listeners }: Pick<TraceSource, "path" | "speed" | "listeners">): Trace {
  const text = readTraceFile(path);
  const lines = path.endsWith(".csv") ? csvLines(path, text) : jsonLines(path, text);
  if (lines.length === 0) throw new UserError(`${path} has no lines: a trace needs at least one message.`);
  const said = lines.map((line) => messageIn(path, line)).toSorted((one, other) => one.timeS - other.timeS);
  const [rooms, senders, roomOf] = [new Map<string, number>(), new Map<string, number>(), [] as number[]];
  const sender = said.map((each) => {
    const room = numbered(rooms, each.room);
    const client = numbered(senders, JSON.stringify([each.room, each.sender]));
    roomOf[client] = room;
    return client;
  });
  for (let listener = 0; listener < listeners * rooms.size; listener++) roomOf.push(listener % rooms.size);
  return {
    rooms: rooms.size,
    senders: senders.size,
    roomOf: Int32Array.from(roomOf),
    dueUs: Float64Array.from(said, ({ timeS }) => Math.floor(((timeS - said[0]!.timeS) * 1e6) / speed)),
    sender: Int32Array.from(sender),
    texts: said.map((each) => each.text),
    digest: createHash("sha256").update(text).digest("hex").slice(0, 8),
  };
}

/** Bytes of a text's payload: those of its UTF-8, but never less than a stamp. */
export function traceBytes(text: string): number {
  return Math.max(stampBytes, Buffer.byteLength(text));
}

/** The text of a file; a UserError where it cannot be read. */
export function readTraceFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy = "correct the path, or take a scenario that needs no file (npm run bench -- --list)";
    const why =
      code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : errorMessage(error);
    throw new UserError(`Cannot read ${path}: ${why}: ${remedy}.`, { cause: error });
  }
}

function numbered(numbers: Map<string, number>, name: string): number {
  const found = numbers.get(name) ?? numbers.size;
  numbers.set(name, found);
  return found;
}

function csvLines(path: string, text: string): Line[] {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, { bom: true, columns: true, info: true, skip_empty_lines: true }) as never;
  } catch (error) {
    const { lines: line } = error as { lines?: number };
    throw new UserError(
      `${path}, line ${line}: it is not a line of CSV with as many cells as the heading: put a text that holds a comma or a quote in quotes, ` +
        `and write the quotes in it twice.`,
      { cause: error },
    );
  }
  const missing = records[0] && names.find((name) => !Object.hasOwn(records[0]!.record, name));
  if (missing !== undefined) throw new UserError(`${path}, line 1: the heading has no column "${missing}": ${needs}.`);
  return records.map(({ record, info }) => ({ line: info.lines, cells: record }));
}

function jsonLines(path: string, text: string): Line[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((each, i) => {
      if (each.trim() === "") return [];
      let cells: unknown;
      try {
        cells = JSON.parse(each);
      } catch (error) {
        throw new UserError(`${path}, line ${i + 1}: it is not JSON: ${errorMessage(error)}.`, { cause: error });
      }
      if (typeof cells === "object" && cells !== null && !Array.isArray(cells))
        return [{ line: i + 1, cells: cells as Record<string, unknown> }];
      throw new UserError(`${path}, line ${i + 1}: it is not an object with time, room, sender and text.`);
    });
}

function messageIn(path: string, { line, cells }: Line): { timeS: number; room: string; sender: string; text: string } {
  const missing = names.find((name) => cells[name] === undefined || cells[name] === null);
  if (missing !== undefined) throw new UserError(`${path}, line ${line}: there is no "${missing}": ${needs}.`);
  const strange = names.find((name) => !["string", "number"].includes(typeof cells[name]));
  if (strange !== undefined)
    throw new UserError(
      `${path}, line ${line}: ${strange} ${JSON.stringify(cells[strange])} is neither a text nor a number.`,
    );
  const [time, room, sender, text] = names.map((name) => String(cells[name])) as [string, string, string, string];
  const timeS = /^\d+(\.\d+)?$/.test(time)
    ? Number(time)
    : /^\d{4}-\d\d-\d\dT/.test(time)
      ? Date.parse(time) / 1000
      : NaN;
  if (Number.isFinite(timeS)) return { timeS, room, sender, text };
  throw new UserError(
    `${path}, line ${line}: the time "${time}" is neither seconds, such as 12.5, nor ISO 8601, such as 2026-01-31T09:30:00.5Z.`,
  );
}
