import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sizingPage } from "../results/sizing/sizing-page.ts";
import { modelPage, validationPage } from "../results/sizing/model-page.ts";
import { requirementsFor, type SizingAnswer } from "../results/sizing/requirements.ts";
import type { SizingQuestion } from "../results/sizing/split-processes.ts";
import { cpuNames, fitModels, descriptorLimitOf } from "../results/sizing/model-inputs.ts";
import { fullShare } from "../results/sizing/observations.ts";
import { layoutNames, formatPage, type PageLayout } from "../results/sizing/layouts.ts";
import { isSideFile } from "../results/files/csv.ts";
import { projectFolder } from "../results/model/environment.ts";
import { readResults, type ResultFileContent } from "../results/files/read.ts";
import { readWarningTexts } from "../results/files/read-warnings.ts";
import { didYouMean, UserError } from "../scenarios/lib/errors.ts";
import { stampBytes } from "../scenarios/lib/message-stamp.ts";
import { transports } from "../scenarios/transports.ts";
import { parsePositive, parseSize, parseInteger } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import type { Transport } from "../scenarios/transports/transport.ts";
import { withoutTlsSuffix } from "../scenarios/transports/load-transport.ts";

interface Flags {
  clients?: number;
  rate?: number;
  rate_in_all_TODO?: number;
  payloadBytes: number;
  roomSize?: number;
  from?: string[];
  against?: string[];
  utilisation?: number;
  pricePerGb: number;
  cores?: number;
  model?: true;
  format: PageLayout;
}

const noRoomSize =
  "Without --room-size each message goes to one client, the least there can be: in rooms there are as many more deliveries as members.";

const explanation = `
--rate is per client here: 50,000 clients at 0.2 messages/s send 10,000/s.
The bench's --rate is over all clients: here that is --rate.
Without --room-size each message goes to one client, as in the scenario echo:
that is the least there can be, and no row can know your rooms.

Without --from the rows are those of the reference machine. Your own machine's
are better: results/reference/README.md lists what to measure.

Examples:
  npm run advise -- --clients 50000 --rate 0.2 --payload-bytes 200 --room-size 50
  npm run advise -- --clients 2000 --rate 40 --from mine.csv more.csv
  npm run advise -- --model
  npm run advise -- --from small.csv --baseline large.csv`;

const command = commandNamed(
  "advise",
  "What each transport would need for a load, from measured rows: cores, memory, bandwidth, price, latency.",
)
  .option("--clients <n>", "clients that are connected", (v) => parseInteger("--clients", v, 1, 100_000_000))
  .option("--rate <n>", "messages that a client sends per second, on average", ratePerClient)
  .option("--rate <n>", "or: messages sent per second by all clients", (v) => parsePositive("--rate", v, 1_000_000_000))
  .option(
    "--payload-bytes <size>",
    "one message: 128, 1KiB",
    (v) => parseSize("--payload-bytes", v, stampBytes, 64 * 2 ** 20),
    128,
  )
  .option("--room-size <n>", "clients that receive a message (default: 1)", (v) =>
    parseInteger("--room-size", v, 1, 100_000_000),
  )
  .option("--from <files...>", "result files to fit the model to (default: results/reference/loads)")
  .option("--baseline <files...>", "predict these rows, and say how far that is off")
  .option("--model", "show what was fitted: what a delivery, a send... costs")
  .option("--utilisation <percent>", "of a core, 70% at most (default: 70%)", utilisation)
  .option("--cores <n>", "cores you have: say how many clients they carry", (v) =>
    parseInteger("--cores", v, 1, 100_000),
  )
  .option(
    "--price-per-gb <n>",
    "dollars per 10^9 bytes that go out",
    (v) => parsePositive("--price-per-gb", v, 1_000),
    0.09,
  )
  .option("--format <name>", layoutNames.join(", "), layout, "table")
  .addHelpText("after", explanation);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  const asked = flags.model || flags.against ? undefined : askedIn(flags);
  const files = await readAll(flags.from?.map(userPath) ?? reference());
  const warnings = readWarningTexts(files.flatMap((file) => file.warnings));
  const cpu = cpuNames(files);
  const fitted = fitModels(files.flatMap(({ rows }) => rows));
  const models = fitted.flatMap(({ model }) => model ?? []);

  if (flags.against) {
    const other = await readAll(flags.against.map(userPath));
    cpuNames([...files, ...other]);
    const { page, predictions, missed } = validationPage(
      models,
      other.flatMap(({ rows }) => rows),
    );
    console.log(formatPage(flags.format, page));
    if (predictions === 0) return exitCodes.rowFailed;
    return missed > 0 ? exitCodes.rowDoubtful : exitCodes.done;
  }
  if (!asked) {
    const lacking = fitted.flatMap(({ transport, lacks }) => (lacks ? [`${transport}: ${lacks}`] : []));
    console.log(formatPage(flags.format, modelPage(models, [...lacking, ...warnings])));
    return exitCodes.done;
  }
  const question = { ...asked, descriptorLimit: descriptorLimitOf(files) };
  const answers = fitted.map(({ transport, model, lacks }): SizingAnswer => {
    const plain = withoutTlsSuffix(transport) ?? transport;
    const sockets = (transports as Record<string, Transport>)[plain]?.socketsPerClient;
    return model ? requirementsFor(model, question, sockets) : { transport, refused: { says: lacks! } };
  });
  const least = flags.roomSize === undefined ? [noRoomSize] : [];
  const basis = { cpu, warnings: [...least, ...warnings] };
  console.log(formatPage(flags.format, sizingPage(question, answers, basis)));
  return answers.some((each) => "needs" in each) ? exitCodes.done : exitCodes.rowFailed;
});

/** Reads result files, and passes over what stands beside them under the same pattern. */
function readAll(paths: readonly string[]): Promise<ResultFileContent[]> {
  return Promise.all(paths.filter((path) => !isSideFile(path)).map(readResults));
}

/** Messages a second follow from either rate; deliveries from the room that each message goes to. */
function askedIn(flags: Flags): Omit<SizingQuestion, "descriptorLimit"> {
  const { clients, rate, rate_in_all_TODO, payloadBytes, roomSize = 1, utilisation: share = fullShare } = flags;
  if (clients === undefined) throw new UserError("Say how many clients there are: --clients 50000.");
  if ((rate === undefined) === (rate_in_all_TODO === undefined))
    throw new UserError("Say how much they send: --rate for each client, or --rate for all of them, not both.");
  if (roomSize > clients)
    throw new UserError(
      `--room-size ${roomSize} is more than there are --clients, ${clients}: a room is a part of them.`,
    );
  const sendsPerS = rate_in_all_TODO ?? rate! * clients;
  const load = { clients, processes: 1, roomSize, sendsPerS, deliveriesPerS: sendsPerS * roomSize, payloadBytes };
  return { load, utilisation: share, pricePerGb: flags.pricePerGb, cores: flags.cores };
}

/** The result files that come with the project. */
function reference(): string[] {
  const folder = join(projectFolder, "results", "reference", "loads");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith(".csv") && !isSideFile(name));
  if (files.length === 0)
    throw new UserError("There are no rows in results/reference/loads: give your own with --from FILE.csv.");
  return files.toSorted().map((name) => join(folder, name));
}

/** Nobody's client sends a thousand messages a second; who writes that means all clients. */
function ratePerClient(given: string): number {
  if (Number(given) > 1_000)
    throw new UserError(
      `--rate "${given}" is not what one client sends: for all clients together write --rate ${given}.`,
    );
  return parsePositive("--rate", given, 1_000);
}

function utilisation(given: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(given)?.[1];
  const share = Number(percent ?? NaN) / 100;
  if (share > 0 && share <= fullShare) return share;
  throw new UserError(
    `--utilisation "${given}" is not a percentage from 1% to 70%: above that, queues grow and the model was not fitted.`,
  );
}

function layout(given: string): PageLayout {
  const found = layoutNames.find((name) => name === given);
  if (found) return found;
  throw new UserError(`Unknown --format "${given}".${didYouMean(given, layoutNames)}`);
}
