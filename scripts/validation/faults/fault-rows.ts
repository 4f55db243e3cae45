import type { Row } from "../../../results/model/columns.ts";
import { countsInSummary } from "../../../results/rows/summary.ts";
import { readJsonLines } from "../../lib/json-lines.ts";

/** One thing that breaks: a scenario with a fault, and the time between heartbeats where it is not the transport's own. */
export interface FaultCase {
  scenario: "cut" | "outage-5s" | "restart" | "half-open" | "asleep";
  title: string;
  heartbeatMs?: number;
}

/** What breaks in the table, by the name of the option, in its order. */
export const faultCases = {
  cut: { scenario: "cut", title: "Connections are cut" },
  outage: { scenario: "outage-5s", title: "No network for 5 s, usual heartbeats" },
  "outage-2s": { scenario: "outage-5s", title: "No network for 5 s, a heartbeat every 2 s", heartbeatMs: 2_000 },
  restart: { scenario: "restart", title: "The server closes and starts again" },
  "half-open": { scenario: "half-open", title: "Nothing reaches the clients for 60 s" },
  asleep: { scenario: "asleep", title: "Clients sleep for 10 s" },
} as const satisfies Record<string, FaultCase>;

/** Name of what breaks. */
export type FaultCaseName = keyof typeof faultCases;

/** Every name of what breaks. */
export const faultCaseNames = Object.keys(faultCases) as FaultCaseName[];

/** The transports that are compared where nothing else is said, in the order of the table. */
export const faultTransports = [
  "tcp",
  "ws",
  "ws+tls",
  "sse",
  "http-stream",
  "h2-sse",
  "socket.io",
  "socket.io-default",
  "socket.io-recovery",
  "mqtt",
  "mqtt-qos1",
  "mqtt-session",
  "grpc",
  "long-poll",
  "short-poll",
];

/** What rows have in common that are repeats of one another: `ws cut`. */
export function faultCellName(transport: string, name: FaultCaseName): string {
  return `${transport} ${name}`;
}

/** What broke in the trial of a row; undefined where it is none of the table. */
export function caseOfRow(row: Row): FaultCaseName | undefined {
  return faultCaseNames.find((name) => {
    const { scenario, heartbeatMs }: FaultCase = faultCases[name];
    const others = faultCaseNames
      .map((other): FaultCase => faultCases[other])
      .filter((each) => each.scenario === scenario);
    const isOf = (ms: number | undefined): boolean => ms !== undefined && row.heartbeat === `${ms / 1000}s`;
    if (row.scenario !== scenario) return false;
    return heartbeatMs === undefined ? !others.some((other) => isOf(other.heartbeatMs)) : isOf(heartbeatMs);
  });
}

/** The cell of a row; undefined for a row that does not count, and so is to be measured again. */
export function cellOfFaultRow(row: Row): string | undefined {
  const name = caseOfRow(row);
  return name === undefined || !countsInSummary(row) ? undefined : faultCellName(row.transport!, name);
}

/** The rows of a file of one JSON object per line. Throws a UserError where it is no such file. */
export function readFaultRows(path: string): Row[] {
  return readJsonLines(path, "row of prove:faults", ["transport", "fault", "status"]);
}
