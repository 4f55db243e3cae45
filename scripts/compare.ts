import { compare } from "../results/compare/compare.ts";
import type { Comparison } from "../results/compare/types.ts";
import { comparisonCsv, comparisonJson } from "../results/compare/export.ts";
import { parseBounds, checkThresholds, type RegressionBounds } from "../results/compare/regression-gate.ts";
import { measureNoise, readNoiseFloors } from "../results/compare/noise-floors.ts";
import { comparisonMarkdown } from "../results/compare/markdown.ts";
import { parseRenames, type Renames } from "../results/compare/pairing.ts";
import { splitSides, allRows } from "../results/compare/baseline.ts";
import { comparisonText } from "../results/compare/terminal.ts";
import { readResults, type ResultFileContent } from "../results/files/read.ts";
import { didYouMean, UserError } from "../scenarios/lib/errors.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { writeText } from "./lib/result-files.ts";

interface Flags {
  pair?: Renames[];
  maxRegression?: RegressionBounds;
  format: keyof typeof formats;
  all?: true;
  noiseFloor?: string;
  measureNoise?: string;
  out?: string;
  force?: true;
}

const formats = {
  table: comparisonText,
  markdown: comparisonMarkdown,
  json: comparisonJson,
  csv: (comparisons: readonly Comparison[]) => comparisonCsv(comparisons).trimEnd(),
} satisfies Record<string, (comparisons: readonly Comparison[], all: boolean) => string>;

const examples = [
  "npm run compare -- before.csv after.csv",
  "npm run compare -- both-builds.csv --max-regression latency_p99_us=10%,server_cpu_us_per_delivery=5%",
  "npm run compare -- mine.csv mine.csv --pair short-poll=long-poll",
  "npm run --silent compare -- before.csv after.csv --format markdown --out comment.md",
];

const command = commandNamed(
  "compare",
  "Says what got worse or better between result files, by how much, and whether it is real.",
)
  .argument("[files...]", "CSVs of runs, the one before first; or one that holds two builds")
  .option(
    "--pair <names>",
    "set a transport against one of another name: short-poll=long-poll",
    (given, before?: Renames[]) => [...(before ?? []), ...parseRenames(given)],
  )
  .option("--max-regression <bounds>", "exit 4 where a metric is worse by more: 5%, latency_p99_us=10%", parseBounds)
  .option("--format <name>", Object.keys(formats).join(", "), formatNamed, "table")
  .option("--all", "every metric in the table, not only those that are decided")
  .option("--noise-floor <file>", "what runs of the same thing differ by, instead of the built-in figures")
  .option("--measure-noise <file>", "write such a file from two or more runs of the same thing")
  .option("--out <file>", "write there instead of here")
  .option("--force", "overwrite it")
  .addHelpText("after", () => `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (command.args.length === 0) {
    command.outputHelp();
    throw new UserError("Name the CSVs to compare: the one before, then the one after.");
  }
  const read: ResultFileContent[] = [];
  for (const path of command.args) read.push({ ...(await readResults(userPath(path))), path });
  return flags.measureNoise === undefined ? compareAll(read, flags) : learn(read, flags.measureNoise, flags);
});

/** Compares every later side with the first, and says so. Returns the exit code. */
function compareAll(read: readonly ResultFileContent[], flags: Flags): number {
  const floors = readNoiseFloors(flags.noiseFloor === undefined ? undefined : userPath(flags.noiseFloor));
  const [before, ...others] = splitSides(read);
  const comparisons = others.map((after) => compare(before, after, { renamed: flags.pair ?? [], floors }));
  const text = formats[flags.format](comparisons, flags.all ?? false);
  if (flags.out === undefined) console.log(text);
  else writeText(userPath(flags.out), `${text}\n`, flags.force);
  if (!flags.maxRegression) return exitCodes.done;
  const { over, blind } = checkThresholds(comparisons, flags.maxRegression);
  for (const sentence of [...over, ...blind]) console.error(sentence);
  return over.length > 0 ? exitCodes.regression : exitCodes.done;
}

/** Writes what these runs of the same thing differ by. Returns the exit code. */
function learn(read: readonly ResultFileContent[], path: string, { force }: Flags): number {
  const floors = measureNoise(read.map(allRows));
  writeText(userPath(path), `${JSON.stringify(floors, undefined, 2)}\n`, force);
  for (const [column, percent] of Object.entries(floors.columns)) console.log(`${column}: ${percent}%`);
  console.log(`Floors of ${floors.runs} runs: ${path}`);
  return exitCodes.done;
}

function formatNamed(given: string): string {
  if (Object.hasOwn(formats, given)) return given;
  throw new UserError(`--format "${given}" is none.${didYouMean(given, Object.keys(formats))}`);
}
