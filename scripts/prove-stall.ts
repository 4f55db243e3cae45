import type { Row } from "../results/model/columns.ts";
import { buildRow } from "../results/rows/row.ts";
import { readEnvironment } from "../results/model/environment.ts";
import { assertSupports } from "../scenarios/definitions/compatibility.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { rowKeys } from "../scenarios/runner/run-metadata.ts";
import { runTrial } from "../scenarios/runner/run-trial.ts";
import { resolveSettings, type Trial } from "../scenarios/definitions/settings.ts";
import {
  checkStall,
  checkWorkerStall,
  stallProcess,
  stalledEcho,
  stalledPush,
  type StallCheck,
  type Stall,
} from "./validation/stall.ts";
import { commandNamed, exitCodes, interruption, main, transportList } from "./lib/cli.ts";
import {
  loadTransport,
  optionsFor,
  standardTransports,
  transportLabel,
} from "../scenarios/transports/load-transport.ts";
import type { Scenario } from "../scenarios/definitions/scenario.ts";

const command = commandNamed(
  "prove:stall",
  "Stops the server for one second, then the workers, and checks that the results show exactly that.",
)
  .option(
    "--transports <names>",
    "names, with commas (default: those with * in bench --list)",
    transportList,
    standardTransports(),
  )
  .addHelpText("after", "\nExamples:\n  npm run prove:stall\n  npm run prove:stall -- --transports ws,tcp");

const stallMs = 1_000;

await main(async () => {
  const { transports: names } = command.parse().opts<{ transports: string[] }>();
  const signal = interruption();
  let failed = 0;
  for (const name of names) {
    const label = transportLabel(name);
    const transport = await loadTransport(name);
    await assertSupports(name, transport, resolveSettings("stall", stalledEcho, {}));
    if (transport.guarantees.apps)
      throw new UserError(
        `The server of ${label} is an external program, which this command cannot stop. Leave ${label} out.`,
      );
    const usualUs = (transport.guarantees.deliveryBoundMs?.(optionsFor(transport, {})) ?? 0) * 1000;
    for (const [scenarioName, scenario] of Object.entries({ echo: stalledEcho, push: stalledPush })) {
      const row = await measureStalled(name, scenarioName, scenario, { target: "server", durationMs: stallMs }, signal);
      failed += printChecks(`${label}, ${scenarioName}, server stopped`, checkStall(row, stallMs, usualUs));
    }
    const row = await measureStalled(name, "echo", stalledEcho, { target: "workers", durationMs: stallMs }, signal);
    failed += printChecks(`${label}, echo, workers stopped`, checkWorkerStall(row, stallMs));
  }
  console.log(failed === 0 ? "All checks passed." : `${failed} checks failed.`);
  return failed === 0 ? exitCodes.done : exitCodes.rowFailed;
});

/** Runs a trial with a stall in its window and returns its row. */
async function measureStalled(
  transport: string,
  scenarioName: string,
  scenario: Scenario,
  stall: Stall,
  signal: AbortSignal,
): Promise<Row> {
  const trial: Trial = { transport, repeat: 1, settings: resolveSettings(scenarioName, scenario, {}) };
  const keys = await rowKeys(trial, { runId: "prove-stall", environment: readEnvironment() }, new Date());
  return buildRow(
    keys,
    await runTrial(
      trial,
      signal,
      () => undefined,
      (processes, times) => void stallProcess(processes, times, stall),
    ),
  );
}

/** Prints the checks of one trial and returns the number of those that failed. */
function printChecks(title: string, checks: readonly StallCheck[]): number {
  console.log(title);
  for (const { expectation, found, holds } of checks) console.log(`  ${holds ? "✔" : "✖"} ${expectation}: ${found}`);
  return checks.filter(({ holds }) => !holds).length;
}
