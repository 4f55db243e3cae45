import { isDeepStrictEqual } from "node:util";
import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { captureSession, type CaptureComparison } from "./validation/captured-session.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { capturePort } from "./lib/interop/tshark.ts";
import { withTlsSuffix, standardTransports } from "../scenarios/transports/load-transport.ts";

const command = commandNamed(
  "verify:capture",
  "Compares the bytes that a server counts with a packet capture by tshark, and shows the cost of TCP/IP.",
)
  .option("--tls", "every transport over TLS 1.3")
  .option("--messages <n>", "messages in each direction", (v) => parseInteger("--messages", v, 1, 10_000), 50)
  .addHelpText("after", "\nExamples:\n  npm run verify:capture\n  npm run verify:capture -- --tls --messages 10");

interface ComparisonRow extends CaptureComparison {
  name: string;
}

const tableColumns: TextColumn<ComparisonRow>[] = [
  { heading: "\ntransport", value: ({ name }) => name },
  { heading: "in:\ncounted", number: true, value: ({ counted }) => formatNumber(counted.in, 0) },
  { heading: "\ncaptured", number: true, value: ({ captured }) => formatNumber(captured.in, 0) },
  { heading: "out:\ncounted", number: true, value: ({ counted }) => formatNumber(counted.out, 0) },
  { heading: "\ncaptured", number: true, value: ({ captured }) => formatNumber(captured.out, 0) },
  { heading: "per send:\nsegs", number: true, value: ({ sends }) => formatNumber(sends.segmentsPerMessage, 2) },
  { heading: "\nB", number: true, value: ({ sends }) => formatNumber(sends.headerBytesPerMessage, 0) },
  {
    heading: "per dlv:\nsegs",
    number: true,
    value: ({ deliveries }) => formatNumber(deliveries.segmentsPerMessage, 2),
  },
  { heading: "\nB", number: true, value: ({ deliveries }) => formatNumber(deliveries.headerBytesPerMessage, 0) },
  { heading: "\nequal", value: (row) => (isEqual(row) ? "yes" : "NO") },
];

const legend = [
  "In, out: bytes on the TCP streams, from clients and to them, of a full session.",
  "Segs, B: TCP segments and bytes of TCP/IP headers, acknowledgements included,",
  "per message sent and per delivery (dlv), of 92 bytes each, one at a time.",
].join("\n");

await main(async () => {
  const { messages, tls } = command.parse().opts<{ messages: number; tls?: true }>();
  const rows = await Promise.all(
    standardTransports()
      .map((name) => (tls ? withTlsSuffix(name) : name))
      .map(async (name) => ({ name, ...(await captureSession(name, messages, capturePort)) })),
  );
  const equal = rows.filter(isEqual).length;
  console.log(`${textTable(tableColumns, rows)}\n\n${legend}\n${equal} of ${rows.length} equal`);
  return equal === rows.length ? exitCodes.done : exitCodes.rowFailed;
});

function isEqual({ counted, captured }: CaptureComparison): boolean {
  return isDeepStrictEqual(counted, captured);
}
