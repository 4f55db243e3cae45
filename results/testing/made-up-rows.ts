import type { Row } from "../model/columns.ts";
import { testKeys } from "./measurement.ts";
import type { WorkPerS } from "../sizing/cost-fit.ts";

/** A load that a made-up transport is put under: rooms of so many clients, so many messages a second in all. */
export interface MadeUpLoad {
  clients: number;
  room: number;
  perS: number;
  payloadBytes: number;
}

/** Loads that vary clients, sends, deliveries and bytes on their own, as those of a sweep do. */
export const sweep: MadeUpLoad[] = [
  { clients: 100, room: 1, perS: 200, payloadBytes: 128 },
  { clients: 1_000, room: 1, perS: 300, payloadBytes: 128 },
  { clients: 100, room: 1, perS: 1_000, payloadBytes: 128 },
  { clients: 300, room: 1, perS: 500, payloadBytes: 1_024 },
  { clients: 50, room: 50, perS: 20, payloadBytes: 128 },
  { clients: 100, room: 100, perS: 60, payloadBytes: 128 },
  { clients: 50, room: 50, perS: 100, payloadBytes: 128 },
  { clients: 300, room: 300, perS: 20, payloadBytes: 1_024 },
  { clients: 1_000, room: 1_000, perS: 2, payloadBytes: 128 },
  { clients: 1_000, room: 1_000, perS: 10, payloadBytes: 128 },
];

/** CPU seconds that each of these costs the made-up transport. */
export const truth: WorkPerS = {
  deliveries: 10e-6,
  exchanges: 50e-6,
  sends: 20e-6,
  payloadBytes: 4e-9,
  processes: 4e-3,
  clients: 5e-6,
};

/** What makes a made-up transport another one. */
interface Nature {
  transport?: string;
  /** Asks of a client a second; none where it is not given. */
  asksPerS?: (deliveriesPerS: number) => number;
  /** What its CPU is multiplied by. */
  noise?: () => number;
}

/**
 * The row that a made-up transport has under a load: CPU as `truth` says, 10 B of overhead a delivery, 40 B a send and 200 B each way an
 * exchange, 50 B of TCP/IP headers each way of each, 60 MiB and 10 KiB a client.
 */
export function madeUpRows(
  { clients, room, perS, payloadBytes }: MadeUpLoad,
  nature: Nature = {},
  changes: Row = {},
): Row {
  const seconds = 10;
  const deliveries = perS * room;
  const exchanges = clients * (nature.asksPerS?.(deliveries / clients) ?? 0);
  const work: WorkPerS = {
    deliveries,
    exchanges,
    sends: perS,
    payloadBytes: (perS + deliveries) * payloadBytes,
    processes: 1,
    clients,
  };
  const cpuPerS = (Object.keys(work) as (keyof WorkPerS)[]).reduce((sum, term) => sum + truth[term] * work[term], 0);
  const noisy = cpuPerS * (nature.noise?.() ?? 1);
  return {
    ...testKeys,
    scenario: room === 1 ? "echo" : "chat-1k",
    transport: nature.transport ?? "made-up",
    clients,
    rooms: clients / room,
    senders: 10,
    payload_bytes: payloadBytes,
    offered_per_s: perS,
    duration_s: seconds,
    status: "valid",
    latency_p50_us: 1_000 + 10_000 * noisy,
    latency_p99_us: 4_000 + 10_000 * noisy,
    payload_bytes_in: perS * payloadBytes * seconds,
    payload_bytes_out: deliveries * payloadBytes * seconds,
    wire_bytes_in: (perS * (payloadBytes + 40) + 200 * exchanges) * seconds,
    wire_bytes_out: (deliveries * (payloadBytes + 10) + 200 * exchanges) * seconds,
    tcp_ip_bytes_per_delivery: (100 * (deliveries + perS + exchanges)) / deliveries,
    ...(exchanges > 0 && { polls_answered: exchanges * seconds, deliveries_per_poll: deliveries / exchanges }),
    server_cpu_percent: 100 * noisy,
    server_cpu_us_per_delivery: (1e6 * noisy) / deliveries,
    server_rss_mib: 60 + (clients * 10) / 1024,
    server_rss_baseline_mib: 60,
    server_rss_kib_per_client: 10,
    ...changes,
  };
}
