import { basename } from "node:path";
import { compare } from "../results/compare/compare.ts";
import { readNoiseFloor } from "../results/compare/noise-floor.ts";
import { splitSides } from "../results/compare/baseline.ts";
import { besideFile, withoutSideFiles } from "../results/files/csv.ts";
import { readResults, readTimeline } from "../results/files/read.ts";
import type { ReportSource } from "../results/report/text/load-groups.ts";
import type { ReportComparison } from "../results/report/sections/comparison.ts";
import { reportPage } from "../results/report/page.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { assertFree, writeText } from "./lib/result-files.ts";

interface Flags {
  out?: string;
  force?: true;
}

const examples = [
  "npm run report -- results/runs/2025-01-02T03-04-05.678Z-chat-1k.csv",
  "npm run report -- before.csv after.csv --out both.html",
];

const command = commandNamed(
  "report",
  "Writes one HTML page about result files: latency, throughput, overhead, CPU, memory and validity of each transport.",
)
  .argument("[files...]", "result files (CSV); later files are compared with the first")
  .option("--out <file>", "name of the page (default: that of the first CSV, with .html)")
  .option("--force", "overwrite an existing page")
  .addHelpText("after", () => `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const { out, force } = command.parse().opts<Flags>();
  const files = withoutSideFiles(command.args);
  const [first] = files;
  if (first === undefined) {
    command.outputHelp();
    throw new UserError("Give the CSV to report on.");
  }
  const path = out === undefined ? besideFile(userPath(first), ".html") : userPath(out);
  checkPaths(files, path);
  assertFree(path, force ?? false);
  const sources: ReportSource[] = [];
  for (const file of files) {
    const results = await readResults(userPath(file));
    const short = files.filter((other) => basename(other) === basename(file)).length === 1;
    sources.push({
      ...results,
      path: file,
      name: short ? basename(file) : file,
      points: await readTimeline(userPath(file)),
    });
  }
  writeText(path, reportPage(sources, comparedSides(sources)), force);
  console.log(path);
  return exitCodes.done;
});

/** Refuses names of result files. Results take minutes to measure, so not even --force replaces them with a page. */
function checkPaths(files: readonly string[], out: string): void {
  const paths = files.map(userPath);
  const twice = files.find((_, i) => paths.indexOf(paths[i]!) !== i);
  if (twice !== undefined) throw new UserError(`${twice} appears twice: name it once.`);
  if (/\.(csv|json)$/i.test(out) || paths.includes(out))
    throw new UserError(`--out ${out} is the name of a result file: choose a name that ends in .html.`);
}

/**
 * Comparisons of later files with the first, or of the builds in one file. Files that cannot be compared still get a
 * page.
 */
function comparedSides(sources: readonly ReportSource[]): ReportComparison[] {
  const builds = new Set(sources.flatMap(({ rows }) => rows.map(({ build }) => build)));
  if (sources.length === 1 && builds.size === 1) return [];
  try {
    const [before, ...others] = splitSides(sources);
    const options = { renames: [], noiseFloor: readNoiseFloor() };
    return others.map((after) => attempt(() => compare(before, after, options)));
  } catch (error) {
    return [sentence(error)];
  }
}

function attempt(make: () => ReportComparison): ReportComparison {
  try {
    return make();
  } catch (error) {
    return sentence(error);
  }
}

function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
