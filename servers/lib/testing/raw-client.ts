import { connect } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";
import { until } from "../../../scenarios/conformance/test-kit.ts";

/** One turn of a talk on a raw socket: what the stranger says, and what it has to hear before it says the next thing. */
export interface Turn {
  /** Bytes, or what becomes of the answer to the turn before. */
  say: string | Buffer | ((before: string) => string);
  /** Matched against all that was heard since this was said, one character per byte. */
  hear: RegExp;
}

/** Somebody on a raw socket who has had a talk with a server. */
export interface Stranger {
  /** What was heard in the last turn and since. */
  heard(): string;
  /** True when the server has ended the connection. */
  ended(): boolean;
  leave(): void;
}

/** Has a talk on a connection of its own. Throws, with what was heard instead, where an answer does not come. */
export async function talk({ host, port }: Address, turns: readonly Turn[]): Promise<Stranger> {
  let heard = "";
  let ended = false;
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  socket.on("data", (chunk) => (heard += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => (ended = true));
  for (const { say, hear } of turns) {
    const before = heard;
    heard = "";
    socket.write(typeof say === "function" ? say(before) : say);
    await until(() => ended || hear.test(heard), `${hear} is heard`).catch(() => undefined);
    if (!hear.test(heard)) throw new Error(`expected ${hear}, heard ${JSON.stringify(heard)}`);
  }
  return { heard: () => heard, ended: () => ended, leave: () => socket.destroy() };
}

/** An HTTP/1.1 request after which the connection is to be closed, unless a header says otherwise. */
export function request(target: string, headers: readonly string[] = ["Connection: close"], body = ""): string {
  return [`${target} HTTP/1.1`, "Host: stranger", ...headers, "", body].join("\r\n");
}

/** Headers that ask for WebSocket in the right way (RFC 6455, section 4.1). */
export const websocket = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
];

/** A request for WebSocket. */
export const upgrades = (path: string, headers: readonly string[] = websocket): string =>
  request(`GET ${path}`, headers);

/** A whole masked frame of at most 125 bytes, as a client sends it (RFC 6455, section 5.2); the mask is zero. */
export function frame(opcode: "text" | "close" | "pong", payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const first = 0x80 | { text: 1, close: 8, pong: 10 }[opcode];
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

/** Becomes a client of `ws`. */
export const opens: Turn = { say: upgrades("/"), hear: /^HTTP\/1\.1 101 .*\r\n\r\n$/s };

/** A request for Engine.IO. */
export const engine = (query: string): string => upgrades(`/socket.io/?${query}`);

/** Becomes a client of Engine.IO, and then of Socket.IO. */
export const handshake: Turn = { say: engine("EIO=4&transport=websocket"), hear: /0\{"sid":.*\}$/s };
export const enters: Turn = { say: frame("text", "40"), hear: /40\{"sid":.*\}$/ };

/** A server's close frame as the last thing that is heard, with this code or with none (RFC 6455, section 7.4). */
export function closing(code?: number): RegExp {
  const payload = code === undefined ? [] : [code >> 8, code & 255];
  return new RegExp(`${String.fromCharCode(0x88, payload.length, ...payload)}$`);
}

/** Answers a close frame. Whoever does is rid of at once; from whoever does not, `ws` takes its socket after 30 s. */
export const closes: Turn = { say: frame("close", ""), hear: /^$/ };
