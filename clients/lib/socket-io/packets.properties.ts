import { deepEqual, equal } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { decodePacket } from "engine.io-parser";
import * as fc from "fast-check";
import { Decoder, Encoder, PacketType, type Packet } from "socket.io-parser";
import { jsonStringBytes, readJsonString, writeJsonString } from "../polling/json-string.ts";
import { PacketReader, packetStarts, textPacketBytes, writeTextPacket } from "./packets.ts";
import type { Properties } from "../testing/stream-cuts.ts";
import { viewOf } from "../net/buffer-views.ts";

/** Everything that a reader says, in order. */
type Saying = ["message", payload: string, text: boolean] | ["ping" | "left" | "refuse"];

const entrance = ['0{"sid":"s","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":1}', '40{"sid":"s"}'];

/** What is said of these packets by a reader whose client has joined. */
function lean(received: readonly (string | Buffer)[]): Saying[] {
  const said: Saying[] = [];
  const reader = new PacketReader(1_000, {
    opened: () => undefined,
    joined: () => undefined,
    pinged: () => void said.push(["ping"]),
    received: (payload, text) => void said.push(["message", payload.toString("hex"), text]),
    left: () => void said.push(["left"]),
    refused: () => void said.push(["refuse"]),
  });
  for (const packet of [...entrance, ...received]) {
    const bytes = Buffer.concat([Buffer.from("before"), Buffer.from(packet), Buffer.from('behind"]')]);
    reader.read(viewOf(bytes), 6, bytes.length - 8, typeof packet === "string");
    if (said.at(-1)?.[0] === "refuse") break;
  }
  return said;
}

/** The same by the official parsers, where whatever is none of a chat counts as refused. */
function oracle(received: readonly (string | Buffer)[]): Saying[] {
  const said: Saying[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet: Packet) => void said.push(meaningOf(packet)));
  for (const packet of received) {
    if (said.at(-1)?.[0] === "refuse") break;
    const { type, data } = decodePacket(packet, "nodebuffer") as { type: string; data?: string | Buffer };
    if (type === "ping" && data === undefined) said.push(["ping"]);
    else if (type !== "message" || data === undefined || !isPlainlyWritten(data)) said.push(["refuse"]);
    else
      try {
        decoder.add(data);
      } catch {
        said.push(["refuse"]);
      }
  }
  return said;
}

/** The default namespace spelled out, Buffers beside other things, and answers are none of ours. */
function isPlainlyWritten(data: string | Buffer): boolean {
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

function meaningOf({ type, id, nsp, data }: Packet): Saying {
  if (type === PacketType.DISCONNECT) return ["left"];
  const ours = type === PacketType.EVENT && id === undefined && nsp === "/" && data.length === 2 && data[0] === "chat";
  if (!ours) return ["refuse"];
  const [, message] = data as [string, unknown];
  const bytes = typeof message === "string" ? Buffer.from(message) : Buffer.isBuffer(message) ? message : undefined;
  if (!bytes || bytes.length > 1_000) return ["refuse"];
  return ["message", bytes.toString("hex"), typeof message === "string"];
}

const oneOf = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...characters.split(""));
const text = fc.string({ unit: "binary", maxLength: 60 });
/** Text in which what JSON escapes is frequent. */
const escaped = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', "\\", "\n", "\u0000", "\u001f", "\u007f", "é", "☕", "🛰", "\u2028"),
      fc.string({ maxLength: 3 }),
    ),
  )
  .map((parts) => parts.join(""));
/** Code units around every bound of UTF-8 and of surrogates, pairs of them, and what only looks like one. */
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
/** The inside of a JSON string as others may write it, rightly or not: any escapes, what must be escaped and is not. */
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
/** Longer than what texts are freed of their escapes in. */
const long = fc.nat(9).map((more) => `\\n${"long ".repeat(20_000)}${more}`);

const message = fc.oneof(text, escaped);
const json = fc.oneof(
  message.map((string) => JSON.stringify(string)),
  inside.map((string) => `"${string}"`),
  fc.json({ maxDepth: 1 }),
);
/** An event of which one character has been changed. */
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
const announcement = fc.constantFrom(
  packetStarts.announcement.toString(),
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
      announcement,
      attachment.map((bytes) => Buffer.from(bytes)),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(announcement, fc.constantFrom("2", "41", '42["chat","x"]')) },
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

function written(string: string): Buffer {
  const bytes = Buffer.from(string);
  const stringBytes = jsonStringBytes(bytes);
  const into = Buffer.alloc(textPacketBytes(stringBytes) + 2, "#");
  writeTextPacket(into, 1, bytes, stringBytes);
  return into;
}

/** What JSON.parse makes of the inside of a string; undefined where it refuses it. */
function parsed(string: string): Buffer | undefined {
  const read = value(`"${string}"`);
  return typeof read === "string" ? Buffer.from(read) : undefined;
}

/** What is true of Socket.IO's packets, with the official parsers and JavaScript's own JSON as oracles. */
export const packetProperties: Properties = {
  "a text is written as JSON.stringify writes it": fc.property(message, (string) => {
    const bytes = Buffer.from(string);
    const into = Buffer.alloc(jsonStringBytes(bytes));
    writeJsonString(into, 0, bytes, into.length);
    equal(into.toString(), JSON.stringify(bytes.toString()));
  }),
  "the inside of a JSON string is read as JSON.parse reads it": fc.property(
    fc.oneof({ weight: 9, arbitrary: inside }, message, long),
    (string) => {
      // What stands behind the end would go on with an escape.
      const bytes = Buffer.from(`"${string}b0041`);
      const read = readJsonString(viewOf(bytes), 1, bytes.length - 5);
      deepEqual(read && Buffer.from(read), parsed(bytes.toString().slice(1, -5)));
    },
  ),
  "a text packet is what Socket.IO's encoder makes of it": fc.property(message, (string) => {
    const bytes = Buffer.from(string).toString();
    const [packet0] = new Encoder().encode({ type: PacketType.EVENT, nsp: "/", data: ["chat", bytes] });
    equal(written(bytes).toString(), `#4${packet0 as string}#`);
  }),
  "packets are read and refused as Socket.IO's parsers do, but for what is none of a chat": fc.property(stream, (all) =>
    deepEqual(lean(all), oracle(all)),
  ),
};
