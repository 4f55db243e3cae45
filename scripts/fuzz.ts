import * as fc from "fast-check";
import { allProperties } from "../clients/lib/testing/all-properties.ts";
import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { parseDuration, parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main } from "./lib/cli.ts";

/** Runs of one property in a round. */
const runsPerRound = 200;

const command = commandNamed(
  "fuzz",
  "Tests the parsers of the lean clients, of result files, traces and scenario files with random and damaged input, until the time is up.",
)
  .option(
    "--for <time>",
    "duration: 60s, 10m; every property runs once at least",
    (v) => parseDuration("--for", v),
    60_000,
  )
  .option("--seed <number>", "first seed: the same seed repeats the same input", (v) =>
    parseInteger("--seed", v, 0, 2 ** 31 - 1),
  )
  .addHelpText("after", "\nExamples:\n  npm run fuzz -- --for 10m\n  npm run fuzz -- --for 60s --seed 42");

/** A property and the number of its runs so far. */
interface PropertyRuns {
  parser: string;
  sentence: string;
  property: fc.IRawProperty<unknown>;
  runs: number;
}

const shownColumns: TextColumn<PropertyRuns>[] = [
  { heading: "parser", value: ({ parser }) => parser },
  { heading: "runs", number: true, value: ({ runs }) => formatNumber(runs, 0) },
  { heading: "property", value: ({ sentence }) => sentence },
];

await main(async () => {
  const { for: forMs, seed = Date.now() % 2 ** 31 } = command.parse().opts<{ for: number; seed?: number }>();
  const interrupted = interruption();
  const endMs = performance.now() + forMs;
  const rows = allProperties.flatMap(({ parser, properties }) =>
    Object.entries(properties).map(([sentence, property]): PropertyRuns => ({ parser, sentence, property, runs: 0 })),
  );
  for (let round = 0; performance.now() < endMs && !interrupted.aborted; round++)
    for (const row of rows) {
      if (interrupted.aborted) break;
      const details = await fc.check(row.property, { seed: seed + round, numRuns: runsPerRound });
      row.runs += details.numRuns;
      if (!details.failed) continue;
      const report = fc.defaultReportMessage(details);
      console.error(`${row.parser}: "${row.sentence}" does not hold (--seed ${seed + round}).\n\n${report}`);
      return exitCodes.rowFailed;
    }
  console.log(`${textTable(shownColumns, rows)}\n\nNo counterexample. First seed: ${seed}.`);
  return interrupted.aborted ? exitCodes.interrupted : exitCodes.done;
});
