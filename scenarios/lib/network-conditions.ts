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
export const networkBackends = ["netem", "tun"] as const;

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

/** Packets per second that the emulator of `tun` can pass on, on one core: it takes 25 to 35 us for each. */
export const emulatorPacketsPerS = 25_000;

/** Most clients of a trial with a network: those whose addresses are not of a probe. */
export const mostLinks = 65_000;

/** Client number of the probe of the round-trip time, which has a link like everybody. */
export const probeClient = 65_279;

/** Ranges of the servers' and the clients' addresses. */
export const serverRange = "10.77.0.0/16";
export const clientRange = "10.80.0.0/16";

/** Bytes of a probe as an IP packet: 20 of IP, 8 of UDP, 4 of its number. */
export const probePacketBytes = 32;

/** Microseconds that a packet takes at a rate; 0 without one. */
export function serialisationUs(bytes: number, bitsPerS: number | undefined): number {
  return bitsPerS === undefined ? 0 : (bytes * 8e6) / bitsPerS;
}

/** Microseconds of a probe's round trip on an empty path with these conditions. */
export function expectedRttUs({ rttMs, rate }: NetworkConditions): number {
  const onLink = [rate?.downBitsPerS, rate?.upBitsPerS].map((bits) => serialisationUs(probePacketBytes, bits));
  return 1000 * rttMs + onLink[0]! + onLink[1]!;
}
