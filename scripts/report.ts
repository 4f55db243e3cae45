import { besideFile, withoutSideFiles } from "../results/files/csv.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { reportOf } from "./lib/report-of.ts";
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
  writeText(path, await reportOf(files), force);
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
