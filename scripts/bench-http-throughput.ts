import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { httpLoads, measureHttpThroughput, type HttpThroughput, type HttpLoad } from "./validation/http-throughput.ts";
import { parseDuration, parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main } from "./lib/cli.ts";

interface ResultRow {
  load: HttpLoad;
  found: HttpThroughput;
}

const tableColumns: TextColumn<ResultRow>[] = [
  { heading: "transport\n", value: ({ load }) => load.transport },
  { heading: "request\n", value: ({ load }) => load.title },
  { heading: "requests\n/s", number: true, value: ({ found }) => formatNumber(found.requestsPerS, 0) },
  { heading: "server\nus/request", number: true, value: ({ found }) => formatNumber(found.serverCpuUsPerRequest, 1) },
  { heading: "server\nCPU %", number: true, value: ({ found }) => formatNumber(found.serverCpuPercent, 0) },
  { heading: "client\nCPU %", number: true, value: ({ found }) => formatNumber(found.clientCpuPercent, 0) },
  { heading: "refused\n", number: true, value: ({ found }) => formatNumber(found.refused, 0) },
  { heading: "limited by\n", value: ({ found }) => found.limitedBy },
];

const legend = [
  "Closed loop: each connection asks again as soon as it is answered. CPU: of one",
  "core. Limited by autocannon: the server could do more. Limited by the machine:",
  "the cores were shared, stop other programs. For latencies: npm run bench.",
].join("\n");

const command = commandNamed(
  "ceiling",
  "Asks for as much as the HTTP transports' servers can answer, with autocannon: requests per second, CPU.",
)
  .option("--connections <n>", "that ask at once", (v) => parseInteger("--connections", v, 1, 10_000), 100)
  .option("--duration <time>", "of each measurement: 5s", (v) => parseDuration("--duration", v), 5_000)
  .addHelpText("after", "\nExamples:\n  npm run ceiling\n  npm run ceiling -- --connections 10 --duration 30s");

await main(async () => {
  const { connections, duration: durationMs } = command.parse().opts<{ connections: number; duration: number }>();
  const signal = interruption();
  const lines: ResultRow[] = [];
  try {
    for (const load of httpLoads) {
      console.log(`${load.transport} ${load.title}: ${connections} connections for ${durationMs / 1000} s`);
      lines.push({ load, found: await measureHttpThroughput(load, { connections, durationMs }, signal) });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (lines.length > 0) console.log(`\n${textTable(tableColumns, lines)}\n\n${legend}`);
  }
  if (signal.aborted) return exitCodes.interrupted;
  return lines.some(({ found }) => found.refused > 0) ? exitCodes.rowFailed : exitCodes.done;
});
