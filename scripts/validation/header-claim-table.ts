import { formatNumber, textTable, type TextColumn } from "../../results/text/text-table.ts";
import { trafficOverheadBytes } from "../wire-bytes/compare-traffic.ts";
import { proveMessages } from "../wire-bytes/prove.ts";
import type { ProofCase } from "../wire-bytes/send-one.ts";
import { headerComparisons, headerTrafficRows, type HeaderSizes, type HeaderTrafficRow } from "./header-claim.ts";

/** The message whose headers are measured. Its payload is the smallest that a message can have. */
const message: ProofCase = { direction: "delivery", kind: "text", payloadBytes: 16 };

const legend = "One message a second to each client. 1 Mbps is 2^20 bits per second.";

const shown: TextColumn<HeaderTrafficRow>[] = [
  { heading: "headers", value: ({ comparison }) => comparison },
  { heading: "clients", number: true, value: ({ clients }) => formatNumber(clients, 0) },
  { heading: "polling Mbps", number: true, value: ({ pollMbps }) => formatMbps(pollMbps) },
  { heading: "WebSocket Mbps", number: true, value: ({ frameMbps }) => formatMbps(frameMbps) },
  { heading: "ratio", number: true, value: ({ ratio }) => `${ratio}:1` },
];

/** Header sizes of this project's short polling and WebSocket, measured on their sockets. */
export async function measureHeaders(): Promise<HeaderSizes> {
  const [pollBytes, frameBytes] = await Promise.all([headersOf("short-poll"), headersOf("ws")]);
  return { pollBytes, frameBytes };
}

async function headersOf(transport: string): Promise<number> {
  const [proof] = await proveMessages(transport, [message]);
  return trafficOverheadBytes(proof!.measured);
}

/** The claimed and the measured headers as a table and sentences, in lines of at most 80 columns. */
export function headerClaimText(measured: HeaderSizes): string {
  const comparisons = headerComparisons(measured);
  const sentences = comparisons.map(({ sentence }) => sentence);
  return `${textTable(shown, comparisons.flatMap(headerTrafficRows))}\n\n${sentences.join("\n")}\n${legend}`;
}

/** As many digits as the claim has. */
function formatMbps(value: number): string {
  return formatNumber(value, value < 2 ? 3 : value < 10 ? 1 : 0);
}
