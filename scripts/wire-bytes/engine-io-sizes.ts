import { webSocketFrameBytes, jsonTextBytes } from "./frame-sizes.ts";
import type { ByteContext } from "./formula.ts";

/*
 * The packets of Engine.IO v4 (1 character for the type of packet) and Socket.IO v5 (1 more), whatever carries them. A message is the
 * event "chat" with one argument.
 */

const event = JSON.stringify("chat");
const placeholder = '{"_placeholder":true,"num":0}';

/** A session's id: 15 bytes in base64url. */
export const exampleSid = "s".repeat(20);

/** Bytes of the packets that a message is: a string is one, a Buffer is announced by one and is another, as it is or in base64. */
export function packetBytes(payload: Buffer, text: boolean, more = ""): [number, ...rest: number[]] {
  if (text) return [`42[${event},${more}]`.length + jsonTextBytes(payload.toString())];
  return [`451-[${event},${placeholder}${more}]`.length, payload.length];
}

/** Bytes of these packets as WebSocket frames. */
export const framedBytes = (sizes: readonly number[], masked: boolean): number =>
  sizes.reduce((sum, size) => sum + webSocketFrameBytes(size, masked), 0);

/** What the server says first. */
export function openingBytes(
  { options: { heartbeatMs, maxPayloadBytes } }: ByteContext,
  upgrades: readonly string[],
): string {
  const maxPayload = 6 * maxPayloadBytes + 64; // as the half asks for
  return `0${JSON.stringify({ sid: exampleSid, upgrades, pingInterval: heartbeatMs, pingTimeout: heartbeatMs, maxPayload })}`;
}

/** What a client says that joins the namespace. */
export const joiningBytes = "40";

/** What it is answered. */
export const joinedBytes = `40${JSON.stringify({ sid: exampleSid })}`;
