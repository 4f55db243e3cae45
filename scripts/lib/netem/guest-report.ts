import type { PathCounts } from "../../../scenarios/system/path-scheduler.ts";

/** What `ping` saw of a path, and what the path counted. */
export interface PingReport {
  /** The conditions as --network takes them. */
  text: string;
  sent: number;
  back: number;
  shortestMs: number;
  meanMs: number;
  counted: Pick<PathCounts, "offered" | "lost" | "dropped">;
}

/** A line that the virtual machine prints. `rows` is the CSV of the bench. */
export type GuestReport =
  | { kind: "ping"; ping: PingReport }
  | { kind: "rows"; csv: string }
  | { kind: "failed"; reason: string };

/** Begin of such a line, so that it is told from those of other programs. */
export const guestMark = "@netem ";

/** The paths that `ping` looks at: near, far, lossy and narrow. Each costs the virtual machine some seconds. */
export const observedNetworks: readonly string[] = [
  "rtt=20ms",
  "rtt=20ms,loss=1%,rate=1mbit",
  "rtt=80ms,loss=1%",
  "rtt=80ms,rate=1mbit",
  "rtt=80ms,jitter=10ms,loss=5%",
  "rtt=200ms",
  "rtt=200ms,loss=1%,rate=1mbit",
];

/** The transports of the rows. */
export const benchTransports: readonly string[] = ["ws", "udp", "long-poll"];

/** The network of the rows. */
export const benchNetwork = "rtt=80ms,jitter=10ms,loss=1%";

/** The report in a line of the console. Undefined for the lines of others. */
export function parseGuestLine(line: string): GuestReport | undefined {
  const at = line.indexOf(guestMark);
  return at < 0 ? undefined : (JSON.parse(line.slice(at + guestMark.length)) as GuestReport);
}
