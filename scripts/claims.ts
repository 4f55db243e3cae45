import { Option } from "commander";
import { checkClaims } from "../results/claims/check.ts";
import { claims, identifyingColumns, type Claim, type ClaimSide } from "../results/claims/claims.ts";
import { faultClaims } from "../results/claims/fault-claims.ts";
import { networkClaims } from "../results/claims/network-claims.ts";
import { claimsText } from "../results/claims/format.ts";
import type { Row } from "../results/model/columns.ts";
import { readResults } from "../results/files/read.ts";
import { assertSupports } from "../scenarios/definitions/compatibility.ts";
import { describeRun, newRunContext } from "../scenarios/runner/run-metadata.ts";
import { parseFault } from "../scenarios/definitions/fault.ts";
import { parseNetworks } from "../scenarios/definitions/network.ts";
import { chooseBackend } from "../scenarios/system/network-backends.ts";
import { findLimits } from "../scenarios/system/limits.ts";
import { planProcesses } from "../scenarios/capacity/process-plan.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { interleave, resolveSettings, type SettingsOverrides, type Trial } from "../scenarios/definitions/settings.ts";
import { parseDuration, parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { assertFaultFits } from "./lib/bench/faults.ts";
import { resourceRequest } from "./lib/bench/resource-request.ts";
import { defaultPath, openOutput } from "./lib/result-files.ts";
import { runTrials } from "./lib/run-trials.ts";
import { writeSummary } from "./lib/summary-file.ts";
import { headerClaimText, measureHeaders } from "./validation/header-claim-table.ts";

interface Flags {
  headers?: true;
  networks?: true;
  faults?: true;
  from?: string;
  repeat: number;
  out?: string;
  force?: true;
}

const examples = [
  "npm run claims",
  "npm run claims -- --from results/reference/claims.csv",
  "npm run claims -- --headers",
  "npm run claims -- --networks --repeat 4",
  "npm run claims -- --faults",
];

const command = commandNamed(
  "claims",
  "Measures what tutorials claim about transports. Each claim is the ratio of one number in two trials.",
)
  .option("--from <file>", "check the claims against the rows of this CSV instead of measuring")
  .addOption(
    new Option(
      "--headers",
      "repeat the classic claim of 871 header bytes per poll, with measured headers and with TCP/IP",
    ).conflicts(["from", "repeat", "out", "force", "networks", "faults"]),
  )
  .option("--networks", "the claims about distance, loss and narrow links, on networks that this machine emulates")
  .addOption(
    new Option("--faults", "the claims about connections that break, and clients that come back").conflicts("networks"),
  )
  .option("--repeat <n>", "how often each trial is run", (v) => parseInteger("--repeat", v, 1, 1_000), 4)
  .option("--out <file>", "the CSV to write (default: results/runs/<time>-claims.csv)")
  .option("--force", "overwrite the CSV")
  .addHelpText("after", () => `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (flags.headers) {
    console.log(headerClaimText(await measureHeaders()));
    return exitCodes.done;
  }
  const chosen = flags.faults ? faultClaims : flags.networks ? networkClaims : claims;
  if (flags.from !== undefined) {
    console.log(claimsText(checkClaims((await readResults(userPath(flags.from))).rows, chosen)));
    return exitCodes.done;
  }
  return measureClaims(flags, chosen);
});

/** Runs the trials of every claim, with repeats interleaved, and prints the checked claims. Returns the exit code. */
async function measureClaims(flags: Flags, chosen: readonly Claim[]): Promise<number> {
  const sides = chosen.flatMap(({ expectedHigher, expectedLower }) => [expectedHigher, expectedLower]);
  const trials = interleave(await Promise.all(distinct(sides).map(trialOf)), flags.repeat, 1);

  const context = newRunContext();
  const signal = interruption();
  const path = flags.out === undefined ? defaultPath(context.runId, "claims") : userPath(flags.out);
  const output = openOutput(path, await describeRun(context, process.argv.slice(2), trials), flags.force ?? false);
  const rows: Row[] = [];
  try {
    const jobs = trials.map((trial) => ({ label: labelOf(trial), trial }));
    await runTrials(jobs, context, output, signal, rows);
  } finally {
    output.close();
    if (rows.length > 0) console.log(`\n${claimsText(checkClaims(rows, chosen))}\n\nRows: ${rows.length} in ${path}`);
  }
  writeSummary(path, rows, flags.force ?? false);
  if (signal.aborted) return exitCodes.interrupted;
  return rows.some(({ status }) => status === "failed") ? exitCodes.rowFailed : exitCodes.done;
}

function distinct(sides: readonly ClaimSide[]): ClaimSide[] {
  const keyOf = (side: ClaimSide): string => JSON.stringify(identifyingColumns.map((name) => side[name]));
  return [...new Map(sides.map((side) => [keyOf(side), side])).values()];
}

/** The trial that measures one side of a claim. */
async function trialOf(side: ClaimSide): Promise<Pick<Trial, "transport" | "settings">> {
  const { transport: name, scenario } = side;
  const overrides = { ...overridesOf(side), ...(await networkOf(side)) };
  const settled = (clients: number) => resolveSettings(scenario, scenarioNamed(scenario), { ...overrides, clients });
  const { clients } = scenarioNamed(scenario);
  const request = await resourceRequest(name, settled);
  await assertSupports(name, request.transport, settled(clients));
  await assertFaultFits([{ transport: name }], settled(clients), {});
  return { transport: name, settings: { ...settled(clients), ...planProcesses(request, clients, findLimits()) } };
}

/** The network of a side, with what makes it here. Throws a UserError where this machine cannot make one. */
async function networkOf({ network: text }: ClaimSide): Promise<Pick<SettingsOverrides, "network">> {
  const [network] = text === undefined ? [] : parseNetworks("--network", text);
  return network ? { network: { ...network, by: await chooseBackend(network.conditions, undefined) } } : {};
}

function overridesOf(side: ClaimSide): SettingsOverrides {
  const { offered_per_s, duration_s, payload_bytes, payload_kind, fault, heartbeat, history } = side;
  return {
    ...(offered_per_s !== undefined && { ratePerS: offered_per_s }),
    ...(duration_s !== undefined && { durationMs: 1000 * duration_s }),
    ...(payload_bytes !== undefined && { payloadBytes: payload_bytes }),
    ...((payload_kind === "text" || payload_kind === "binary") && { payloadKind: payload_kind }),
    ...(fault !== undefined && { fault: parseFault("fault", fault) }),
    ...(heartbeat !== undefined && { heartbeatMs: parseDuration("heartbeat", heartbeat) }),
    ...(history !== undefined && { historyMessages: Number.parseInt(history, 10) }),
  };
}

function labelOf({ transport, repeat, settings }: Trial): string {
  const { scenario, network, heartbeatMs, historyMessages } = settings;
  const parts = [
    transport,
    scenario,
    network?.title,
    heartbeatMs !== undefined && `heartbeat ${heartbeatMs / 1000}s`,
    historyMessages !== undefined && `history ${historyMessages}`,
  ];
  return `${parts.filter((part) => typeof part === "string").join(" · ")} #${repeat}`;
}
