import type { Row } from "../model/columns.ts";
import { testKeys } from "./measurement.ts";
import type { WorkPerS } from "../sizing/cost-fit.ts";

/**
 * Load of a made-up transport: its clients, the members of each room, and the messages per second of all clients
 * together.
 */
export interface MadeUpLoad {
  clients: number;
  roomSize: number;
  sendsPerS: number;
  payloadBytes: number;
}

/** Loads in which clients, sends, deliveries and bytes vary independently. */
export const sweep: MadeUpLoad[] = [
  { clients: 100, roomSize: 1, sendsPerS: 200, payloadBytes: 128 },
  { clients: 1_000, roomSize: 1, sendsPerS: 300, payloadBytes: 128 },
  { clients: 100, roomSize: 1, sendsPerS: 1_000, payloadBytes: 128 },
  { clients: 300, roomSize: 1, sendsPerS: 500, payloadBytes: 1_024 },
  { clients: 50, roomSize: 50, sendsPerS: 20, payloadBytes: 128 },
  { clients: 100, roomSize: 100, sendsPerS: 60, payloadBytes: 128 },
  { clients: 50, roomSize: 50, sendsPerS: 100, payloadBytes: 128 },
  { clients: 300, roomSize: 300, sendsPerS: 20, payloadBytes: 1_024 },
  { clients: 1_000, roomSize: 1_000, sendsPerS: 2, payloadBytes: 128 },
  { clients: 1_000, roomSize: 1_000, sendsPerS: 10, payloadBytes: 128 },
];

/** CPU seconds that one unit of each kind of work costs the made-up transport. */
export const trueCosts: WorkPerS = {
  deliveries: 10e-6,
  polls: 50e-6,
  sends: 20e-6,
  payloadBytes: 4e-9,
  processes: 4e-3,
  clients: 5e-6,
};

/** Properties in which made-up transports differ. */
interface MadeUpTransport {
  /** Default: "made-up". */
  transport?: string;
  /** Polls of one client per second; none by default. */
  pollsPerS?: (deliveriesPerS: number) => number;
  /** Factor on its CPU; 1 by default. */
  noise?: () => number;
}

/**
 * Row of a made-up transport under a load. CPU follows `trueCosts`. Overhead is 10 B per delivery, 40 B per send and
 * 200 B each way per poll. TCP/IP headers are 50 B each way for each of these. Memory is 60 MiB plus 10 KiB per client.
 */
export function madeUpRow(
  { clients, roomSize, sendsPerS, payloadBytes }: MadeUpLoad,
  properties: MadeUpTransport = {},
  changes: Row = {},
): Row {
  const seconds = 10;
  const deliveries = sendsPerS * roomSize;
  const polls = clients * (properties.pollsPerS?.(deliveries / clients) ?? 0);
  const work: WorkPerS = {
    deliveries,
    polls,
    sends: sendsPerS,
    payloadBytes: (sendsPerS + deliveries) * payloadBytes,
    processes: 1,
    clients,
  };
  const cpuPerS = (Object.keys(work) as (keyof WorkPerS)[]).reduce(
    (sum, term) => sum + trueCosts[term] * work[term],
    0,
  );
  const noisyCpuPerS = cpuPerS * (properties.noise?.() ?? 1);
  return {
    ...testKeys,
    scenario: roomSize === 1 ? "echo" : "chat-1k",
    transport: properties.transport ?? "made-up",
    clients,
    rooms: clients / roomSize,
    senders: 10,
    payload_bytes: payloadBytes,
    offered_per_s: sendsPerS,
    duration_s: seconds,
    status: "valid",
    latency_p50_us: 1_000 + 10_000 * noisyCpuPerS,
    latency_p99_us: 4_000 + 10_000 * noisyCpuPerS,
    payload_bytes_in: sendsPerS * payloadBytes * seconds,
    payload_bytes_out: deliveries * payloadBytes * seconds,
    wire_bytes_in: (sendsPerS * (payloadBytes + 40) + 200 * polls) * seconds,
    wire_bytes_out: (deliveries * (payloadBytes + 10) + 200 * polls) * seconds,
    tcp_ip_bytes_per_delivery: (100 * (deliveries + sendsPerS + polls)) / deliveries,
    ...(polls > 0 && { polls_answered: polls * seconds, deliveries_per_poll: deliveries / polls }),
    server_cpu_percent: 100 * noisyCpuPerS,
    server_cpu_us_per_delivery: (1e6 * noisyCpuPerS) / deliveries,
    server_rss_mib: 60 + (clients * 10) / 1024,
    server_rss_baseline_mib: 60,
    server_rss_kib_per_client: 10,
    ...changes,
  };
}
