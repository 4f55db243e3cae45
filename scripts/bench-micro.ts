import { readEnvironment } from "../results/model/environment.ts";
import { formatCount, textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { measureTask, type TaskCost } from "./microbench/measure.ts";
import { microTasks } from "./microbench/tasks.ts";
import { parseDuration } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { writeText } from "./lib/result-files.ts";

interface Flags {
  only?: string;
  duration: number;
  json?: string;
  force?: true;
}

const command = commandNamed(
  "bench:micro",
  "Times the work for every message: framing, parsing, stamping, recording, scheduling, delivering. Takes 30 s.",
)
  .option("--only <text>", "only tasks whose name contains this text: parse, ledger, ws")
  .option(
    "--duration <time>",
    "per task, after a warm-up of a quarter of it",
    (v) => parseDuration("--duration", v),
    1_000,
  )
  .option("--json <file>", "also write the results to a file, to compare them with later ones of the same machine")
  .option("--force", "overwrite that file")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run bench:micro\n  npm run bench:micro -- --only parse --duration 5s --json before.json",
  );

const tableColumns: TextColumn<TaskCost>[] = [
  { heading: "task\n", value: ({ name }) => name },
  { heading: "messages\n/s", number: true, value: ({ messagesPerS }) => formatCount(messagesPerS) },
  { heading: "MiB\n/s", number: true, value: ({ bytesPerS }) => formatNumber(bytesPerS && bytesPerS / 2 ** 20, 0) },
  {
    heading: "ns/\nmessage",
    number: true,
    value: ({ nsPerMessage }) => formatNumber(nsPerMessage, nsPerMessage < 100 ? 1 : 0),
  },
  { heading: "+-\n%", number: true, value: ({ spreadPercent }) => formatNumber(spreadPercent, 1) },
];

const legend = [
  "Medians over samples of at least 0.2 ms. +-: half of the samples are within this",
  "many percent of the median. MiB: payload only. Tasks named half: a server half",
  "delivers to 1,000 clients, without the socket writes (several us each).",
].join("\n");

await main(async () => {
  const { only = "", duration: durationMs, json, force } = command.parse().opts<Flags>();
  const chosen = microTasks.filter(({ name }) => name.includes(only));
  if (chosen.length === 0)
    throw new UserError(
      `No task has "${only}" in its name. The tasks are: ${microTasks.map(({ name }) => name).join(", ")}.`,
    );
  console.log(`${chosen.length} tasks, about ${Math.ceil((1.3 * chosen.length * durationMs) / 1000)} s\n`);
  const costs: TaskCost[] = [];
  for (const task of chosen) costs.push(await measureTask(task, durationMs));
  console.log(`${textTable(tableColumns, costs)}\n\n${legend}`);
  const record = { environment: readEnvironment(), costs };
  if (json) writeText(userPath(json), `${JSON.stringify(record, undefined, 2)}\n`, force, "--json");
  return exitCodes.done;
});
