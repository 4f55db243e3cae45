import type { Row } from "../results/model/columns.ts";
import { buildRow } from "../results/rows/row.ts";
import { readEnvironment } from "../results/model/environment.ts";
import { assertSupports } from "../scenarios/definitions/compatibility.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { rowKeys } from "../scenarios/runner/run-metadata.ts";
import { runTrial } from "../scenarios/runner/run-trial.ts";
import { resolveSettings, type Trial } from "../scenarios/definitions/settings.ts";
import { checkStall, stallProcess, stalledEcho, stalledPush, type StallCheck, type Stall } from "./validation/stall.ts";
import { commandNamed, exitCodes, interruption, main } from "./lib/cli.ts";
import { loadTransport, optionsFor, standardTransports } from "../scenarios/transports/load-transport.ts";
import type { Scenario } from "../scenarios/definitions/scenario.ts";

const command = commandNamed(
  "prove:stall",
  "Stops the server for a second, then the workers, and checks that the latencies show just that.",
).option("--transports <names>", "comma-separated (default: all)", (names) => names.split(","), standardTransports());

const stallMs = 1_000;

await main(async () => {
  const { transports: names } = command.parse().opts<{ transports: string[] }>();
  const signal = interruption();
  let wrong = 0;
  for (const name of names) {
    const transport = await loadTransport(name);
    await assertSupports(name, transport, resolveSettings("stall", stalledEcho, {}));
    if (transport.guarantees.apps)
      throw new UserError(`The server of ${name} is another program, which this does not stop: leave ${name} out.`);
    const usualUs = (transport.guarantees.deliveryBoundMs?.(optionsFor(transport, {})) ?? 0) * 1000;
    for (const [what, scenario] of Object.entries({ echo: stalledEcho, push: stalledPush })) {
      const measured = await measureStalled(name, what, scenario, { target: "server", durationMs: stallMs }, signal);
      wrong += printChecks(`${name}, ${what}, server stopped`, checkStall(measured, stallMs, usualUs));
    }
    const measured = await measureStalled(
      name,
      "echo",
      stalledEcho,
      { target: "workers", durationMs: stallMs },
      signal,
    );
    wrong += printChecks(`${name}, echo, workers stopped`, [
      {
        expectation: "the row is suspect or invalid and says the generator was late",
        found: `${measured.status}`,
        holds: measured.status !== "valid" && /generator was late/.test(measured.reasons ?? ""),
      },
    ]);
  }
  console.log(wrong === 0 ? "Every stall shows as it should." : `${wrong} findings are not as they should be.`);
  return wrong === 0 ? exitCodes.done : exitCodes.rowFailed;
});

/** The row of a trial in whose window some process is stopped. */
async function measureStalled(
  name: string,
  what: string,
  scenario: Scenario,
  of: Stall,
  signal: AbortSignal,
): Promise<Row> {
  const trial: Trial = { transport: name, repeat: 1, settings: resolveSettings(what, scenario, {}) };
  const keys = await rowKeys(trial, { runId: "prove-stall", environment: readEnvironment() }, new Date());
  return buildRow(
    keys,
    await runTrial(
      trial,
      signal,
      () => undefined,
      (processes, times) => void stallProcess(processes, times, of),
    ),
  );
}

function printChecks(title: string, findings: readonly StallCheck[]): number {
  console.log(title);
  for (const { expectation, found, holds } of findings) console.log(`  ${holds ? "✔" : "✖"} ${expectation}: ${found}`);
  return findings.filter(({ holds }) => !holds).length;
}
