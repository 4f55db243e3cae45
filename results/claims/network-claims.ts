import type { Claim, ClaimSide } from "./claims.ts";

/** A distance of 200 ms there and back, and the same with a lost packet in a hundred, each way. */
const [far, lossy] = ["rtt=200ms", "rtt=200ms,loss=1%"];
/** The link of a phone on 2G, whose uplink carries 4 kB/s. */
const narrow = "rtt=1300ms,rate=35kbit/32kbit";

const talk = {
  scenario: "chat-100",
  offered_per_s: 5,
  duration_s: 20,
  payload_bytes: 128,
  payload_kind: "text",
} as const;
const dense = { ...talk, offered_per_s: 20 } as const;

const connectTime = { column: "connect_p50_ms", unit: "ms", digits: 0 } as const;
const medianLatency = { column: "latency_p50_us", unit: "ms", per: 1000, digits: 0 } as const;
const tailLatency = { column: "latency_p99_us", unit: "ms", per: 1000, digits: 0 } as const;

function over(network: string, higher: string, lower: string, load: Omit<ClaimSide, "transport"> = talk) {
  return {
    expectedHigher: { transport: higher, ...load, network },
    expectedLower: { transport: lower, ...load, network },
  };
}

/** Claims about transports on real networks. They need --network, so they are measured by claims --networks. */
export const networkClaims: readonly Claim[] = [
  { text: "At a distance a poll pays for its request as well.", ...over(far, "long-poll", "ws"), ...medianLatency },
  { text: "Under loss long polling is later than a push.", ...over(lossy, "long-poll", "ws"), ...tailLatency },
  {
    text: "A lost segment holds up what follows on TCP, and no datagram.",
    ...over(lossy, "ws", "udp"),
    ...tailLatency,
  },
  { text: "Server-sent events suffer more from loss than WebSocket.", ...over(lossy, "sse", "ws"), ...tailLatency },
  { text: "Socket.IO suffers more from loss than WebSocket.", ...over(lossy, "socket.io", "ws"), ...tailLatency },
  { text: "HTTP/2 puts all streams behind one loss.", ...over(lossy, "h2-sse", "sse"), ...tailLatency },
  {
    text: "Socket.IO needs more round trips than WebSocket to be ready.",
    ...over(far, "socket.io", "ws"),
    ...connectTime,
  },
  {
    text: "Socket.IO's default needs more round trips than WebSocket alone.",
    ...over(far, "socket.io-default", "socket.io"),
    ...connectTime,
  },
  { text: "TLS costs a round trip more to connect.", ...over(far, "ws+tls", "ws"), ...connectTime },
  {
    text: "On a narrow uplink the headers of polls alone fill the link.",
    ...over(narrow, "long-poll", "ws", dense),
    ...medianLatency,
  },
];
