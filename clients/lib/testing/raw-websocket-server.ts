import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** A server that is played by hand, for one client. */
export interface RawWebSocketServer {
  address: Address;
  /** Everything that the client has said. */
  received(): Buffer;
  send(bytes: Buffer | string): void;
  /** Says that nothing more will come. */
  end(): void;
  /** Breaks the connection. */
  reset(): void;
  /** Whether the client has said that nothing more will come, or has gone. */
  ended(): boolean;
  close(): void;
}

/** Listens for a client that is to be treated by hand. */
export async function openRawWebSocketServer(): Promise<RawWebSocketServer> {
  const received: Buffer[] = [];
  let socket: Socket | undefined;
  let ended = false;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (accepted) => {
    socket = accepted;
    socket.on("data", (chunk) => void received.push(chunk));
    for (const sign of ["end", "close"]) socket.on(sign, () => (ended = true));
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

/** The client's request, when all of it has been heard. */
export async function upgradeRequestOf(peer: RawWebSocketServer): Promise<string> {
  await until(() => peer.received().includes(emptyLine), "the client asks for a handshake");
  return peer.received().toString("latin1").split(emptyLine)[0]!;
}

/** The answer to a handshake, as it has to be (RFC 6455, section 4.2.2), with or without some lines changed. */
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

/** A frame of a client: what stands before its mask, and its payload without it, in hexadecimal. */
export type RawFrame = [header: string, payload: string];

/** The frames behind a client's request, unmasked. Throws where one has no mask; one that is not whole is left out. */
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
