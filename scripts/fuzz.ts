import * as fc from "fast-check";
import { allProperties } from "../clients/lib/testing/all-properties.ts";
import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { parseDuration, parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main } from "./lib/cli.ts";

/** Runs of a property before the next one has its turn. */
const runsATurn = 200;

const command = commandNamed(
  "fuzz",
  "Tries the lean clients' parsers on random and damaged streams against the libraries', until the time is up.",
)
  .option("--for <time>", "how long to try: 60s, 10m", (v) => parseDuration("--for", v), 60_000)
  .option("--seed <number>", "where to begin: the same seed tries the same streams", (v) =>
    parseInteger("--seed", v, 0, 2 ** 31 - 1),
  )
  .addHelpText("after", "\nExamples:\n  npm run fuzz -- --for 10m\n  npm run fuzz -- --for 60s --seed 42");

interface Line {
  says: string;
  runs: number;
}

const shown: TextColumn<Line>[] = [
  { heading: "runs", number: true, value: ({ runs }) => formatNumber(runs, 0) },
  { heading: "what holds", value: ({ says }) => says },
];

await main(async () => {
  const { for: forMs, seed = Date.now() % 2 ** 31 } = command.parse().opts<{ for: number; seed?: number }>();
  const interrupted = interruption();
  const endMs = performance.now() + forMs;
  const lines = Object.keys(allProperties).map((says): Line => ({ says, runs: 0 }));
  for (let turn = 0; performance.now() < endMs && !interrupted.aborted; turn++)
    for (const line of lines) {
      const details = await fc.check(allProperties[line.says]!, { seed: seed + turn, numRuns: runsATurn });
      line.runs += details.numRuns;
      if (!details.failed) continue;
      console.error(`${line.says}: this does not hold (--seed ${seed + turn}).\n\n${fc.defaultReportMessage(details)}`);
      return exitCodes.rowFailed;
    }
  console.log(`${textTable(shown, lines)}\n\nNo counterexample from seed ${seed} on.`);
  return interrupted.aborted ? exitCodes.interrupted : exitCodes.done;
});
