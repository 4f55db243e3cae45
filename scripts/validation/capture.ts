import type { ByteCounts } from "../../scenarios/contract.ts";

/** A captured packet: a TCP segment to or from the server, or a mark between two phases of a session. */
export type CapturedPacket =
  | { mark: number }
  | {
      clientPort: number;
      direction: keyof ByteCounts;
      /** Bytes of the TCP stream in the segment. */
      streamBytes: number;
      /** Bytes of the IP and TCP headers. */
      headerBytes: number;
      /** True where an earlier segment carried the same bytes. */
      retransmitted: boolean;
    };

/** A running capture of one port on the loopback interface. */
export interface Capture {
  /** Packets so far, in order. */
  packets: readonly CapturedPacket[];
  /** Sets a mark and resolves to its number. Later packets come after the mark. */
  mark(): Promise<number>;
  /** Index of a mark in `packets`. Resolves when the mark has been captured, which may take a second. */
  indexOfMark(mark: number): Promise<number>;
  /** Ends the capture. Rejects where packets were dropped. */
  stop(): Promise<void>;
}

/** Fields that tshark prints for each packet. A field that a packet does not have is empty. */
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

/** Header bytes of a UDP datagram. A mark is a datagram with as many bytes of content as the number of the mark. */
const udpHeaderBytes = 8;

/** Parses a line of tshark: `captureFields`, separated by tabs. */
export function parsePacket(line: string, serverPort: number): CapturedPacket {
  const [udp, ...tcp] = line.split("\t");
  if (udp) return { mark: Number(udp) - udpHeaderBytes };
  const [from, to, contentBytes, ipHeaderBytes, tcpHeaderBytes] = tcp.slice(0, 5).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    clientPort: to === serverPort ? from : to,
    direction: to === serverPort ? "in" : "out",
    streamBytes: contentBytes,
    headerBytes: ipHeaderBytes + tcpHeaderBytes,
    retransmitted: tcp.slice(5).some((flag) => flag !== ""),
  };
}

/** Bytes of the TCP streams in these packets, without retransmissions. */
export function streamBytes(packets: readonly CapturedPacket[]): ByteCounts {
  const total: ByteCounts = { in: 0, out: 0 };
  for (const packet of packets)
    if (!("mark" in packet) && !packet.retransmitted) total[packet.direction] += packet.streamBytes;
  return total;
}

/**
 * Number of segments, acknowledgements included, and bytes of their TCP/IP headers, on the connection with the most
 * bytes in this direction. Other connections are not counted, because a polling client sends empty polls beside its
 * messages.
 */
export function countSegments(packets: readonly CapturedPacket[], direction: keyof ByteCounts) {
  const connections = new Map<number, { contentBytes: number; segments: number; headerBytes: number }>();
  for (const packet of packets) {
    if ("mark" in packet) continue;
    const counts = connections.get(packet.clientPort) ?? { contentBytes: 0, segments: 0, headerBytes: 0 };
    if (packet.direction === direction) counts.contentBytes += packet.streamBytes;
    counts.segments++;
    counts.headerBytes += packet.headerBytes;
    connections.set(packet.clientPort, counts);
  }
  const [busiest] = [...connections.values()].toSorted((a, b) => b.contentBytes - a.contentBytes);
  return { segments: busiest?.segments ?? 0, headerBytes: busiest?.headerBytes ?? 0 };
}
