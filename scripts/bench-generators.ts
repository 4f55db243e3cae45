import { descriptorLimit } from "../results/model/environment.ts";
import { wrapText } from "../results/text/text-table.ts";
import { didYouMean, RunError, UserError } from "../scenarios/lib/errors.ts";
import { roundColumns, type RoundResult } from "./generators/results.ts";
import { findTools, toolNames, type AvailableGroup } from "./generators/available-tools.ts";
import { isDisturbed, planRounds, runMeasurement, type PlannedMeasurement } from "./generators/rounds.ts";
import { clientsThatFit } from "../scenarios/system/limits.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { commaList, commandNamed, exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { openTable } from "./lib/result-files.ts";
import { generatorLegend, generatorTable } from "./lib/generator-table.ts";

interface Flags {
  tools?: string[];
  rounds: number;
  connections?: number[];
  seconds: number;
  rate?: number;
  out?: string;
  force?: true;
}

const command = commandNamed(
  "bench:generators",
  "Compares our load generator with others (wrk, h2load, autocannon, ...): CPU time per round trip, same server.",
)
  .option("--tools <names>", `comma-separated, of: ${toolNames.join(", ")} (default: all)`, parseTools)
  .option("--rounds <n>", "each round measures every tool once", (v) => parseInteger("--rounds", v, 1, 100), 3)
  .option("--connections <n,n>", "the first number is shown in full (default: 1000,50)", parseConnections)
  .option(
    "--seconds <n>",
    "measured seconds per tool and round; about 10 s more to connect and warm up",
    (v) => parseInteger("--seconds", v, 1, 600),
    4,
  )
  .option("--rate <n>", "round trips/s (default: closed loop)", (v) => parseInteger("--rate", v, 10, 100_000))
  .option("--out <file>", "also write all results to a CSV file")
  .option("--force", "overwrite that file")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run bench:generators\n" +
      "  npm run bench:generators -- --tools tcp,ws,net --connections 1000 --rounds 5\n" +
      "  npm run bench:generators -- --tools long-poll,h2load --rate 5000 --out mine.csv",
  );

function parseTools(value: string): string[] {
  const names = commaList(value);
  for (const name of names)
    if (!toolNames.includes(name)) throw new UserError(`Unknown tool "${name}".${didYouMean(name, toolNames)}`);
  return names;
}

function parseConnections(value: string): number[] {
  const connections = commaList(value).map((count) => parseInteger("--connections", count, 2, 10_000));
  const most = clientsThatFit(1, descriptorLimit());
  const tooMany = connections.find((count) => count > most);
  if (tooMany !== undefined)
    throw new UserError(
      `--connections "${tooMany}" is more than a process may open: use ${most} at most, or raise the limit (ulimit -n).`,
    );
  return [...new Set(connections)];
}

/**
 * Runs all measurements in order and hands each result to `add` at once. A tool that fails is left out of later rounds,
 * and `leftOut` gets the reason. Resolves to whether one of our own clients failed.
 */
async function measureAll(
  planned: readonly PlannedMeasurement[],
  { rate, seconds }: Flags,
  add: (result: RoundResult) => void,
  leftOut: Map<string, string>,
  signal: AbortSignal,
): Promise<boolean> {
  let ownClientFailed = false;
  for (const measurement of planned) {
    const label = `${measurement.group}, ${measurement.connections} connections: ${measurement.tool.name}`;
    if (leftOut.has(label)) continue;
    process.stdout.write(`round ${measurement.round}, ${label} `);
    try {
      const result = await runMeasurement(measurement, rate, seconds, signal);
      add(result);
      console.log(`${result.cpu_us_per_round_trip.toFixed(1)} us`);
    } catch (error) {
      console.log("-");
      if (signal.aborted || !(error instanceof RunError)) throw error;
      leftOut.set(label, error.message);
      ownClientFailed ||= measurement.tool.library !== undefined;
    }
  }
  return ownClientFailed;
}

/** Prints the tables, their legend, and a warning where other programs disturbed results. */
function printSummary(
  groups: readonly AvailableGroup[],
  results: readonly RoundResult[],
  connections: readonly number[],
): void {
  const measured = groups.filter(({ group }) => results.some((result) => result.group === group.title));
  for (const { group } of measured) console.log(`\n${generatorTable(group, results, connections)}`);
  if (measured.length > 0) console.log(`\n${generatorLegend}`);
  const disturbed = results.filter(isDisturbed).length;
  if (disturbed > 0)
    console.log(
      wrapText(
        `In ${disturbed} of ${results.length} measurements other programs used more than a fifth of a core, in every attempt. ` +
          "These results are not reliable. Stop other programs and measure again.",
      ),
    );
}

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (process.platform !== "linux")
    throw new UserError("bench:generators reads CPU times from /proc: run it on Linux.");
  const { connections = [1_000, 50], rate = 0 } = flags;
  const signal = interruption();
  const out =
    flags.out === undefined
      ? undefined
      : openTable<RoundResult>(userPath(flags.out), flags.force ?? false, roundColumns);
  const results: RoundResult[] = [];
  const leftOut = new Map<string, string>();
  let groups: AvailableGroup[] = [];
  let ownClientFailed = false;
  try {
    groups = await findTools(flags.tools, rate, (sentence) => console.log(wrapText(sentence)), signal);
    const planned = planRounds(groups, connections, flags.rounds);
    console.log(`${planned.length} measurements of about ${flags.seconds + 10} s`);
    const add = (result: RoundResult): void => {
      results.push(result);
      out?.append(result);
    };
    ownClientFailed = await measureAll(planned, flags, add, leftOut, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    out?.close();
    for (const [label, reason] of leftOut) console.log(wrapText(`${label} is left out: ${reason}`));
    printSummary(groups, results, connections);
  }
  if (signal.aborted) return exitCodes.interrupted;
  return ownClientFailed ? exitCodes.rowFailed : exitCodes.done;
});
