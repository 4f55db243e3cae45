import { dirname } from "node:path";
import { Option } from "commander";
import type { Row } from "../results/model/columns.ts";
import { resolveSettings } from "../scenarios/definitions/settings.ts";
import { didYouMean, UserError } from "../scenarios/lib/errors.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { assertFaultFits } from "./lib/bench/faults.ts";
import { planProcessesFor } from "./lib/bench/run-plan.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { measureRows, type TrialCell } from "./lib/measure-rows.ts";
import { missingRows, withRowFlags, type RowFlags, type WantedRows } from "./lib/missing-rows.ts";
import { assertFree, makeFolder, writeText } from "./lib/result-files.ts";
import { proofOfFaults } from "./validation/faults/fault-cells.ts";
import {
  caseOfRow,
  cellOfFaultRow,
  faultCaseNames,
  faultCases,
  faultCellName,
  faultTransports,
  readFaultRows,
  type FaultCase,
  type FaultCaseName,
} from "./validation/faults/fault-rows.ts";
import { faultProofText } from "./validation/faults/fault-text.ts";

interface Flags extends RowFlags {
  rows: number;
  transports: string[];
  faults: FaultCaseName[];
}

const listOf = (text: string): string[] => text.split(",").map((each) => each.trim());

const command = withRowFlags(
  commandNamed(
    "prove:faults",
    "Measures who notices that a connection breaks, who is back when, and what is missed, over many transports.",
  )
    .option("--rows <n>", "rows of each transport with each fault", (v) => parseInteger("--rows", v, 0, 1_000), 1)
    .addOption(
      new Option("--transports <names>", "the transports to compare").argParser(listOf).default(faultTransports),
    )
    .addOption(new Option("--faults <names>", "what breaks").argParser(parseFaultCases).default(faultCaseNames)),
  "results/runs/faults.ndjson",
  "table",
).addHelpText(
  "after",
  "\nExamples:\n  npm run prove:faults\n  npm run prove:faults -- --transports ws,long-poll --faults cut,restart",
);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  const path = userPath(flags.file);
  if (flags.out !== undefined) assertFree(userPath(flags.out), flags.force ?? false);
  const rows = readFaultRows(path);
  makeFolder(dirname(path), "--file");
  const missing = missingRows(
    await wantedCells(flags),
    rows.flatMap((row) => cellOfFaultRow(row) ?? []),
  );
  const nameOf = (row: Row): string => `${row.transport} ${caseOfRow(row) ?? row.fault}`;
  const interrupted = await measureRows(missing, flags.timeLimit, { path, rows, nameOf });
  const proof = proofOfFaults(rows);
  console.log(`\n${faultProofText(proof)}`);
  if (flags.out !== undefined) writeText(userPath(flags.out), `${JSON.stringify(proof, undefined, 2)}\n`, flags.force);
  return interrupted ? exitCodes.interrupted : exitCodes.done;
});

function parseFaultCases(text: string): FaultCaseName[] {
  return listOf(text).map((name) => {
    const known = faultCaseNames.find((each) => each === name);
    if (known === undefined)
      throw new UserError(`--faults "${name}" is none of these.${didYouMean(name, faultCaseNames)}`);
    return known;
  });
}

/** Every transport with every fault, with the rows that are wanted of it. Throws a UserError where one cannot be. */
async function wantedCells({ rows, transports, faults }: Flags): Promise<WantedRows<TrialCell>[]> {
  if (rows === 0) return [];
  const found: WantedRows<TrialCell>[] = [];
  for (const name of faults) {
    const { scenario, heartbeatMs }: FaultCase = faultCases[name];
    const overrides = heartbeatMs === undefined ? {} : { heartbeatMs };
    for (const transport of transports) {
      const settings = resolveSettings(scenario, scenarios[scenario], overrides);
      await assertFaultFits([{ transport }], settings, {});
      const cell = { transport, settings: { ...settings, ...(await planProcessesFor(transport, settings)) } };
      found.push({ cell, name: faultCellName(transport, name), wanted: rows });
    }
  }
  return found;
}
