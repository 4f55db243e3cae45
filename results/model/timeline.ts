import type { RowKeys, SecondOfWindow } from "./measurement.ts";

/** One column of a timeline file. */
interface TimelineColumn {
  type: "text" | "number";
  /** Name of the column in files of older versions. */
  formerly?: string;
  meaning: string;
}

/** Every column of a timeline file, in order. `run_id` and `started_at` name the row that a point belongs to. */
export const timelineColumns = {
  run_id: { type: "text", meaning: "Run that the row belongs to." },
  started_at: { type: "text", meaning: "Start of the trial, UTC." },
  transport: { type: "text", meaning: "Name of the transport." },
  second: { type: "number", meaning: "Start of the second, in seconds from T0." },
  messages: { type: "number", meaning: "Messages due in this second, of clients that were connected." },
  fanout_p50_us: {
    type: "number",
    formerly: "last_receiver_p50_us",
    meaning: "Time until the last receiver of a message has it, median over these messages.",
  },
  fanout_max_us: { type: "number", formerly: "last_receiver_max_us", meaning: "Largest of these times." },
  server_cpu_percent: { type: "number", meaning: "CPU of the servers, in percent of one core." },
  server_rss_mib: { type: "number", meaning: "Resident memory of the servers at the end of the second." },
  server_loop_delay_max_ms: {
    type: "number",
    meaning: "Largest delay of a timer in a server's event loop.",
  },
  client_loop_delay_max_ms: { type: "number", meaning: "Largest delay of a timer in a worker's event loop." },
  dropped: { type: "number", meaning: "Clients whose connection ended in this second, before its time." },
} satisfies Record<string, TimelineColumn>;

/** One second of a trial: a line of a timeline file. Undefined is an empty cell. */
export type TimelinePoint = Partial<{
  [K in keyof typeof timelineColumns]: (typeof timelineColumns)[K]["type"] extends "number" ? number : string;
}>;

/** The timeline of a trial. */
export function timelinePoints(
  { run_id, started_at, transport }: RowKeys,
  seconds: readonly SecondOfWindow[],
): TimelinePoint[] {
  return seconds.map((each) => ({
    run_id,
    started_at,
    transport,
    second: each.fromS,
    messages: each.messages,
    ...(each.fanout && {
      fanout_p50_us: Math.round(each.fanout.p50Us),
      fanout_max_us: Math.round(each.fanout.maxUs),
    }),
    ...(each.serverCpuPercent !== undefined && { server_cpu_percent: round(each.serverCpuPercent, 1) }),
    ...(each.serverRssBytes !== undefined && { server_rss_mib: round(each.serverRssBytes / 2 ** 20, 1) }),
    ...(each.serverLoopDelayMaxUs !== undefined && {
      server_loop_delay_max_ms: round(each.serverLoopDelayMaxUs / 1000, 2),
    }),
    client_loop_delay_max_ms: round(each.clientLoopDelayMaxUs / 1000, 2),
    dropped: each.dropped,
  }));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
