import { webSocketFrameBytes, jsonTextBytes } from "./frame-sizes.ts";
import type { ByteContext } from "./formula.ts";

/*
 * Packets of Engine.IO v4 (1 character for the packet type) and Socket.IO v5 (1 more character), over any carrier. A
 * message is the event "chat" with one argument.
 */

const event = JSON.stringify("chat");
const placeholder = '{"_placeholder":true,"num":0}';

/** Session id of the right length: 15 bytes in base64url. */
export const exampleSid = "s".repeat(20);

/**
 * Sizes in bytes of the packets of one message. A string is one packet. A Buffer is two: an announcement and the bytes.
 * `more` is JSON text after the argument; default: none.
 */
export function packetBytes(payload: Buffer, text: boolean, more = ""): [number, ...rest: number[]] {
  if (text) return [`42[${event},${more}]`.length + jsonTextBytes(payload.toString())];
  return [`451-[${event},${placeholder}${more}]`.length, payload.length];
}

/** Bytes of packets of these sizes as WebSocket frames, one frame each. */
export const webSocketBytes = (sizes: readonly number[], masked: boolean): number =>
  sizes.reduce((sum, size) => sum + webSocketFrameBytes(size, masked), 0);

/** First packet of the server: Engine.IO `open`. */
export function openPacket(
  { options: { heartbeatMs, maxPayloadBytes } }: ByteContext,
  upgrades: readonly string[],
): string {
  const maxPayload = 6 * maxPayloadBytes + 64; // servers/socket.io.ts computes the same number
  return `0${JSON.stringify({ sid: exampleSid, upgrades, pingInterval: heartbeatMs, pingTimeout: heartbeatMs, maxPayload })}`;
}

/** CONNECT packet by which the client joins the namespace. */
export const connectPacket = "40";

/** CONNECT packet by which the server confirms the client's. */
export const connectReply = `40${JSON.stringify({ sid: exampleSid })}`;
