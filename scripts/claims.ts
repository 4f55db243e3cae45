import { checkClaims } from "../results/claims/check.ts";
import { claims, identifyingColumns, type ClaimSide } from "../results/claims/claims.ts";
import { claimsText } from "../results/claims/format.ts";
import type { Row } from "../results/model/columns.ts";
import { readResults } from "../results/files/read.ts";
import { assertSupports } from "../scenarios/definitions/compatibility.ts";
import { describeRun, newRunContext } from "../scenarios/runner/run-metadata.ts";
import { findLimits } from "../scenarios/system/limits.ts";
import { planProcesses } from "../scenarios/capacity/process-plan.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { interleave, resolveSettings, type SettingsOverrides, type Trial } from "../scenarios/definitions/settings.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { defaultPath, openOutput } from "./lib/result-files.ts";
import { runTrials } from "./lib/run-trials.ts";
import { writeSummary } from "./lib/summary-file.ts";
import { loadTransport, transportLabel } from "../scenarios/transports/load-transport.ts";

interface Flags {
  from?: string;
  repeat: number;
  out?: string;
  force?: true;
}

const examples = ["npm run claims", "npm run claims -- --from results/reference/claims.csv"];

const command = commandNamed(
  "claims",
  "Measures what tutorials claim of transports: each sentence as a ratio of two trials.",
)
  .option("--from <file>", "only tell what a CSV has to say of each claim")
  .option("--repeat <n>", "how often each trial is run", (v) => parseInteger("--repeat", v, 1, 1_000), 4)
  .option("--out <file>", "the CSV (default: results/runs/<time>-claims.csv)")
  .option("--force", "overwrite it")
  .addHelpText("after", () => `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (flags.from !== undefined) {
    console.log(claimsText(checkClaims((await readResults(userPath(flags.from))).rows)));
    return exitCodes.done;
  }
  return measure(flags);
});

/** Runs the trials of every claim, repeats interleaved, and tells what they show. Returns the exit code. */
async function measure(flags: Flags): Promise<number> {
  const sides = await Promise.all(
    distinct(claims.flatMap(({ expectedHigher, expectedLower }) => [expectedHigher, expectedLower])).map(trialOf),
  );
  const trials = interleave(sides, flags.repeat, 1);

  const place = newRunContext();
  const signal = interruption();
  const path = flags.out === undefined ? defaultPath(place.runId, "claims") : userPath(flags.out);
  const output = openOutput(path, await describeRun(place, process.argv.slice(2), trials), flags.force ?? false);
  const rows: Row[] = [];
  try {
    const jobs = trials.map((trial) => ({ label: labelOf(trial), trial }));
    await runTrials(jobs, place, output, signal, rows);
  } finally {
    output.close();
    if (rows.length > 0) console.log(`\n${claimsText(checkClaims(rows))}\n\nRows: ${rows.length} in ${path}`);
  }
  writeSummary(path, rows, flags.force ?? false);
  if (signal.aborted) return exitCodes.interrupted;
  return rows.some(({ status }) => status === "failed") ? exitCodes.rowFailed : exitCodes.done;
}

function distinct(sides: readonly ClaimSide[]): ClaimSide[] {
  return [
    ...new Map(sides.map((side) => [JSON.stringify(identifyingColumns.map((name) => side[name])), side])).values(),
  ];
}

/** The trial that a side is measured by. */
async function trialOf(side: ClaimSide): Promise<Pick<Trial, "transport" | "settings">> {
  const { transport: name, scenario } = side;
  const transport = await loadTransport(name);
  const changes = changesOf(side);
  const settled = (clients: number) => resolveSettings(scenario, scenarioNamed(scenario), { ...changes, clients });
  const { clients } = scenarioNamed(scenario);
  await assertSupports(name, transport, settled(clients));
  const ask = { label: transportLabel(name), transport, settingsFor: settled, workers: undefined };
  return { transport: name, settings: { ...settled(clients), ...planProcesses(ask, clients, findLimits()) } };
}

function changesOf({ offered_per_s, duration_s, payload_bytes, payload_kind }: ClaimSide): SettingsOverrides {
  return {
    ...(offered_per_s !== undefined && { ratePerS: offered_per_s }),
    ...(duration_s !== undefined && { durationMs: 1000 * duration_s }),
    ...(payload_bytes !== undefined && { payloadBytes: payload_bytes }),
    ...((payload_kind === "text" || payload_kind === "binary") && { payloadKind: payload_kind }),
  };
}

function labelOf({ transport, repeat, settings: { scenario } }: Trial): string {
  return `${transport} · ${scenario} #${repeat}`;
}
