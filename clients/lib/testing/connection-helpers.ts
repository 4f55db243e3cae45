import type { Socket } from "node:net";
import type { RawConnection } from "../net/connection.ts";

/** Says these bytes on a wire. */
export function sendBytes(connection: RawConnection, bytes: Buffer): void {
  const { bytes: into, at } = connection.reserve(bytes.length);
  bytes.copy(into, at);
}

/** All that a socket hears. */
export function collectBytes(socket: Socket): { bytes(): Buffer; length(): number } {
  const chunks: Buffer[] = [];
  let length = 0;
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
  });
  return { bytes: () => Buffer.concat(chunks), length: () => length };
}

/** So many bytes that are nowhere the same for another seed. */
export function noiseBytes(length: number, seed: number): Buffer {
  return Buffer.alloc(length, Buffer.from(Uint32Array.from({ length: 1021 }, (_, i) => seed + i * 65_537).buffer));
}
