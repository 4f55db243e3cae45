import type { Socket } from "node:net";
import type { RawConnection } from "../net/connection.ts";

/** Sends bytes on a connection. */
export function sendBytes(connection: RawConnection, bytes: Buffer): void {
  const { bytes: into, at } = connection.reserve(bytes.length);
  bytes.copy(into, at);
}

/** Collects everything that a socket receives. */
export function collectBytes(socket: Socket): { bytes(): Buffer; length(): number } {
  const chunks: Buffer[] = [];
  let length = 0;
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
  });
  return { bytes: () => Buffer.concat(chunks), length: () => length };
}

/** Bytes that differ from those of any other seed at every place. */
export function noiseBytes(length: number, seed: number): Buffer {
  return Buffer.alloc(length, Buffer.from(Uint32Array.from({ length: 1021 }, (_, i) => seed + i * 65_537).buffer));
}
