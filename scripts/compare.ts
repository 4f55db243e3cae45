import { compare } from "../results/compare/compare.ts";
import type { Comparison } from "../results/compare/types.ts";
import { comparisonCsv, comparisonJson } from "../results/compare/export.ts";
import { parseBounds, checkBounds, type RegressionBounds } from "../results/compare/regression-gate.ts";
import { measureNoise, readNoiseFloor } from "../results/compare/noise-floor.ts";
import { comparisonMarkdown } from "../results/compare/markdown.ts";
import { parseRenames, type TransportRename } from "../results/compare/pairing.ts";
import { splitSides, allRows } from "../results/compare/baseline.ts";
import { comparisonText } from "../results/compare/terminal.ts";
import { withoutSideFiles } from "../results/files/csv.ts";
import { readResults, type ResultFileContent } from "../results/files/read.ts";
import { didYouMean, UserError } from "../scenarios/lib/errors.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { reportGate } from "./lib/gate-result.ts";
import { writeText } from "./lib/result-files.ts";

interface Flags {
  pair?: TransportRename[];
  maxRegression?: RegressionBounds;
  allowUndecided?: true;
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
  "npm run compare -- before.csv after.csv --max-regression exact",
  "npm run compare -- mine.csv mine.csv --pair short-poll=long-poll",
  "npm run --silent compare -- before.csv after.csv --format markdown --out comment.md",
];

const command = commandNamed(
  "compare",
  "Finds what got worse or better between result files, by how much, and whether the change is real.",
)
  .argument("[files...]", "CSVs of runs, the one before first; or one CSV with two builds")
  .option(
    "--pair <names>",
    "compare two transports with different names: short-poll=long-poll",
    (value, previous?: TransportRename[]) => [...(previous ?? []), ...parseRenames(value)],
  )
  .option(
    "--max-regression <bounds>",
    "exit 4 where a metric got worse by more, messages were lost or a transport is gone: 5%, latency_p99_us=10%, " +
      "exact (bytes and deliveries); exit 5 where that cannot be judged",
    parseBounds,
  )
  .option("--allow-undecided", "with --max-regression: exit 0 where it cannot be judged")
  .option("--format <name>", Object.keys(formats).join(", "), formatNamed, "table")
  .option("--all", "show every metric, not only the tested ones")
  .option("--noise-floor <file>", "the noise floor of your machine, instead of the built-in one")
  .option("--measure-noise <file>", "write the noise floor from two or more runs of the same build")
  .option("--out <file>", "write the result to this file")
  .option("--force", "overwrite the file")
  .addHelpText("after", () => `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  if (command.args.length === 0) {
    command.outputHelp();
    throw new UserError("Name the CSVs to compare: the one before, then the one after.");
  }
  const files: ResultFileContent[] = [];
  for (const path of withoutSideFiles(command.args)) files.push({ ...(await readResults(userPath(path))), path });
  return flags.measureNoise === undefined
    ? compareFiles(files, flags)
    : writeNoiseFloor(files, flags.measureNoise, flags);
});

/** Compares every later side with the first, and prints or writes the result. Returns the exit code. */
function compareFiles(files: readonly ResultFileContent[], flags: Flags): number {
  const noiseFloor = readNoiseFloor(flags.noiseFloor === undefined ? undefined : userPath(flags.noiseFloor));
  const [before, ...others] = splitSides(files);
  const comparisons = others.map((after) => compare(before, after, { renames: flags.pair ?? [], noiseFloor }));
  const text = formats[flags.format](comparisons, flags.all ?? false);
  if (flags.out === undefined) console.log(text);
  else writeText(userPath(flags.out), `${text}\n`, flags.force);
  if (!flags.maxRegression) {
    if (flags.allowUndecided)
      throw new UserError("--allow-undecided needs --max-regression: name the bounds, such as 5%.");
    return exitCodes.done;
  }
  return reportGate(checkBounds(comparisons, flags.maxRegression), {
    exceeded: exitCodes.regression,
    unnoticed: "a regression",
    allowUndecided: flags.allowUndecided,
  });
}

/** Writes the noise floor of runs of the same build. Returns the exit code. */
function writeNoiseFloor(files: readonly ResultFileContent[], path: string, { force }: Flags): number {
  const noiseFloor = measureNoise(files.map(allRows));
  writeText(userPath(path), `${JSON.stringify(noiseFloor, undefined, 2)}\n`, force, "--measure-noise");
  for (const [column, percent] of Object.entries(noiseFloor.columns)) console.log(`${column}: ${percent}%`);
  console.log(`Noise floor of ${noiseFloor.runs} runs: ${path}`);
  return exitCodes.done;
}

function formatNamed(name: string): string {
  if (Object.hasOwn(formats, name)) return name;
  throw new UserError(`--format "${name}" is unknown.${didYouMean(name, Object.keys(formats))}`);
}
