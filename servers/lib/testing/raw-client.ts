import { connect } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** One turn of a talk on a raw socket: what the stranger says, and what it has to hear before it says the next thing. */
export interface Step {
  /** Bytes, or what becomes of the answer to the turn before. */
  send: string | Buffer | ((before: string) => string);
  /** Matched against all that was heard since this was said, one character per byte. */
  expect: RegExp;
}

/** Somebody on a raw socket who has had a talk with a server. */
export interface RawClient {
  /** What was heard in the last turn and since. */
  received(): string;
  /** True when the server has ended the connection. */
  ended(): boolean;
  leave(): void;
}

/** Has a talk on a connection of its own. Throws, with what was heard instead, where an answer does not come. */
export async function rawExchange({ host, port }: Address, turns: readonly Step[]): Promise<RawClient> {
  let received = "";
  let ended = false;
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => (ended = true));
  for (const { send, expect } of turns) {
    const before = received;
    received = "";
    socket.write(typeof send === "function" ? send(before) : send);
    await until(() => ended || expect.test(received), `${expect} is heard`).catch(() => undefined);
    if (!expect.test(received)) throw new Error(`expected ${expect}, heard ${JSON.stringify(received)}`);
  }
  return { received: () => received, ended: () => ended, leave: () => socket.destroy() };
}

/** An HTTP/1.1 request after which the connection is to be closed, unless a header says otherwise. */
export function httpRequest(target: string, headers: readonly string[] = ["Connection: close"], body = ""): string {
  return [`${target} HTTP/1.1`, "Host: stranger", ...headers, "", body].join("\r\n");
}

/** Headers that ask for WebSocket in the right way (RFC 6455, section 4.1). */
export const upgradeStep = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
];

/** A request for WebSocket. */
export const upgradeRequestText = (path: string, headers: readonly string[] = upgradeStep): string =>
  httpRequest(`GET ${path}`, headers);

/** A whole masked frame of at most 125 bytes, as a client sends it (RFC 6455, section 5.2); the mask is zero. */
export function rawFrame(opcode: "text" | "close" | "pong", payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const first = 0x80 | { text: 1, close: 8, pong: 10 }[opcode];
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

/** Becomes a client of `ws`. */
export const opensEngine: Step = { send: upgradeRequestText("/"), expect: /^HTTP\/1\.1 101 .*\r\n\r\n$/s };

/** A request for Engine.IO. */
export const engineStep = (query: string): string => upgradeRequestText(`/socket.io/?${query}`);

/** Becomes a client of Engine.IO, and then of Socket.IO. */
export const socketIoHandshake: Step = { send: engineStep("EIO=4&transport=websocket"), expect: /0\{"sid":.*\}$/s };
export const entersNamespace: Step = { send: rawFrame("text", "40"), expect: /40\{"sid":.*\}$/ };

/** A server's close frame as the last thing that is heard, with this code or with none (RFC 6455, section 7.4). */
export function rawCloseFrame(code?: number): RegExp {
  const payload = code === undefined ? [] : [code >> 8, code & 255];
  return new RegExp(`${String.fromCharCode(0x88, payload.length, ...payload)}$`);
}

/** Answers a close frame. Whoever does is rid of at once; from whoever does not, `ws` takes its socket after 30 s. */
export const answersClose: Step = { send: rawFrame("close", ""), expect: /^$/ };
