/** What a network does to the packets between each client and the servers. */
export interface NetworkConditions {
  /** Round-trip time of the path: half of it each way. */
  rttMs: number;
  /** Each packet, each way, takes up to half of this more or less, drawn uniformly; the order is kept. Default: 0. */
  jitterMs: number;
  /** Probability that a packet is lost, each way, 0 to 0.5. */
  lossShare: number;
  /** Bits per second of each client's own link, towards it and from it. Default: no limit. */
  rate?: { downBitsPerS: number; upBitsPerS: number };
  /** Longest wait in front of the rate; a packet that would wait longer is dropped. */
  queueMs: number;
  /** Congestion control of both ends, as the kernel names it. */
  congestionControl: string;
}

/** Ways to put a network between clients and servers, the best first. */
export const networkBackends = ["netem", "tun", "proxy"] as const;

/** Name of such a way. */
export type NetworkBackend = (typeof networkBackends)[number];

/** The address at which the servers listen, as long as that of the loopback. `index`: number among several, from 0. */
export function serverHost(index = 0): string {
  return `10.77.${(index + 1) >> 8}.${(index + 1) & 255}`;
}

/** The address of a client, which has a link of its own. */
export function clientHost(client: number): string {
  return `10.80.${client >> 8}.${client & 255}`;
}

/** The address of a client that a fault meets, between hosts of their own and on a loopback. No other client has one like it. */
export function affectedHost(client: number, onLoopback: boolean): string {
  return `${onLoopback ? 127 : 10}.81.${client >> 8}.${client & 255}`;
}

/** An address of a client's own on a loopback. */
export function loopbackHost(client: number): string {
  return `127.80.${(client >> 8) & 255}.${client & 255}`;
}

/** The addresses of all these clients. */
export const affectedRange = (onLoopback: boolean): string => `${onLoopback ? 127 : 10}.81.0.0/16`;

/** Packets per second that the emulator of `tun` can pass on, on one core: it takes 25 to 35 us for each. */
export const emulatorPacketsPerS = 25_000;

/** Most clients of a trial with a network: those whose addresses are not of a probe. */
export const mostLinks = 65_000;

/** Client number of the probe of the round-trip time, which has a link like everybody. */
export const probeClient = 65_279;

/** Ranges of the servers' and the clients' addresses. That of the clients includes those whom a fault meets. */
export const serverRange = "10.77.0.0/16";
export const clientRange = "10.80.0.0/15";

/** Bytes of IP and TCP in front of a segment, with the timestamps that Linux sends (RFC 7323), and bytes in a full one. */
export const [segmentHeaderBytes, segmentBytes] = [52, 1_448];

/** Bytes of a probe as an IP packet: 20 of IP and 8 of UDP, or what is in front of a segment, and 4 of its number. */
const probePacketBytes: Record<NetworkBackend, number> = { netem: 32, tun: 32, proxy: segmentHeaderBytes + 4 };
/** Bytes of a SYN as Linux sends it, and of its answer. */
const synBytes = 60;

/** Microseconds that a packet takes at a rate; 0 without one. */
export function serialisationUs(bytes: number, bitsPerS: number | undefined): number {
  return bitsPerS === undefined ? 0 : (bytes * 8e6) / bitsPerS;
}

/** Microseconds of a probe's round trip on an empty path with these conditions. */
export function expectedRttUs(conditions: NetworkConditions, by: NetworkBackend): number {
  return roundTripUs(conditions, probePacketBytes[by]);
}

/** Microseconds until the side that connects has its TCP connection, on an empty path with these conditions. */
export function handshakeUs(conditions: NetworkConditions): number {
  return roundTripUs(conditions, synBytes);
}

/** Microseconds of the round trip of a packet with so many bytes each way, on an empty path with these conditions. */
export function roundTripUs({ rttMs, rate }: NetworkConditions, bytes: number): number {
  const onLink = [rate?.downBitsPerS, rate?.upBitsPerS].map((bits) => serialisationUs(bytes, bits));
  return 1000 * rttMs + onLink[0]! + onLink[1]!;
}
