import { sizingPage } from "../results/sizing/sizing-page.ts";
import { modelPage } from "../results/sizing/model-page.ts";
import { validationPage } from "../results/sizing/validation-page.ts";
import { requirementsFor, type SizingAnswer } from "../results/sizing/requirements.ts";
import { resolveLoad } from "../results/sizing/sizing-question.ts";
import {
  commonCpu,
  descriptorLimitOf,
  fitModels,
  readModelFiles,
  referenceLoads,
} from "../results/sizing/model-inputs.ts";
import { readWarningTexts } from "../results/files/read-warnings.ts";
import { maxUtilisation } from "../results/sizing/observations.ts";
import { layoutNames, formatPage, type PageLayout } from "../results/sizing/layouts.ts";
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
  ratePerClient?: number;
  payloadBytes: number;
  roomSize?: number;
  from?: string[];
  validate?: string[];
  utilisation?: number;
  pricePerGb: number;
  cores?: number;
  model?: true;
  format: PageLayout;
}

const noRoomSize =
  "Without --room-size each message goes to one client, which is the smallest possible load. In a room of 50 there are 50 times as many deliveries.";

const explanation = `
--rate is for all clients together, as in npm run bench. 50,000 clients with
--rate-per-client 0.2 send as much as with --rate 10000.

Without --from the rows of the reference machine are used. Rows of your own
machine are better: results/reference/README.md lists what to measure.

Examples:
  npm run sizing -- --clients 50000 --rate-per-client 0.2 --payload-bytes 200 --room-size 50
  npm run sizing -- --clients 2000 --rate 80000 --from mine.csv more.csv
  npm run sizing -- --model
  npm run sizing -- --from small.csv --validate large.csv`;

const command = commandNamed(
  "sizing",
  "Predicts from measured rows what each transport needs for a load: cores, memory, bandwidth, price, latency.",
)
  .option("--clients <n>", "connected clients", (v) => parseInteger("--clients", v, 1, 100_000_000))
  .option("--rate <n>", "messages per second of all clients together", (v) => parsePositive("--rate", v, 1_000_000_000))
  .option("--rate-per-client <n>", "messages per second of each client, instead of --rate", (v) =>
    parsePositive("--rate-per-client", v, 1_000_000),
  )
  .option(
    "--payload-bytes <size>",
    "size of one message: 128, 1KiB",
    (v) => parseSize("--payload-bytes", v, stampBytes, 64 * 2 ** 20),
    128,
  )
  .option("--room-size <n>", "clients that receive each message (default: 1)", (v) =>
    parseInteger("--room-size", v, 1, 100_000_000),
  )
  .option("--from <files...>", "result files to fit the model to (default: results/reference/loads)")
  .option("--validate <files...>", "predict the rows of these files and show the errors")
  .option("--model", "show the fitted costs: per delivery, per send...")
  .option("--utilisation <percent>", "share of a core that may be used, 70% at most (default: 70%)", parseUtilisation)
  .option("--cores <n>", "available cores: also show how many clients they can serve", (v) =>
    parseInteger("--cores", v, 1, 100_000),
  )
  .option(
    "--price-per-gb <n>",
    "dollars per 10^9 bytes sent to clients",
    (v) => parsePositive("--price-per-gb", v, 1_000),
    0.09,
  )
  .option("--format <name>", layoutNames.join(", "), parseLayout, "table")
  .addHelpText("after", explanation);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  const load = flags.model || flags.validate ? undefined : resolveLoad(flags);
  const files = await readModelFiles(flags.from?.map(userPath) ?? referenceLoads());
  const warnings = readWarningTexts(files.flatMap((file) => file.warnings));
  const cpu = commonCpu(files);
  const fitted = fitModels(files.flatMap(({ rows }) => rows));
  const models = fitted.flatMap((each) => ("model" in each ? [each.model] : []));

  if (flags.validate) {
    const measured = await readModelFiles(flags.validate.map(userPath));
    commonCpu([...files, ...measured]);
    const rows = measured.flatMap((file) => file.rows);
    const { page, predictions, missed } = validationPage(models, rows);
    console.log(formatPage(flags.format, page));
    if (predictions === 0) return exitCodes.rowFailed;
    return missed > 0 ? exitCodes.rowSuspect : exitCodes.done;
  }
  if (!load) {
    const missing = fitted.flatMap((each) => ("missing" in each ? [`${each.transport}: ${each.missing}`] : []));
    console.log(formatPage(flags.format, modelPage(models, [...missing, ...warnings])));
    return exitCodes.done;
  }
  const { utilisation = maxUtilisation, pricePerGb, cores } = flags;
  const question = { load, utilisation, pricePerGb, cores, descriptorLimit: descriptorLimitOf(files) };
  const answers = fitted.map((each): SizingAnswer => {
    if ("missing" in each) return { transport: each.transport, unknown: { text: each.missing } };
    return requirementsFor(each.model, question, socketsPerClient(each.transport));
  });
  const basis = { cpu, warnings: [...(flags.roomSize === undefined ? [noRoomSize] : []), ...warnings] };
  console.log(formatPage(flags.format, sizingPage(question, answers, basis)));
  return answers.some((each) => "requirements" in each) ? exitCodes.done : exitCodes.rowFailed;
});

/** Sockets of one client on the server; undefined for a transport that is not on the list. */
function socketsPerClient(transport: string): number | undefined {
  return (transports as Record<string, Transport>)[withoutTlsSuffix(transport) ?? transport]?.socketsPerClient;
}

function parseUtilisation(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  const share = Number(percent ?? NaN) / 100;
  if (share > 0 && share <= maxUtilisation) return share;
  throw new UserError(
    `--utilisation "${text}" is not a percentage from 1% to 70%. Above 70% queues grow, and the model does not cover that.`,
  );
}

function parseLayout(text: string): PageLayout {
  const found = layoutNames.find((name) => name === text);
  if (found) return found;
  throw new UserError(`Unknown --format "${text}".${didYouMean(text, layoutNames)}`);
}
