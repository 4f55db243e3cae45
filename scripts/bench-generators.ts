import { descriptorLimit } from "../results/model/environment.ts";
import { wrapText } from "../results/text/text-table.ts";
import { didYouMean, RunError, UserError } from "../scenarios/lib/errors.ts";
import { roundColumns, type RoundResult } from "./generators/results.ts";
import { findTools, toolNames, type AvailableGroup } from "./generators/available-tools.ts";
import { isDisturbed, planRounds, runRound, type PlannedRound } from "./generators/rounds.ts";
import { clientsThatFit } from "../scenarios/system/limits.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { openTable } from "./lib/result-files.ts";
import { generatorLegend, generatorTable } from "./lib/generator-table.ts";

interface Flags {
  peers?: string[];
  rounds: number;
  connections?: number[];
  seconds: number;
  rate?: number;
  out?: string;
  force?: true;
}

const command = commandNamed(
  "bench:peers",
  "Compares our load generator with others: its CPU time per round trip, against the same server, in turns.",
)
  .option("--peers <names>", `comma-separated, of: ${toolNames.join(", ")} (default: all)`, chosen)
  .option("--rounds <n>", "turns of each", (v) => parseInteger("--rounds", v, 1, 100), 3)
  .option("--connections <n,n>", "the first is shown in full (default: 1000,50)", counts)
  .option(
    "--seconds <n>",
    "measured of each turn, which takes about 10 s more",
    (v) => parseInteger("--seconds", v, 1, 600),
    4,
  )
  .option("--rate <n>", "round trips/s; default: closed loops", (v) => parseInteger("--rate", v, 10, 100_000))
  .option("--out <file>", "writes every figure to a CSV")
  .option("--force", "overwrites it")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run bench:peers\n  npm run bench:peers -- --peers tcp,ws,net --connections 1000 --rounds 5" +
      "\n  npm run bench:peers -- --peers long-poll,h2load --rate 5000 --out mine.csv",
  );

function chosen(given: string): string[] {
  const names = given.split(",").map((name) => name.trim());
  for (const name of names)
    if (!toolNames.includes(name)) throw new UserError(`Unknown peer "${name}".${didYouMean(name, toolNames)}`);
  return names;
}

function counts(given: string): number[] {
  const connections = given.split(",").map((count) => parseInteger("--connections", count.trim(), 2, 10_000));
  const fits = clientsThatFit(1, descriptorLimit());
  const tooMany = connections.find((count) => count > fits);
  if (tooMany !== undefined)
    throw new UserError(
      `--connections "${tooMany}" is more than a process may open: take ${fits}, or raise the limit (ulimit -n).`,
    );
  return [...new Set(connections)];
}

/** Takes all turns, one after the other, and hands each figure on at once. Who fails is left out from then on, and `leftOut` says why. */
async function takeAll(
  turns: readonly PlannedRound[],
  { rate, seconds }: Flags,
  add: (figure: RoundResult) => void,
  leftOut: Map<string, string>,
  signal: AbortSignal,
): Promise<boolean> {
  let oursFailed = false;
  for (const turn of turns) {
    const label = `${turn.title}, ${turn.connections} connections: ${turn.entrant.name}`;
    if (leftOut.has(label)) continue;
    process.stdout.write(`round ${turn.round}, ${label} `);
    try {
      const figure = await runRound(turn, rate, seconds, signal);
      add(figure);
      console.log(`${figure.cpu_us_per_round_trip.toFixed(1)} us`);
    } catch (error) {
      console.log("-");
      if (signal.aborted || !(error instanceof RunError)) throw error;
      leftOut.set(label, error.message);
      oursFailed ||= turn.entrant.library !== undefined;
    }
  }
  return oursFailed;
}

/** Everything there is to say at the end, whichever way it has come. */
function printAll(
  lines: readonly AvailableGroup[],
  figures: readonly RoundResult[],
  connections: readonly number[],
): void {
  const measured = lines.filter(({ group }) => figures.some((figure) => figure.group === group.title));
  for (const { group } of measured) console.log(`\n${generatorTable(group, figures, connections)}`);
  if (measured.length > 0) console.log(`\n${generatorLegend}`);
  const disturbed = figures.filter(isDisturbed).length;
  if (disturbed > 0)
    console.log(
      wrapText(
        `In ${disturbed} of ${figures.length} turns others used more than a fifth of a core, however often they were tried: the figures ` +
          "are not to be relied on. Stop other programs and measure again.",
      ),
    );
}

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (process.platform !== "linux") throw new UserError("bench:peers reads CPU times from /proc: run it on Linux.");
  const { connections = [1_000, 50], rate = 0 } = flags;
  const signal = interruption();
  const out =
    flags.out === undefined
      ? undefined
      : openTable<RoundResult>(userPath(flags.out), flags.force ?? false, roundColumns);
  const figures: RoundResult[] = [];
  const leftOut = new Map<string, string>();
  let lines: AvailableGroup[] = [];
  let oursFailed = false;
  try {
    lines = await findTools(flags.peers, rate, (sentence) => console.log(wrapText(sentence)), signal);
    const turns = planRounds(lines, connections, flags.rounds);
    console.log(`${turns.length} turns of about ${flags.seconds + 10} s`);
    const add = (figure: RoundResult): void => {
      figures.push(figure);
      out?.append(figure);
    };
    oursFailed = await takeAll(turns, flags, add, leftOut, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    out?.close();
    for (const [label, why] of leftOut) console.log(wrapText(`${label} is left out: ${why}`));
    printAll(lines, figures, connections);
  }
  if (signal.aborted) return exitCodes.interrupted;
  return oursFailed ? exitCodes.rowFailed : exitCodes.done;
});
