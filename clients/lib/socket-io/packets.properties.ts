import { deepEqual, equal } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { decodePacket } from "engine.io-parser";
import * as fc from "fast-check";
import { Decoder, Encoder, PacketType, type Packet } from "socket.io-parser";
import { jsonStringBytes, readJsonString, writeJsonString } from "../polling/json-string.ts";
import { PacketReader, clientPackets, textPacketBytes, writeTextPacket } from "./packets.ts";
import type { Properties } from "../testing/all-properties.ts";
import { createBufferView } from "../net/buffer-views.ts";

/** A call of a reader. */
type ReaderCall = ["message", payload: string, text: boolean] | ["ping" | "disconnect" | "refuse"];

const connectPackets = ['0{"sid":"s","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":1}', '40{"sid":"s"}'];

/** The calls of our reader for these packets after the client has connected. */
function readWithOurs(packets: readonly (string | Buffer)[]): ReaderCall[] {
  const calls: ReaderCall[] = [];
  const reader = new PacketReader(1_000, {
    opened: () => undefined,
    connected: () => undefined,
    pinged: () => void calls.push(["ping"]),
    received: (payload, text) => void calls.push(["message", payload.toString("hex"), text]),
    disconnected: () => void calls.push(["disconnect"]),
    refused: () => void calls.push(["refuse"]),
  });
  for (const each of [...connectPackets, ...packets]) {
    const bytes = Buffer.concat([Buffer.from("before"), Buffer.from(each), Buffer.from('behind"]')]);
    reader.read(createBufferView(bytes), 6, bytes.length - 8, typeof each === "string");
    if (calls.at(-1)?.[0] === "refuse") break;
  }
  return calls;
}

/** The same with the official parsers. A packet that a chat does not use counts as refused. */
function readWithLibrary(packets: readonly (string | Buffer)[]): ReaderCall[] {
  const calls: ReaderCall[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet: Packet) => void calls.push(callFor(packet)));
  for (const each of packets) {
    if (calls.at(-1)?.[0] === "refuse") break;
    const { type, data } = decodePacket(each, "nodebuffer") as { type: string; data?: string | Buffer };
    if (type === "ping" && data === undefined) calls.push(["ping"]);
    else if (type !== "message" || data === undefined || !isUsedByChat(data)) calls.push(["refuse"]);
    else
      try {
        decoder.add(data);
      } catch {
        calls.push(["refuse"]);
      }
  }
  return calls;
}

/** False for a namespace in the packet, a Buffer beside other values, and an acknowledgement. */
function isUsedByChat(data: string | Buffer): boolean {
  if (typeof data !== "string") return true;
  if (data.startsWith("51-[")) return isDeepStrictEqual(value(data.slice(3)), ["chat", { _placeholder: true, num: 0 }]);
  return !data.startsWith("/", 1) && !data.startsWith("5") && !data.startsWith("6");
}

function value(string: string): unknown {
  try {
    return JSON.parse(string);
  } catch {
    return undefined;
  }
}

function callFor({ type, id, nsp, data }: Packet): ReaderCall {
  if (type === PacketType.DISCONNECT) return ["disconnect"];
  const isPlainEvent = type === PacketType.EVENT && id === undefined && nsp === "/";
  if (!isPlainEvent || data.length !== 2 || data[0] !== "chat") return ["refuse"];
  const [, message] = data as [string, unknown];
  const bytes = typeof message === "string" ? Buffer.from(message) : Buffer.isBuffer(message) ? message : undefined;
  if (!bytes || bytes.length > 1_000) return ["refuse"];
  return ["message", bytes.toString("hex"), typeof message === "string"];
}

const oneOf = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...characters.split(""));
const text = fc.string({ unit: "binary", maxLength: 60 });
/** Text with many characters that JSON escapes. */
const escaped = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', "\\", "\n", "\u0000", "\u001f", "\u007f", "é", "☕", "🛰", "\u2028"),
      fc.string({ maxLength: 3 }),
    ),
  )
  .map((parts) => parts.join(""));
/** Code units at every boundary of UTF-8 and of surrogates; then pairs, and misspelt units. */
const unit = fc.constantFrom(
  "0000",
  "007f",
  "0080",
  "07FF",
  "0800",
  "d7ff",
  "d800",
  "DBff",
  "dc00",
  "dfff",
  "e000",
  "ffff",
);
const pair = fc.tuple(fc.constantFrom("d800", "dbff"), fc.constantFrom("dc00", "dfff")).map((both) => both.join("\\u"));
const misspelt = fc
  .tuple(fc.nat(3), oneOf("/:@G`g"))
  .map(([at, wrong]) => "00aF".slice(0, at) + wrong + "00aF".slice(at + 1));
/** The inside of a JSON string, valid or not: all escapes, and characters that must be escaped. */
const inside = fc
  .array(
    fc.oneof(
      fc.oneof(unit, pair, misspelt, fc.constantFrom("", "0", "00", "004")).map((hex) => `\\u${hex}`),
      oneOf('\\"\n\t\u001f\u007faé'),
      fc.constantFrom("🛰", "\\v0041"),
      oneOf('\\/"bfnrt').map((letter) => `\\${letter}`),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));
/** Text longer than the buffer for unescaped text. */
const long = fc.nat(9).map((more) => `\\n${"long ".repeat(20_000)}${more}`);

const message = fc.oneof(text, escaped);
const json = fc.oneof(
  message.map((string) => JSON.stringify(string)),
  inside.map((string) => `"${string}"`),
  fc.json({ maxDepth: 1 }),
);
/** An event with one character changed. */
const damaged = fc.tuple(message, fc.nat(), oneOf('"\\[],x 2')).map(([string, at, other]) =>
  `["chat",${JSON.stringify(string)}]`
    .split("")
    .with(at % (11 + string.length), other)
    .join(""),
);
const event = fc.oneof(
  { weight: 4, arbitrary: damaged },
  { weight: 4, arbitrary: json.map((argument) => `["chat",${argument}]`) },
  { weight: 1, arbitrary: fc.tuple(json, json).map((both) => `["chat",${both.join()}]`) },
  { weight: 1, arbitrary: json.map((argument) => ` [ "chat" , ${argument} ] `) },
  { weight: 1, arbitrary: json.map((argument) => `["\\u0063hat",${argument}]`) },
  { weight: 1, arbitrary: json.map((argument) => `["other",${argument}]`) },
  { weight: 1, arbitrary: json },
);
const binaryEvent = fc.constantFrom(
  clientPackets.binaryEvent.toString(),
  '451-["chat",{"_placeholder": true, "num": 0}]',
  '451-["chat","no Buffer"]',
  '451-["chat",{"_placeholder":true,"num":1}]',
  '452-["chat",{"_placeholder":true,"num":0}]',
  '45["chat",{"_placeholder":true,"num":0}]',
  '451- ["chat",{"_placeholder":true,"num":0}]',
);
const attachment = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(new Uint8Array(1_000), new Uint8Array(1_001)),
);
const packet = fc.oneof(
  { weight: 5, arbitrary: event.map((each) => [`42${each}`]) },
  {
    weight: 3,
    arbitrary: fc.tuple(
      binaryEvent,
      attachment.map((bytes) => Buffer.from(bytes)),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(binaryEvent, fc.constantFrom("2", "41", '42["chat","x"]')) },
  { weight: 1, arbitrary: attachment.map((bytes) => [Buffer.from(bytes)]) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("2", "41", "2x", "41x", "42", "4", "421", '421["chat","x"]', '42/,["chat","x"]')
      .map((each) => [each]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("42", "43", "44", "46", "1", "6", "42/x,"), event)
      .map(([type, each]) => [type + each]),
  },
);
const stream = fc.array(packet, { maxLength: 5 }).map((all) => all.flat());

function textPacket(string: string): Buffer {
  const bytes = Buffer.from(string);
  const stringBytes = jsonStringBytes(bytes);
  const into = Buffer.alloc(textPacketBytes(stringBytes) + 2, "#");
  writeTextPacket(into, 1, bytes, stringBytes);
  return into;
}

/** The inside of a string as JSON.parse reads it; undefined where it throws. */
function parseInside(string: string): Buffer | undefined {
  const read = value(`"${string}"`);
  return typeof read === "string" ? Buffer.from(read) : undefined;
}

export const properties: Properties = {
  "a text is written as JSON.stringify writes it": fc.property(message, (string) => {
    const bytes = Buffer.from(string);
    const into = Buffer.alloc(jsonStringBytes(bytes));
    writeJsonString(into, 0, bytes, into.length);
    equal(into.toString(), JSON.stringify(bytes.toString()));
  }),
  "the inside of a JSON string is read as JSON.parse reads it": fc.property(
    fc.oneof({ weight: 9, arbitrary: inside }, message, long),
    (string) => {
      // The bytes after the end could complete an escape at the end.
      const bytes = Buffer.from(`"${string}b0041`);
      const read = readJsonString(createBufferView(bytes), 1, bytes.length - 5);
      deepEqual(read && Buffer.from(read), parseInside(bytes.toString().slice(1, -5)));
    },
  ),
  "a text packet is written as Socket.IO's encoder writes it": fc.property(message, (string) => {
    const bytes = Buffer.from(string).toString();
    const [packet0] = new Encoder().encode({ type: PacketType.EVENT, nsp: "/", data: ["chat", bytes] });
    equal(textPacket(bytes).toString(), `#4${packet0 as string}#`);
  }),
  "packets are read and refused as Socket.IO's parsers do, and packets that a chat does not use are refused":
    fc.property(stream, (packets) => deepEqual(readWithOurs(packets), readWithLibrary(packets))),
};
