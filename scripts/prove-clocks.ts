import { formatNumber, textTable, type TextColumn } from "../results/text/text-table.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { proveClocks, type ClockFinding, type KnownHost } from "./validation/clock-proof.ts";
import { startRedis } from "./validation/redis-server.ts";

const command = commandNamed(
  "prove:clocks",
  "Compares clocks whose difference is known, over a Redis server, and checks that each estimate is as good as it says (Linux, root).",
);

/** A clock of another host is any number of seconds away. Time namespaces have these on one machine. */
const hosts: readonly KnownHost[] = [
  { title: "b1", offsetUs: 12_345e6, ppm: 0 },
  { title: "b2", offsetUs: -777_000_123, ppm: 0 },
  { title: "b3, 50 ppm fast", offsetUs: 100e6, ppm: 50 },
];

const columns: readonly TextColumn<ClockFinding>[] = [
  { heading: "host\n", value: ({ title }) => title },
  { heading: "true offset\ns", number: true, value: ({ offsetUs }) => formatNumber(offsetUs / 1e6, 6) },
  { heading: "drift\nppm", number: true, value: ({ ppm }) => formatNumber(ppm, 1) },
  { heading: "found\nppm", number: true, value: ({ estimatedPpm }) => formatNumber(estimatedPpm, 1) },
  { heading: "wrong by\nus", number: true, value: ({ mistakeUs }) => formatNumber(mistakeUs, 1) },
  { heading: "at most\nus", number: true, value: ({ errorUs }) => formatNumber(errorUs, 1) },
  { heading: "holds\n", value: ({ holds }) => (holds ? "yes" : "NO") },
];

await main(async () => {
  command.parse();
  const redis = await startRedis();
  try {
    const findings = await proveClocks(redis, hosts, 15_000);
    console.log(textTable(columns, findings));
    return findings.every(({ holds }) => holds) ? exitCodes.done : exitCodes.rowFailed;
  } finally {
    await redis.stop();
  }
});
