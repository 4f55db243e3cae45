import { dirname } from "node:path";
import { buildRow } from "../results/rows/row.ts";
import type { Row } from "../results/model/columns.ts";
import { resolveSettings, type Trial } from "../scenarios/definitions/settings.ts";
import { errorMessage, UserError } from "../scenarios/lib/errors.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { newRunContext, rowKeys, type RunContext } from "../scenarios/runner/run-metadata.ts";
import { runTrial } from "../scenarios/runner/run-trial.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { standardTransports } from "../scenarios/transports/load-transport.ts";
import { planProcessesFor } from "./lib/bench/run-plan.ts";
import {
  measureMissing,
  missingRows,
  withRowFlags,
  type MissingRow,
  type RowFlags,
  type WantedRows,
} from "./lib/missing-rows.ts";
import { assertFree, makeFolder, writeText } from "./lib/result-files.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { disturbedTransport, injectionOf, injections } from "./validation/rules/disturbances.ts";
import { judge, ruleRates, type JudgedObservation } from "./validation/rules/error-rates.ts";
import { ratesText } from "./validation/rules/rates-text.ts";
import {
  appendObservation,
  cellOf,
  readObservations,
  type RuleObservation,
} from "./validation/rules/rule-observations.ts";

interface Flags extends RowFlags {
  rows: number;
  injectedRows: number;
  onlyLargest?: true;
  mostOther: number;
}

const command = withRowFlags(
  commandNamed(
    "prove:rules",
    "Measures how often each validity rule doubts an undisturbed row, and what size of disturbance it finds.",
  )
    .option("--rows <n>", "undisturbed rows of each transport in chat-100 and chat-1k", count("--rows"), 20)
    .option("--injected-rows <n>", "rows of each size of each disturbance", count("--injected-rows"), 20)
    .option("--only-largest", "only the largest size of each disturbance")
    .option(
      "--most-other <percent>",
      "most that other programs may use of a core; a row with more is left out and measured again",
      (v) => parseInteger("--most-other", v, 0, 100_000),
      15,
    ),
  "results/runs/rules.ndjson",
  "rates",
).addHelpText("after", "\nExamples:\n  npm run prove:rules\n  npm run prove:rules -- --rows 0 --injected-rows 0");

function count(flag: string) {
  return (value: string): number => parseInteger(flag, value, 0, 10_000);
}

await main(async () => {
  const flags = command.parse().opts<Flags>();
  const path = userPath(flags.file);
  if (flags.out !== undefined) assertFree(userPath(flags.out), flags.force ?? false);
  const observations = readObservations(path);
  makeFolder(dirname(path), "--file");
  const context = newRunContext();
  const missing = missingRows(await wantedCells(flags), observations.map(cellOf));
  const interrupted = await measureMissing(missing, flags.timeLimit, async (row, signal) => {
    const observed = await observe(row, context, signal);
    if (!observed) return;
    const { other_cpu_percent: other, status, rules } = observed.row;
    if (isDisturbedByOthers(observed, flags.mostOther))
      return console.log(
        `${cellOf(observed)}: left out: other programs used ${other} % of a core. A later run measures it again.`,
      );
    appendObservation(path, observed);
    observations.push(observed);
    console.log(`${cellOf(observed)}: ${status} ${rules}`.trim());
  });
  const rates = ruleRates(judgeAll(observations, flags.file));
  console.log(`\n${ratesText(rates)}`);
  if (flags.out !== undefined) writeText(userPath(flags.out), `${JSON.stringify(rates, undefined, 2)}\n`, flags.force);
  return interrupted ? exitCodes.interrupted : exitCodes.done;
});

/** True where other programs used so much that the row is neither undisturbed nor disturbed by its injection alone. */
function isDisturbedByOthers({ injection, row }: RuleObservation, mostPercent: number): boolean {
  const isHog = injection !== undefined && injections[injection]!.rules.includes("cpu-contention");
  return !isHog && Number(row.other_cpu_percent) > mostPercent;
}

/** What the rules say of each observation. Throws a UserError where the file is of a version with other measurements. */
function judgeAll(observations: readonly RuleObservation[], file: string): JudgedObservation[] {
  try {
    return judge(observations);
  } catch (error) {
    throw new UserError(`${file} has rows of another version of this project. Name another --file.`, { cause: error });
  }
}

/** What is measured several times. */
type Cell = Pick<RuleObservation, "injection" | "size"> & { trial: Trial };

/** Every cell, with the rows that are wanted of it. */
async function wantedCells({ rows, injectedRows, onlyLargest }: Flags): Promise<WantedRows<Cell>[]> {
  const undisturbed = await Promise.all(
    (["chat-100", "chat-1k"] as const).flatMap((scenario) =>
      standardTransports().map(async (transport): Promise<Cell> => ({ trial: await trialOf(scenario, transport) })),
    ),
  );
  const injected = await Promise.all(
    Object.entries(injections).flatMap(([injection, { sizes, changes }]) =>
      (onlyLargest ? sizes.slice(-1) : sizes).map(async (size): Promise<Cell> => {
        const trial = await trialOf("chat-100", disturbedTransport);
        return { injection, size, trial: { ...trial, settings: { ...trial.settings, ...changes } } };
      }),
    ),
  );
  return [
    ...undisturbed.map((cell) => ({ cell, name: nameOf(cell), wanted: rows })),
    ...injected.map((cell) => ({ cell, name: nameOf(cell), wanted: injectedRows })),
  ];
}

function nameOf({ injection, size, trial: { transport, settings } }: Cell): string {
  return cellOf({ injection, size, row: { scenario: settings.scenario, transport } });
}

async function trialOf(scenario: "chat-100" | "chat-1k", transport: string): Promise<Trial> {
  const settings = resolveSettings(scenario, scenarios[scenario], {});
  return { transport, repeat: 1, settings: { ...settings, ...(await planProcessesFor(transport, settings)) } };
}

/** Measures one row. Undefined where its trial failed, which a line says, or was interrupted. */
async function observe(
  { cell, repeat }: MissingRow<Cell>,
  context: RunContext,
  signal: AbortSignal,
): Promise<RuleObservation | undefined> {
  const { injection, size } = cell;
  const trial: Trial = { ...cell.trial, repeat, settings: { ...cell.trial.settings, seed: repeat } };
  const definition = injection === undefined ? undefined : injections[injection];
  process.env["DISTURBANCE"] = JSON.stringify(definition?.half?.(size!) ?? {});
  const keys = await rowKeys(trial, context, new Date());
  try {
    const inject = definition && injectionOf(definition, size!);
    const measurement = await runTrial(trial, AbortSignal.any([signal]), () => undefined, inject);
    const row: Row = buildRow(keys, measurement);
    return { ...(injection !== undefined && { injection, size }), row, measurement };
  } catch (error) {
    if (!signal.aborted) console.log(`${injection ?? trial.transport} ${size ?? ""}: failed: ${errorMessage(error)}`);
    return undefined;
  }
}
