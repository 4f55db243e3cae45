import { UserError } from "../scenarios/lib/errors.ts";
import { loadHalves } from "../scenarios/conformance/load-halves.ts";
import { runChecks } from "../scenarios/conformance/run-checks.ts";
import { earlyStopReason, type TimedCheck } from "../scenarios/conformance/early-stop.ts";
import { checkGroups, checksFor } from "../scenarios/conformance/checks.ts";
import { hangingIndent } from "../results/text/text-table.ts";
import { commandNamed, exitCodes, interruption, main, transportNamed } from "./lib/cli.ts";
import { loadTransport, transportLabel } from "../scenarios/transports/load-transport.ts";

const examples = [
  "npm run conformance -- tcp",
  "npm run conformance -- ./path/to/module.js",
  'npm run conformance -- my-transport --only "server stops"',
];

interface Flags {
  only?: string;
  keepGoing?: true;
}

const command = commandNamed("conformance", "Tells whether transports keep the contract, sentence by sentence.")
  .argument("[transports...]", "names on the list, or paths of modules")
  .option("--only <text>", "only the sentences that contain it")
  .option("--keep-going", "try every sentence, however many have failed after a long wait, or alike")
  .option("--list", "print every sentence")
  .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const names = command.parse().args.map(transportNamed);
  const flags = command.opts<Flags & { list?: true }>();
  if (flags.list) {
    for (const [heading, sentences] of Object.entries(checkGroups))
      console.log(`${heading}:\n${sentences.map(({ description }) => hangingIndent("  ", description)).join("\n")}\n`);
    return exitCodes.done;
  }
  if (names.length === 0) throw new UserError("Say which transport: its name on the list, or the path of its module.");
  const signal = interruption();
  let fails = 0;
  for (const name of names) fails += await failuresOf(name, flags, signal);
  if (signal.aborted) return exitCodes.interrupted;
  return fails === 0 ? exitCodes.done : exitCodes.rowFailed;
});

/** Prints what becomes of each sentence, and returns how many a transport does not keep. */
async function failuresOf(name: string, { only = "", keepGoing }: Flags, signal: AbortSignal): Promise<number> {
  const label = transportLabel(name);
  const transport = await loadTransport(name);
  const reason = await transport.unavailable?.();
  if (reason !== undefined) throw new UserError(`${label} is unavailable: ${reason}`);
  await loadHalves(name, transport);
  const sentences = checksFor(transport).map(({ description }) => description);
  const says = sentences.filter((each) => each.includes(only));
  if (says.length === 0) throw new UserError(`No sentence of ${label} contains "${only}": --list prints them all.`);
  console.log(label);
  const tried = await tryAll(name, says, keepGoing ?? false, signal);
  const failed = tried.filter(({ why }) => why !== undefined).length;
  const kept = tried.length - failed;
  const rest = sentences.length - tried.length;
  const untried = rest > 0 ? `, ${rest} not tried` : "";
  console.log(
    failed === 0 ? `${label}: ${kept} kept${untried}.\n` : `${label}: ${failed} not kept, ${kept} kept${untried}.\n`,
  );
  return failed;
}

/** Tries these sentences until there is no use in it, telling what becomes of each. Throws where none can be tried, by the user's mistake. */
async function tryAll(
  name: string,
  says: readonly string[],
  keepGoing: boolean,
  signal: AbortSignal,
): Promise<TimedCheck[]> {
  const tried: TimedCheck[] = [];
  const stop = new AbortController();
  let mistake: UserError | undefined;
  await runChecks(name, says, AbortSignal.any([signal, stop.signal]), (outcome) => {
    if (outcome.mistake) {
      mistake = new UserError(outcome.why);
      return stop.abort();
    }
    tell(outcome, tried[0]?.why);
    tried.push(outcome);
    const clause = keepGoing || tried.length === says.length ? undefined : earlyStopReason(tried);
    if (clause === undefined) return;
    console.log(
      `\n${hangingIndent("", `Stopped, as ${clause}: --keep-going tries the others all the same, --only TEXT one of them.`)}`,
    );
    stop.abort();
  });
  if (mistake) throw mistake;
  return tried;
}

/** Prints what has become of a sentence; a reason that is that of the `first` one to be tried is not said again. */
function tell({ says, why }: TimedCheck, first: string | undefined): void {
  console.log(hangingIndent(why === undefined ? "  ok     " : "  fails  ", says));
  if (why !== undefined) console.log(hangingIndent("         ", `Why: ${why === first ? "as of the first" : why}`));
}
