import { dirname } from "node:path";
import type { Row } from "../results/model/columns.ts";
import { parseNetworks, type Network } from "../scenarios/definitions/network.ts";
import { resolveSettings } from "../scenarios/definitions/settings.ts";
import { parseDuration, parseInteger } from "../scenarios/lib/parse-units.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { chooseBackend } from "../scenarios/system/network-backends.ts";
import { planProcessesFor } from "./lib/bench/run-plan.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { measureRows, type TrialCell } from "./lib/measure-rows.ts";
import { missingRows, withRowFlags, type RowFlags, type WantedRows } from "./lib/missing-rows.ts";
import { assertFree, makeFolder, writeText } from "./lib/result-files.ts";
import {
  cellOfNetworkRow,
  networkCellName,
  readNetworkRows,
  tableNetworks,
  tableTransports,
  type TableNetwork,
} from "./validation/network/network-rows.ts";
import { networkTable } from "./validation/network/network-table.ts";
import { networkTableText } from "./validation/network/network-text.ts";

interface Flags extends RowFlags {
  rows: number;
  duration: number;
}

/** Clients that a server pushes to, and messages per second to all of them. */
const load = { clients: 30, ratePerS: 5, payloadBytes: 128, payloadKind: "text", warmupMs: 3_000 } as const;

const command = withRowFlags(
  commandNamed(
    "prove:network",
    "Measures what distance and loss do to ten transports, and checks what is said of them.",
  )
    .option("--rows <n>", "rows of each transport in each network", (v) => parseInteger("--rows", v, 0, 1_000), 4)
    .option("--duration <time>", "window of a row", (v) => parseDuration("--duration", v), 30_000),
  "results/runs/network.ndjson",
  "table",
).addHelpText("after", "\nExamples:\n  npm run prove:network\n  npm run prove:network -- --rows 1 --duration 10s");

await main(async () => {
  const flags = command.parse().opts<Flags>();
  const path = userPath(flags.file);
  if (flags.out !== undefined) assertFree(userPath(flags.out), flags.force ?? false);
  const rows = readNetworkRows(path);
  makeFolder(dirname(path), "--file");
  const missing = missingRows(
    await wantedCells(flags),
    rows.flatMap((row) => cellOfNetworkRow(row) ?? []),
  );
  const nameOf = ({ transport, network }: Row): string => `${transport} ${network}`;
  const interrupted = await measureRows(missing, flags.timeLimit, { path, rows, nameOf });
  const table = networkTable(rows.filter((row) => row.duration_s === flags.duration / 1000));
  console.log(`\n${networkTableText(table)}`);
  if (flags.out !== undefined) writeText(userPath(flags.out), `${JSON.stringify(table, undefined, 2)}\n`, flags.force);
  return interrupted ? exitCodes.interrupted : exitCodes.done;
});

/** Every transport in every network, with the rows that are wanted of it. */
async function wantedCells({ rows, duration }: Flags): Promise<WantedRows<TrialCell>[]> {
  if (rows === 0) return [];
  const found: WantedRows<TrialCell>[] = [];
  for (const [name, text] of Object.entries(tableNetworks)) {
    const network = await networkOf(text);
    for (const transport of tableTransports) {
      const settings = resolveSettings("ticker", scenarios.ticker, { ...load, durationMs: duration, network });
      const cell = { transport, settings: { ...settings, ...(await planProcessesFor(transport, settings)) } };
      found.push({ cell, name: networkCellName(transport, name as TableNetwork, duration / 1000), wanted: rows });
    }
  }
  return found;
}

/** A network with what makes it here. Throws a UserError where nothing can. */
async function networkOf(text: string): Promise<Network> {
  const network = parseNetworks("--network", text)[0]!;
  return { ...network, by: await chooseBackend(network.conditions, undefined) };
}
