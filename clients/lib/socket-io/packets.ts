import { readJsonString, writeJsonString } from "../polling/json-string.ts";
import type { BufferView } from "../net/buffer-views.ts";

/*
 * Engine.IO v4 and Socket.IO v5 packets in WebSocket messages, as far as a client with one namespace and one event
 * needs them. The first character is the type of the Engine.IO packet, the second that of the Socket.IO packet in it.
 */

/** Packets without a text that the client sends. After `binaryEvent` the Buffer follows in a message of its own. */
export const clientPackets = {
  pong: Buffer.from("3"),
  connect: Buffer.from("40"),
  disconnect: Buffer.from("41"),
  binaryEvent: Buffer.from('451-["chat",{"_placeholder":true,"num":0}]'),
} as const;

const eventStart = Buffer.from('42["chat",');
const eventEnd = "]".charCodeAt(0);
const quote = '"'.charCodeAt(0);

/** Bytes of the packet for a text whose JSON string has `stringBytes` bytes. */
export function textPacketBytes(stringBytes: number): number {
  return eventStart.length + stringBytes + 1;
}

/** Writes the packet for a text in UTF-8. `stringBytes` is the result of `jsonStringBytes` for the text. */
export function writeTextPacket(into: Buffer, at: number, text: Buffer, stringBytes: number): void {
  eventStart.copy(into, at);
  writeJsonString(into, at + eventStart.length, text, stringBytes);
  into[at + eventStart.length + stringBytes] = eventEnd;
}

/** Receiver of the server's packets. A payload is valid during the call only. */
export interface PacketHandler {
  /** The Engine.IO handshake. A server that is silent for longer than `silenceMs` has gone. */
  opened(silenceMs: number): void;
  /** The server has accepted the client in the namespace. */
  connected(): void;
  pinged(): void;
  received(payload: Buffer, text: boolean): void;
  /** The server has disconnected the client from the namespace. */
  disconnected(): void;
  /** The packet is invalid or not allowed now. Nothing may be read after it. */
  refused(error: Error): void;
}

/** The Engine.IO handshake, without the fields for clients that poll. */
interface Handshake {
  sid: string;
  pingInterval: number;
  pingTimeout: number;
}

/** Longest timer of Node, and so the longest time that a handshake may name. */
const maxTimerMs = 2 ** 31 - 1;

/** Reads the server's packets, one per WebSocket message: the handshake, the CONNECT packet, then events. */
export class PacketReader {
  private readonly maxPayloadBytes: number;
  private readonly handler: PacketHandler;
  private stage: "handshake" | "connecting" | "connected" = "handshake";
  private attachmentExpected = false;

  constructor(maxPayloadBytes: number, handler: PacketHandler) {
    this.maxPayloadBytes = maxPayloadBytes;
    this.handler = handler;
  }

  read(from: BufferView, start: number, end: number, text: boolean): void {
    if (!text) this.readAttachment(from.view(start, end));
    else if (this.stage === "connected" && !this.attachmentExpected && isTextEvent(from.bytes, start, end)) {
      const payload = readJsonString(from, start + eventStart.length + 1, end - 2);
      if (payload) this.deliver(payload, true);
      else this.readPacket(from.view(start, end).toString());
    } else this.readPacket(from.view(start, end).toString());
  }

  private readAttachment(payload: Buffer): void {
    if (!this.attachmentExpected) return this.refuse("a Buffer without a binary event before it");
    this.attachmentExpected = false;
    this.deliver(payload, false);
  }

  private deliver(payload: Buffer, text: boolean): void {
    if (payload.length <= this.maxPayloadBytes) this.handler.received(payload, text);
    else this.refuse(`a payload of ${payload.length} bytes, at most ${this.maxPayloadBytes} are accepted`);
  }

  private refuse(problem: string): void {
    this.handler.refused(new Error(`the server sent ${problem}`));
  }

  /** Reads any packet but the common event with one text, which `read` takes out of its bytes. */
  private readPacket(packet: string): void {
    if (this.stage === "handshake") {
      const handshake = parseHandshake(packet);
      if (!handshake) return this.refuse(`${shorten(packet)} instead of a handshake`);
      this.stage = "connecting";
      this.handler.opened(handshake.pingInterval + handshake.pingTimeout);
    } else if (packet === "2") this.handler.pinged();
    else if (this.attachmentExpected) this.refuse(`${shorten(packet)} instead of a Buffer`);
    else if (this.stage === "connecting") this.readConnect(packet);
    else if (packet === "41") this.handler.disconnected();
    else if (isBinaryEvent(packet)) this.attachmentExpected = true;
    else {
      const text = parseTextEvent(packet);
      if (text === undefined) this.refuse(`${shorten(packet)}, which is no packet of a chat`);
      else this.deliver(Buffer.from(text), true);
    }
  }

  /** Reads CONNECT ("40") or CONNECT_ERROR ("44"). */
  private readConnect(packet: string): void {
    const reply = packet.startsWith("40{") || packet.startsWith("44{") ? parseJson(packet.slice(2)) : undefined;
    if (packet.startsWith("40") && typeof reply?.["sid"] === "string" && reply["sid"] !== "") {
      if (reply["pid"] !== undefined)
        return this.handler.refused(new Error("the Socket.IO server has connection state recovery on"));
      this.stage = "connected";
      this.handler.connected();
    } else this.refuse(typeof reply?.["message"] === "string" ? `a refusal: ${reply["message"]}` : shorten(packet));
  }
}

/** True if a packet begins and ends as an event with one text. */
function isTextEvent(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < eventStart.length + 3 || bytes[end - 1] !== eventEnd || bytes[end - 2] !== quote) return false;
  for (let i = 0; i < eventStart.length; i++) if (bytes[start + i] !== eventStart[i]) return false;
  return bytes[start + eventStart.length] === quote;
}

function parseHandshake(packet: string): Handshake | undefined {
  const handshake = packet.startsWith("0{") ? parseJson(packet.slice(1)) : undefined;
  if (typeof handshake?.["sid"] !== "string" || handshake["sid"] === "" || !Array.isArray(handshake["upgrades"]))
    return undefined;
  const { pingInterval, pingTimeout } = handshake;
  const valid = [pingInterval, pingTimeout].every((ms) => Number.isInteger(ms) && (ms as number) > 0);
  return valid && (pingInterval as number) + (pingTimeout as number) <= maxTimerMs
    ? (handshake as unknown as Handshake)
    : undefined;
}

/** The text of an event, with any white space and escapes in its JSON; undefined for an event with other contents. */
function parseTextEvent(packet: string): string | undefined {
  const event = packet.startsWith("42[") ? parseJson(packet.slice(2)) : undefined;
  return Array.isArray(event) && event.length === 2 && event[0] === "chat" && typeof event[1] === "string"
    ? event[1]
    : undefined;
}

const placeholder = JSON.stringify({ _placeholder: true, num: 0 });

function isBinaryEvent(packet: string): boolean {
  const event = packet.startsWith("451-[") ? parseJson(packet.slice(4)) : undefined;
  return Array.isArray(event) && event.length === 2 && event[0] === "chat" && JSON.stringify(event[1]) === placeholder;
}

function parseJson(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** The beginning of a packet, for an error message. */
function shorten(packet: string): string {
  return JSON.stringify(packet.length > 60 ? `${packet.slice(0, 60)}...` : packet);
}
