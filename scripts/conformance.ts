import { UserError } from "../scenarios/errors.ts";
import { checkHalves } from "../scenarios/conformance/halves.ts";
import { judge } from "../scenarios/conformance/judge.ts";
import { groups, sentencesFor } from "../scenarios/conformance/sentences.ts";
import { loadTransport, transportLabel } from "../scenarios/transports.ts";
import { hanging } from "../results/grid.ts";
import { commandNamed, exitCodes, interruption, main, transportNamed } from "./lib/command.ts";

const examples = [
  "npm run conformance -- tcp",
  "npm run conformance -- ./path/to/module.js",
  'npm run conformance -- my-transport --only "server stops"',
];

const command = commandNamed("conformance", "Tells whether transports keep the contract, sentence by sentence.")
  .argument("[transports...]", "names on the list, or paths of modules")
  .option("--only <text>", "only the sentences that contain it")
  .option("--list", "print every sentence")
  .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const names = command.parse().args.map(transportNamed);
  const { only = "", list } = command.opts<{ only?: string; list?: true }>();
  if (list) {
    for (const [heading, sentences] of Object.entries(groups))
      console.log(`${heading}:\n${sentences.map(({ says }) => hanging("  ", says)).join("\n")}\n`);
    return exitCodes.done;
  }
  if (names.length === 0) throw new UserError("Say which transport: its name on the list, or the path of its module.");
  const signal = interruption();
  let fails = 0;
  for (const name of names) fails += await failuresOf(name, only, signal);
  if (signal.aborted) return exitCodes.interrupted;
  return fails === 0 ? exitCodes.done : exitCodes.rowFailed;
});

/** Prints what becomes of each sentence, and returns how many a transport does not keep. */
async function failuresOf(name: string, only: string, signal: AbortSignal): Promise<number> {
  const label = transportLabel(name);
  const transport = await loadTransport(name);
  const reason = await transport.unavailable?.();
  if (reason !== undefined) throw new UserError(`${label} is unavailable: ${reason}`);
  await checkHalves(name, transport);
  const sentences = sentencesFor(transport).map(({ says }) => says);
  const says = sentences.filter((each) => each.includes(only));
  if (says.length === 0) throw new UserError(`No sentence of ${label} contains "${only}": --list prints them all.`);
  console.log(label);
  let [kept, failed] = [0, 0];
  await judge(name, says, signal, (outcome) => {
    if (outcome.why === undefined) kept++;
    else failed++;
    console.log(hanging(outcome.why === undefined ? "  ok     " : "  fails  ", outcome.says));
    if (outcome.why !== undefined) console.log(hanging("         ", `Why: ${outcome.why}`));
  });
  const rest = sentences.length - kept - failed;
  const untried = rest > 0 ? `, ${rest} not tried` : "";
  console.log(
    failed === 0 ? `${label}: ${kept} kept${untried}.\n` : `${label}: ${failed} not kept, ${kept} kept${untried}.\n`,
  );
  return failed;
}
