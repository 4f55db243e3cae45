import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { claimBlocks, claimLines, type ClaimLine } from "./validation/header-claim.ts";
import { proveMessages } from "./wire-bytes/prove.ts";
import type { ProofCase } from "./wire-bytes/send-one.ts";
import { trafficOverheadBytes } from "./wire-bytes/compare-traffic.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";

const command = commandNamed(
  "claim",
  "Repeats the classic claim for WebSocket against polling, then with headers measured and TCP/IP counted.",
);

/** The message whose headers are measured: as small as a stamp. */
const message: ProofCase = { direction: "delivery", kind: "text", payloadBytes: 16 };

const legend = "One message a second to each client; Mbps are 2^20 bits per second.";

const shown: TextColumn<ClaimLine>[] = [
  { heading: "headers", value: ({ block }) => block },
  { heading: "clients", number: true, value: ({ clients }) => formatNumber(clients, 0) },
  { heading: "polling Mbps", number: true, value: ({ pollMbps }) => mbps(pollMbps) },
  { heading: "WebSocket Mbps", number: true, value: ({ frameMbps }) => mbps(frameMbps) },
  { heading: "ratio", number: true, value: (line) => `${line.ratio}:1` },
];

await main(async () => {
  command.parse();
  const [pollBytes, frameBytes] = await Promise.all([headersOf("short-poll"), headersOf("ws")]);
  const all = claimBlocks({ pollBytes, frameBytes });
  const sentences = all.map(({ says }) => says);
  console.log(`${textTable(shown, all.flatMap(claimLines))}\n\n${sentences.join("\n")}\n${legend}`);
  return exitCodes.done;
});

async function headersOf(transport: string): Promise<number> {
  const [proof] = await proveMessages(transport, [message]);
  return trafficOverheadBytes(proof!.measured);
}

/** With as many digits as the claim was made with. */
function mbps(value: number): string {
  return formatNumber(value, value < 2 ? 3 : value < 10 ? 1 : 0);
}
