import { measureOverhead } from "./validation/harness-overhead.ts";
import { parseDuration } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";

const command = commandNamed(
  "bench:overhead",
  "Measures the harness without a transport: latency and CPU of scheduling, stamping and recording.",
)
  .option("--duration <time>", "per rate", (value) => parseDuration("--duration", value), 3_000)
  .addHelpText("after", "\nExamples:\n  npm run bench:overhead\n  npm run bench:overhead -- --duration 10s");

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
  console.log("\nPrecise pacing spins before each due time: it lowers latency and costs CPU.");
  return exitCodes.done;
});
