import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { httpLoads, measureHttpThroughput, type HttpThroughput, type HttpLoad } from "./validation/http-throughput.ts";
import { parseDuration, parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main } from "./lib/cli.ts";

interface ResultRow {
  load: HttpLoad;
  result: HttpThroughput;
}

const tableColumns: TextColumn<ResultRow>[] = [
  { heading: "transport\n", value: ({ load }) => load.transport },
  { heading: "request\n", value: ({ load }) => load.title },
  { heading: "requests\n/s", number: true, value: ({ result }) => formatNumber(result.requestsPerS, 0) },
  { heading: "server\nus/request", number: true, value: ({ result }) => formatNumber(result.serverCpuUsPerRequest, 1) },
  { heading: "server\nCPU %", number: true, value: ({ result }) => formatNumber(result.serverCpuPercent, 0) },
  { heading: "client\nCPU %", number: true, value: ({ result }) => formatNumber(result.clientCpuPercent, 0) },
  { heading: "failed\n", number: true, value: ({ result }) => formatNumber(result.failed, 0) },
  { heading: "bottleneck\n", value: ({ result }) => result.bottleneck },
];

const legend = [
  "Closed loop: each connection sends its next request when the response arrives.",
  "CPU: percent of one core. Bottleneck autocannon: the server could do more.",
  "Bottleneck machine: the cores were shared, stop other programs. For latencies",
  "use npm run bench.",
].join("\n");

const command = commandNamed(
  "bench:http-throughput",
  "Measures the most requests per second that the servers of the HTTP transports respond to, with autocannon.",
)
  .option("--connections <n>", "in the closed loop", (v) => parseInteger("--connections", v, 1, 10_000), 100)
  .option("--duration <time>", "per request type", (v) => parseDuration("--duration", v), 5_000)
  .addHelpText(
    "after",
    "\nExamples:\n  npm run bench:http-throughput\n  npm run bench:http-throughput -- --connections 10 --duration 30s",
  );

await main(async () => {
  const { connections, duration: durationMs } = command.parse().opts<{ connections: number; duration: number }>();
  const signal = interruption();
  const rows: ResultRow[] = [];
  try {
    for (const load of httpLoads) {
      console.log(`${load.transport} ${load.title}: ${connections} connections for ${durationMs / 1000} s`);
      rows.push({ load, result: await measureHttpThroughput(load, { connections, durationMs }, signal) });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (rows.length > 0) console.log(`\n${textTable(tableColumns, rows)}\n\n${legend}`);
  }
  if (signal.aborted) return exitCodes.interrupted;
  return rows.some(({ result }) => result.failed > 0) ? exitCodes.rowFailed : exitCodes.done;
});
