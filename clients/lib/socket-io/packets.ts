import { readJsonString, writeJsonString } from "../polling/json-string.ts";
import type { BufferView } from "../net/buffer-views.ts";

/*
 * Engine.IO v4 and Socket.IO v5 in WebSocket frames, as far as a client of one namespace and one event needs them: the first character
 * is Engine.IO's type of packet, the second that of Socket.IO.
 */

/** What the client says: that it is there, that it wants in, that it leaves, and that a Buffer follows. */
export const packetStarts = {
  pong: Buffer.from("3"),
  join: Buffer.from("40"),
  leave: Buffer.from("41"),
  announcement: Buffer.from('451-["chat",{"_placeholder":true,"num":0}]'),
} as const;

const before = Buffer.from('42["chat",');
const behind = "]".charCodeAt(0);
const quote = '"'.charCodeAt(0);

/** Bytes of the packet that carries a text in UTF-8 whose JSON string has so many. */
export function textPacketBytes(stringBytes: number): number {
  return before.length + stringBytes + 1;
}

/** Writes the packet that carries a text in UTF-8, whose JSON string has so many bytes: see `jsonStringBytes`. */
export function writeTextPacket(into: Buffer, at: number, text: Buffer, stringBytes: number): void {
  before.copy(into, at);
  writeJsonString(into, at + before.length, text, stringBytes);
  into[at + before.length + stringBytes] = behind;
}

/** Told of what the server says. Payloads are valid during the call only. */
export interface PacketHandler {
  /** The session has begun; a silence longer than so many milliseconds means that the server has gone. */
  opened(silenceMs: number): void;
  /** The server has let the client in. */
  joined(): void;
  pinged(): void;
  received(payload: Buffer, text: boolean): void;
  /** The server has sent the client away. */
  left(): void;
  /** What is no packet, or none that may come now. Whoever is told reads no further. */
  refused(error: Error): void;
}

/** What the handshake may say; the rest of it is for clients that poll. */
interface Opening {
  sid: string;
  pingInterval: number;
  pingTimeout: number;
}

/** Longest timer of Node, and of what is taken for a time. */
const longestMs = 2 ** 31 - 1;

/** Reads the server's packets, one per WebSocket message: first the handshake, then the entrance, then what there is. */
export class PacketReader {
  private readonly maxPayloadBytes: number;
  private readonly listener: PacketHandler;
  private stage: "opening" | "joining" | "joined" = "opening";
  private attachmentDue = false;

  constructor(maxPayloadBytes: number, listener: PacketHandler) {
    this.maxPayloadBytes = maxPayloadBytes;
    this.listener = listener;
  }

  read(from: BufferView, start: number, end: number, text: boolean): void {
    if (!text) this.attachment(from.view(start, end));
    else if (this.stage === "joined" && !this.attachmentDue && isPlain(from.bytes, start, end)) {
      const payload = readJsonString(from, start + before.length + 1, end - 2);
      if (payload) this.deliver(payload, true);
      else this.other(from.view(start, end).toString());
    } else this.other(from.view(start, end).toString());
  }

  private attachment(payload: Buffer): void {
    if (!this.attachmentDue) return this.refuse("a Buffer that was not announced");
    this.attachmentDue = false;
    this.deliver(payload, false);
  }

  private deliver(payload: Buffer, text: boolean): void {
    if (payload.length <= this.maxPayloadBytes) this.listener.received(payload, text);
    else this.refuse(`a payload of ${payload.length} bytes, at most ${this.maxPayloadBytes} are accepted`);
  }

  private refuse(what: string): void {
    this.listener.refused(new Error(`the server sent ${what}`));
  }

  /** By the packet's first characters: what it means, and at which stage. */
  private other(packet: string): void {
    if (this.stage === "opening") {
      const opening = openingOf(packet);
      if (!opening) return this.refuse(`${shown(packet)} where a handshake was due`);
      this.stage = "joining";
      this.listener.opened(opening.pingInterval + opening.pingTimeout);
    } else if (packet === "2") this.listener.pinged();
    else if (this.attachmentDue) this.refuse(`${shown(packet)} where a Buffer was due`);
    else if (this.stage === "joining") this.enter(packet);
    else if (packet === "41") this.listener.left();
    else if (isAnnouncement(packet)) this.attachmentDue = true;
    else {
      const text = textOf(packet);
      if (text === undefined) this.refuse(`${shown(packet)}, which is no packet of a chat`);
      else this.deliver(Buffer.from(text), true);
    }
  }

  private enter(packet: string): void {
    const answer = packet.startsWith("40{") || packet.startsWith("44{") ? parsed(packet.slice(2)) : undefined;
    if (packet.startsWith("40") && typeof answer?.["sid"] === "string" && answer["sid"] !== "") {
      this.stage = "joined";
      this.listener.joined();
    } else this.refuse(typeof answer?.["message"] === "string" ? `a refusal: ${answer["message"]}` : shown(packet));
  }
}

/** Whether a packet begins and ends as one does that carries a single string. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < before.length + 3 || bytes[end - 1] !== behind || bytes[end - 2] !== quote) return false;
  for (let i = 0; i < before.length; i++) if (bytes[start + i] !== before[i]) return false;
  return bytes[start + before.length] === quote;
}

function openingOf(packet: string): Opening | undefined {
  const opening = packet.startsWith("0{") ? parsed(packet.slice(1)) : undefined;
  if (typeof opening?.["sid"] !== "string" || opening["sid"] === "" || !Array.isArray(opening["upgrades"]))
    return undefined;
  const { pingInterval, pingTimeout } = opening;
  const times = [pingInterval, pingTimeout].every((ms) => Number.isInteger(ms) && (ms as number) > 0);
  return times && (pingInterval as number) + (pingTimeout as number) <= longestMs
    ? (opening as unknown as Opening)
    : undefined;
}

/** The text that an event carries, however its JSON is spaced and escaped; undefined where that is not all that it carries. */
function textOf(packet: string): string | undefined {
  const event = packet.startsWith("42[") ? parsed(packet.slice(2)) : undefined;
  return Array.isArray(event) && event.length === 2 && event[0] === "chat" && typeof event[1] === "string"
    ? event[1]
    : undefined;
}

const placeholder = JSON.stringify({ _placeholder: true, num: 0 });

function isAnnouncement(packet: string): boolean {
  const event = packet.startsWith("451-[") ? parsed(packet.slice(4)) : undefined;
  return Array.isArray(event) && event.length === 2 && event[0] === "chat" && JSON.stringify(event[1]) === placeholder;
}

function parsed(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** As much of a packet as a sentence can hold. */
function shown(packet: string): string {
  return JSON.stringify(packet.length > 60 ? `${packet.slice(0, 60)}...` : packet);
}
