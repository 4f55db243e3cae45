import type { ByteCounts } from "../../scenarios/contract.ts";

/** A packet that a capture saw: a TCP segment to or from the server, or a mark set between two phases of a conversation. */
export type CapturedPacket =
  | { mark: number }
  | {
      clientPort: number;
      direction: keyof ByteCounts;
      /** Bytes of the TCP stream it carries. */
      streamBytes: number;
      /** Its IP and TCP headers. */
      headerBytes: number;
      /** The stream's bytes were seen before. */
      again: boolean;
    };

/** A running capture of one port. */
export interface Capture {
  /** Everything seen so far, in order. */
  packets: readonly CapturedPacket[];
  /** Sets a mark and resolves to its number, at once: what happens next comes behind it. */
  mark(): Promise<number>;
  /** The place of a mark among the packets, when everything before it has been seen: that may take a second. */
  indexOfMark(mark: number): Promise<number>;
  /** Ends it. Rejects where it has missed packets. */
  stop(): Promise<void>;
}

/** What tshark is asked for of each packet; a field that a packet does not have is empty. */
export const captureFields = [
  "udp.length",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.len",
  "ip.hdr_len",
  "tcp.hdr_len",
  "tcp.analysis.retransmission",
  "tcp.analysis.spurious_retransmission",
] as const;

/** A datagram's own header, in front of as many bytes as the number of its mark. */
const udpHeaderBytes = 8;

/** A line of tshark, its fields separated by tabs. */
export function parsePacket(line: string, serverPort: number): CapturedPacket {
  const [udp, ...tcp] = line.split("\t");
  if (udp) return { mark: Number(udp) - udpHeaderBytes };
  const [from, to, carried, ip, header] = tcp.slice(0, 5).map(Number) as [number, number, number, number, number];
  return {
    clientPort: to === serverPort ? from : to,
    direction: to === serverPort ? "in" : "out",
    streamBytes: carried,
    headerBytes: ip + header,
    again: tcp.slice(5).some((flag) => flag !== ""),
  };
}

/** Bytes of the TCP streams in these packets, each once. */
export function streamBytes(packets: readonly CapturedPacket[]): ByteCounts {
  const total: ByteCounts = { in: 0, out: 0 };
  for (const packet of packets) if (!("mark" in packet) && !packet.again) total[packet.direction] += packet.streamBytes;
  return total;
}

/**
 * Segments, acknowledgements included, and the bytes of their TCP/IP headers, on the connection that carried the most in this direction:
 * a polling client's empty asks go on beside its sends.
 */
export function countSegments(packets: readonly CapturedPacket[], direction: keyof ByteCounts) {
  const connections = new Map<number, { carriedBytes: number; segments: number; headerBytes: number }>();
  for (const packet of packets) {
    if ("mark" in packet) continue;
    const seen = connections.get(packet.clientPort) ?? { carriedBytes: 0, segments: 0, headerBytes: 0 };
    if (packet.direction === direction) seen.carriedBytes += packet.streamBytes;
    seen.segments++;
    seen.headerBytes += packet.headerBytes;
    connections.set(packet.clientPort, seen);
  }
  const [busiest] = [...connections.values()].toSorted((a, b) => b.carriedBytes - a.carriedBytes);
  return { segments: busiest?.segments ?? 0, headerBytes: busiest?.headerBytes ?? 0 };
}
