import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** A raw TCP server for one client. The test writes every byte of it. */
export interface RawWebSocketServer {
  address: Address;
  /** All bytes from the client. */
  received(): Buffer;
  send(bytes: Buffer | string): void;
  /** Ends the server's sending direction. */
  end(): void;
  /** Breaks the connection. */
  reset(): void;
  /** True if the client has ended its sending direction or the whole connection. */
  ended(): boolean;
  close(): void;
}

/** Starts a server for one client. */
export async function openRawWebSocketServer(): Promise<RawWebSocketServer> {
  const received: Buffer[] = [];
  let socket: Socket | undefined;
  let ended = false;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (accepted) => {
    socket = accepted;
    socket.on("data", (chunk) => void received.push(chunk));
    for (const event of ["end", "close"]) socket.on(event, () => (ended = true));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    received: () => Buffer.concat(received),
    send: (bytes) => void socket!.write(bytes),
    end: () => void socket!.end(),
    reset: () => void socket!.resetAndDestroy(),
    ended: () => ended,
    close() {
      socket?.destroy();
      server.close();
    },
  };
}

const emptyLine = "\r\n\r\n";

/** Waits for the client's handshake request. */
export async function upgradeRequestOf(server: RawWebSocketServer): Promise<string> {
  await until(() => server.received().includes(emptyLine), "the client sends its handshake");
  return server.received().toString("latin1").split(emptyLine)[0]!;
}

/** The response that accepts a handshake (RFC 6455, section 4.2.2). `change` may alter its lines. */
export function acceptResponse(request: string, change: (lines: string[]) => string[] = (lines) => lines): string {
  const key = /^Sec-WebSocket-Key: (.*)$/m.exec(request)![1]!.trim();
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
  ];
  return change(lines).join("\r\n") + emptyLine;
}

/** A frame of a client in hex: its bytes before the mask, and its unmasked payload. */
export type RawFrame = [header: string, payload: string];

/** The complete frames after a client's request, unmasked. Throws for a frame without a mask. */
export function framesOf(stream: Buffer): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = stream.indexOf(emptyLine) + emptyLine.length; at + 2 <= stream.length;) {
    const second = stream[at + 1]!;
    if (second < 0x80) throw new Error("the client sent a frame without a mask");
    const maskAt = at + (second === 0xfe ? 4 : second === 0xff ? 10 : 2);
    const length =
      second === 0xfe
        ? stream.readUInt16BE(at + 2)
        : second === 0xff
          ? Number(stream.readBigUInt64BE(at + 2))
          : second & 0x7f;
    const mask = stream.subarray(maskAt, maskAt + 4);
    const masked = stream.subarray(maskAt + 4, maskAt + 4 + length);
    if (masked.length < length) break;
    const payload = Buffer.from(masked.map((byte, i) => byte ^ mask[i & 3]!));
    frames.push([stream.subarray(at, maskAt).toString("hex"), payload.toString("hex")]);
    at = maskAt + 4 + length;
  }
  return frames;
}
