import { connect } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** One step of an exchange on a raw socket: bytes to send, and what must arrive before the next step. */
export interface Step {
  /** Bytes, or a function of what arrived in the step before. */
  send: string | Buffer | ((before: string) => string);
  /** Matched against everything that has arrived since this was sent, one character per byte. */
  expect: RegExp;
}

/** A raw socket after its exchange with a server. */
export interface RawClient {
  /** Everything that has arrived since the last step began, one character per byte. */
  received(): string;
  /** True if the connection has ended. */
  ended(): boolean;
  send(bytes: Buffer): void;
  destroy(): void;
}

/** Runs an exchange on a new connection. Throws with the bytes that arrived where the expected ones do not arrive. */
export async function rawExchange({ host, port }: Address, steps: readonly Step[]): Promise<RawClient> {
  let received = "";
  let ended = false;
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => (ended = true));
  for (const { send, expect } of steps) {
    const before = received;
    received = "";
    socket.write(typeof send === "function" ? send(before) : send);
    await until(() => ended || expect.test(received), `${expect} arrives`).catch(() => undefined);
    if (!expect.test(received)) throw new Error(`expected ${expect}, received ${JSON.stringify(received)}`);
  }
  return {
    received: () => received,
    ended: () => ended,
    send: (bytes) => void socket.write(bytes),
    destroy: () => socket.destroy(),
  };
}

/** Formats an HTTP/1.1 request. By default the server closes the connection after its response. */
export function httpRequest(target: string, headers: readonly string[] = ["Connection: close"], body = ""): string {
  return [`${target} HTTP/1.1`, "Host: test", ...headers, "", body].join("\r\n");
}

/** Headers of a valid WebSocket handshake (RFC 6455, section 4.1). */
export const upgradeHeaders = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
];

/** Formats a WebSocket handshake. */
export const rawUpgradeRequest = (path: string, headers: readonly string[] = upgradeHeaders): string =>
  httpRequest(`GET ${path}`, headers);

/** Encodes a masked frame of at most 125 bytes, as a client sends it (RFC 6455, section 5.2). The mask is zero. */
export function rawFrame(opcode: "text" | "close" | "pong", payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const first = 0x80 | { text: 1, close: 8, pong: 10 }[opcode];
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

/** Step that opens a WebSocket. */
export const webSocketUpgrade: Step = { send: rawUpgradeRequest("/"), expect: /^HTTP\/1\.1 101 .*\r\n\r\n/s };

/** Formats a WebSocket handshake with Engine.IO. */
export const engineUpgradeRequest = (query: string): string => rawUpgradeRequest(`/socket.io/?${query}`);

/** Step that opens an Engine.IO session over WebSocket. */
export const engineHandshake: Step = {
  send: engineUpgradeRequest("EIO=4&transport=websocket"),
  expect: /0\{"sid":.*\}/s,
};
/** Step that joins the main namespace of Socket.IO. */
export const namespaceJoin: Step = { send: rawFrame("text", "40"), expect: /40\{"sid":.*\}/ };

/** Matches bytes that end with a server's close frame with this code or with none (RFC 6455, section 7.4). */
export function rawCloseFrame(code?: number): RegExp {
  const payload = code === undefined ? [] : [code >> 8, code & 255];
  return new RegExp(`${String.fromCharCode(0x88, payload.length, ...payload)}$`);
}

/** Step that answers a close frame. Without it `ws` waits up to 30 s before it destroys the socket. */
export const closeReply: Step = { send: rawFrame("close", ""), expect: /^$/ };
