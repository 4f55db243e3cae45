import type { RowKeys, SecondOfWindow } from "./measurement.ts";

/** One column of a timeline file. */
interface TimelineColumn {
  type: "text" | "number";
  /** The name of the column in files of older versions. Such a file is read as if it had the present name. */
  formerly?: string;
  meaning: string;
}

/** Every column of the file with a point a second, in order. `run_id` and `started_at` name the row that a point belongs to. */
export const timelineColumns = {
  run_id: { type: "text", meaning: "The run." },
  started_at: { type: "text", meaning: "When the trial began, UTC." },
  transport: { type: "text", meaning: "How the messages travelled." },
  second: { type: "number", meaning: "Seconds from T0 to the beginning of this point." },
  messages: { type: "number", meaning: "Messages due in it." },
  fanout_p50_us: {
    type: "number",
    formerly: "last_receiver_p50_us",
    meaning: "Until the last receiver of a message had it, median of these messages.",
  },
  fanout_max_us: { type: "number", formerly: "last_receiver_max_us", meaning: "The same, largest." },
  server_cpu_percent: { type: "number", meaning: "CPU of the servers, of one core." },
  server_rss_mib: { type: "number", meaning: "Resident memory of the servers at its end." },
  server_loop_delay_max_ms: {
    type: "number",
    meaning: "How late the latest server's event loop came round to a timer, at most.",
  },
  client_loop_delay_max_ms: { type: "number", meaning: "The same of the latest worker." },
} satisfies Record<string, TimelineColumn>;

/** One line of a timeline file. What is undefined is an empty cell. */
export type TimelinePoint = Partial<{
  [K in keyof typeof timelineColumns]: (typeof timelineColumns)[K]["type"] extends "number" ? number : string;
}>;

/** The points of a trial. */
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
  }));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
