import { grid, number, type Shown } from "../results/text/text-table.ts";
import { loads, measureCeiling, type Ceiling, type Load } from "./validation/http-throughput.ts";
import { duration, whole } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main } from "./lib/cli.ts";

interface Line {
  load: Load;
  found: Ceiling;
}

const shown: Shown<Line>[] = [
  { heading: "transport\n", value: ({ load }) => load.transport },
  { heading: "request\n", value: ({ load }) => load.title },
  { heading: "requests\n/s", number: true, value: ({ found }) => number(found.requestsPerS, 0) },
  { heading: "server\nus/request", number: true, value: ({ found }) => number(found.serverCpuUsPerRequest, 1) },
  { heading: "server\nCPU %", number: true, value: ({ found }) => number(found.serverCpuPercent, 0) },
  { heading: "client\nCPU %", number: true, value: ({ found }) => number(found.clientCpuPercent, 0) },
  { heading: "refused\n", number: true, value: ({ found }) => number(found.refused, 0) },
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
  .option("--connections <n>", "that ask at once", (v) => whole("--connections", v, 1, 10_000), 100)
  .option("--duration <time>", "of each measurement: 5s", (v) => duration("--duration", v), 5_000)
  .addHelpText("after", "\nExamples:\n  npm run ceiling\n  npm run ceiling -- --connections 10 --duration 30s");

await main(async () => {
  const { connections, duration: durationMs } = command.parse().opts<{ connections: number; duration: number }>();
  const signal = interruption();
  const lines: Line[] = [];
  try {
    for (const load of loads) {
      console.log(`${load.transport} ${load.title}: ${connections} connections for ${durationMs / 1000} s`);
      lines.push({ load, found: await measureCeiling(load, { connections, durationMs }, signal) });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (lines.length > 0) console.log(`\n${grid(shown, lines)}\n\n${legend}`);
  }
  if (signal.aborted) return exitCodes.interrupted;
  return lines.some(({ found }) => found.refused > 0) ? exitCodes.rowFailed : exitCodes.done;
});
