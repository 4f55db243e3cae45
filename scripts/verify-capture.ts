import { isDeepStrictEqual } from "node:util";
import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { captureSession, type CaptureComparison } from "./validation/captured-session.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { capturePort } from "./lib/interop/tshark.ts";
import { withTlsSuffix, standardTransports } from "../scenarios/transports/load-transport.ts";

const command = commandNamed(
  "verify:capture",
  "Checks with tshark that the bytes a server counts are those on the wire, and shows the TCP/IP beneath.",
)
  .option("--tls", "every transport over TLS 1.3")
  .option("--messages <n>", "messages each way", (v) => parseInteger("--messages", v, 1, 10_000), 50);

interface ComparisonRow extends CaptureComparison {
  name: string;
}

const tableColumns: TextColumn<ComparisonRow>[] = [
  { heading: "\ntransport", value: ({ name }) => name },
  { heading: "in:\ncounted", number: true, value: ({ counted }) => formatNumber(counted.in, 0) },
  { heading: "\ncaptured", number: true, value: ({ captured }) => formatNumber(captured.in, 0) },
  { heading: "out:\ncounted", number: true, value: ({ counted }) => formatNumber(counted.out, 0) },
  { heading: "\ncaptured", number: true, value: ({ captured }) => formatNumber(captured.out, 0) },
  { heading: "a send:\nsegs", number: true, value: ({ sends }) => formatNumber(sends.segmentsPerMessage, 2) },
  { heading: "\nB", number: true, value: ({ sends }) => formatNumber(sends.headerBytesPerMessage, 0) },
  { heading: "a dlv:\nsegs", number: true, value: ({ deliveries }) => formatNumber(deliveries.segmentsPerMessage, 2) },
  { heading: "\nB", number: true, value: ({ deliveries }) => formatNumber(deliveries.headerBytesPerMessage, 0) },
  { heading: "\nok", value: (line) => (isEqual(line) ? "ok" : "NO") },
];

const legend = [
  "In, out: bytes on the TCP streams, from clients and to them, connecting and all.",
  "Segs, B: TCP segments and bytes of TCP/IP headers, acknowledgements included,",
  "per message sent and per delivery (dlv), 92 bytes each, one at a time.",
].join("\n");

await main(async () => {
  const { messages, tls } = command.parse().opts<{ messages: number; tls?: true }>();
  const lines = await Promise.all(
    standardTransports()
      .map((name) => (tls ? withTlsSuffix(name) : name))
      .map(async (name) => ({ name, ...(await captureSession(name, messages, capturePort)) })),
  );
  const equal = lines.filter(isEqual).length;
  console.log(`${textTable(tableColumns, lines)}\n\n${legend}\n${equal} of ${lines.length} equal`);
  return equal === lines.length ? exitCodes.done : exitCodes.rowFailed;
});

function isEqual({ counted, captured }: CaptureComparison): boolean {
  return isDeepStrictEqual(counted, captured);
}
