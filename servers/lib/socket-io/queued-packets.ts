import type { Socket } from "socket.io";
import type { PayloadCounts } from "../hosting/host.ts";

/** The packets that wait in Engine.IO for a client that may have no poll open. */
export interface QueuedPackets {
  /** Bytes or characters that wait. */
  queuedBytes(): number;
  /** Announces a payload that is about to be sent. It is counted out when its packets leave. */
  expect(payloadBytes: number): void;
  /** True if a packet of a message, or of the handshake, has left since the last call. */
  deliveredSinceLastCall(): boolean;
}

/** Tracks the packets of a client that may poll. Payloads are added to `counts` when they leave. */
export function trackQueuedPackets({ conn }: Socket, counts: PayloadCounts): QueuedPackets {
  let [queuedBytes, payloads, payloadBytes] = [0, 0, 0];
  let delivered = true; // the handshake may have left already
  conn.on("packetCreate", ({ data }: { data?: string | Buffer }) => (queuedBytes += data?.length ?? 0));
  conn.on("flush", (packets: { type: string }[]) => {
    delivered ||= packets.some(({ type }) => type === "message");
    counts.payloadsOut += payloads;
    counts.payloadBytesOut += payloadBytes;
    [queuedBytes, payloads, payloadBytes] = [0, 0, 0];
  });
  return {
    queuedBytes: () => queuedBytes,
    expect(bytes) {
      payloads++;
      payloadBytes += bytes;
    },
    deliveredSinceLastCall() {
      const result = delivered;
      delivered = false;
      return result;
    },
  };
}

/**
 * Returns the queue length of a client that uses WebSocket only, in bytes or characters: all packets since its socket
 * was last writable. Engine.IO does not say when single packets leave.
 */
export function queuedBytesOf({ conn }: Socket): () => number {
  let queuedBytes = 0;
  conn.on("packetCreate", ({ data }: { data?: string | Buffer }) => {
    const length = data?.length ?? 0;
    queuedBytes = conn.transport.writable ? length : queuedBytes + length;
  });
  return () => queuedBytes;
}
