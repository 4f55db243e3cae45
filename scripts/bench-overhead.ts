import { measureOverhead } from "./validation/harness-overhead.ts";
import { parseDuration } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";

const command = commandNamed(
  "floor",
  "Measures the harness alone: what scheduling, stamping and recording add to latency and CPU, without a transport.",
).option("--duration <time>", "per rate", (value) => parseDuration("--duration", value), 3_000);

const cases = [100, 1_000, 10_000].flatMap((rate) => [
  { rate, precise: false },
  { rate, precise: true },
]);

await main(async () => {
  const { duration: durationMs } = command.parse().opts<{ duration: number }>();
  console.log("messages/s  pacing   latency p50  p99       CPU per message  of a core");
  for (const { rate, precise } of cases) {
    const { latencyP50Us, latencyP99Us, cpuUsPerMessage, cpuPercent } = await measureOverhead(
      rate,
      precise,
      durationMs,
    );
    const cells = [
      rate.toLocaleString("en").padEnd(11),
      (precise ? "precise" : "timer").padEnd(8),
      `${latencyP50Us} us`.padEnd(12),
      `${latencyP99Us} us`.padEnd(9),
      `${cpuUsPerMessage.toFixed(1)} us`.padEnd(16),
      `${cpuPercent.toFixed(1)} %`,
    ];
    console.log(cells.join(" "));
  }
  console.log("\nPrecise pacing spins before each due time: its CPU is the price of the latency beside it.");
  return exitCodes.done;
});
