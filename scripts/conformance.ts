import type { Check } from "../scenarios/conformance/check.ts";
import { checksFor } from "../scenarios/conformance/checks.ts";
import { earlyStopReason, type TimedResult } from "../scenarios/conformance/early-stop.ts";
import { loadHalves } from "../scenarios/conformance/load-halves.ts";
import { runChecks } from "../scenarios/conformance/run-checks.ts";
import { didYouMean, UserError } from "../scenarios/lib/errors.ts";
import { loadTransport, transportLabel } from "../scenarios/transports/load-transport.ts";
import { commandNamed, exitCodes, interruption, main, transportNamed } from "./lib/cli.ts";
import {
  countOutcomes,
  checkListText,
  resultsJson,
  resultText,
  selectChecks,
  stopText,
  summaryText,
  type TransportResults,
} from "./lib/conformance-results.ts";

const examples = [
  "npm run conformance -- tcp",
  "npm run conformance -- ./path/to/module.js",
  "npm run conformance -- my-transport --only server-stops,payload",
  "npm run conformance -- ws tcp --format json",
];

const formats = ["text", "json"];

interface Flags {
  only?: string;
  keepGoing?: true;
  format: string;
  list?: true;
}

const command = commandNamed("conformance", "Checks that transports keep the contract in scenarios/contract.ts.")
  .argument("[transports...]", "names on the list, or paths of modules")
  .option("--only <ids>", "run only these checks: comma-separated ids, or parts of ids")
  .option("--keep-going", "run every check, even if three in a row time out or the first three fail alike")
  .option("--format <name>", formats.join(" or "), format, "text")
  .option("--list", "print the id and the description of every check")
  .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const names = command.parse().args.map(transportNamed);
  const flags = command.opts<Flags>();
  if (flags.list) {
    console.log(checkListText());
    return exitCodes.done;
  }
  if (names.length === 0) throw new UserError("Name a transport: its name on the list, or the path of its module.");
  const print = flags.format === "text" ? (text: string) => console.log(text) : () => undefined;
  const signal = interruption();
  const all: TransportResults[] = [];
  for (const name of names) if (!signal.aborted) all.push(await checkTransport(name, flags, signal, print));
  if (flags.format === "json") console.log(resultsJson(all));
  if (signal.aborted) return exitCodes.interrupted;
  return all.every(({ results }) => countOutcomes(results).failed === 0) ? exitCodes.done : exitCodes.rowFailed;
});

function format(text: string): string {
  if (formats.includes(text)) return text;
  throw new UserError(`Unknown --format "${text}".${didYouMean(text, formats)}`);
}

/** Runs the selected checks of one transport and prints each result at once. */
async function checkTransport(
  name: string,
  { only, keepGoing }: Flags,
  signal: AbortSignal,
  print: (text: string) => void,
): Promise<TransportResults> {
  const label = transportLabel(name);
  const transport = await loadTransport(name);
  const unavailable = await transport.unavailable?.();
  if (unavailable !== undefined) throw new UserError(`${label} is unavailable: ${unavailable}`);
  await loadHalves(name, transport);
  const all = checksFor(transport);
  const checks = selectChecks(all, only, label);
  print(label);
  const run = await runUntilStopped(name, checks, keepGoing ?? false, signal, print);
  const found = { transport: label, ...run, notRun: all.length - run.results.length };
  if (run.stopReason !== undefined) print(stopText(run.stopReason));
  print(`${summaryText(found)}\n`);
  return found;
}

/**
 * Runs checks until all are done, Ctrl-C, or, unless `keepGoing`, further failures would tell nothing new. Throws the
 * UserError of a check, because the others would throw it, too.
 */
async function runUntilStopped(
  name: string,
  checks: readonly Check[],
  keepGoing: boolean,
  signal: AbortSignal,
  print: (text: string) => void,
): Promise<Pick<TransportResults, "results" | "stopReason">> {
  const results: TimedResult[] = [];
  const stop = new AbortController();
  let stopReason: string | undefined;
  let userError: UserError | undefined;
  const ids = checks.map(({ id }) => id);
  await runChecks(name, ids, AbortSignal.any([signal, stop.signal]), (result) => {
    if (result.userError) {
      userError = new UserError(result.reason);
      return stop.abort();
    }
    print(resultText(result, checks[results.length]!, results[0]?.reason));
    results.push(result);
    if (!keepGoing && results.length < checks.length) stopReason = earlyStopReason(results);
    if (stopReason !== undefined) stop.abort();
  });
  if (userError) throw userError;
  return { results, ...(stopReason !== undefined && { stopReason }) };
}
