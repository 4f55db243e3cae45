import type { Row } from "../model/columns.ts";
import { formatNumber, type TextColumn } from "../text/text-table.ts";
import { percentText } from "./sizing-page.ts";
import { costTerms, type CostTerm } from "./cost-fit.ts";
import { observedBytesPerS, loadOf, predict, type CostModel } from "./model.ts";
import { observationsFrom, type Observation } from "./observations.ts";
import type { SizingPage } from "./layouts.ts";
import { outOfRangeNotes, modelReach } from "./model-range.ts";

/** How a term's cost is shown, and what CPU seconds are multiplied by for it. */
const costColumns = {
  deliveries: { heading: "us per\ndlv", times: 1e6 },
  exchanges: { heading: "\nexchg", times: 1e6 },
  sends: { heading: "\nsend", times: 1e6 },
  payloadBytes: { heading: "\nKiB", times: 1024e6 },
  clients: { heading: "\nclient s", times: 1e6 },
  processes: { heading: "process\n% core", times: 100 },
} as const satisfies Record<CostTerm, { heading: string; times: number }>;

const fittedColumns: TextColumn<CostModel>[] = [
  { heading: "transport\n", value: ({ transport }) => transport },
  ...(Object.keys(costColumns) as CostTerm[]).map((term) => ({
    heading: costColumns[term].heading,
    number: true as const,
    value: ({ costs }: CostModel) => {
      const cost = costs.cpu.costs[term];
      return formatNumber(cost === undefined ? undefined : cost * costColumns[term].times, 1);
    },
  })),
  { heading: "error\nCPU", number: true, value: ({ errors }) => percentText(errors.cpu) },
  { heading: "\nbytes", number: true, value: ({ errors }) => percentText(errors.bytes) },
  { heading: "loads\n", number: true, value: ({ loads }) => formatNumber(loads, 0) },
];

/** What each transport's work was found to cost the server's CPU. */
export function modelPage(models: readonly CostModel[], warnings: readonly string[]): SizingPage<CostModel> {
  const merged = models.flatMap(({ transport, costs }) =>
    costs.cpu.merged.map(({ term, into }) => {
      const others = into.map((other) => costTerms[other].one).join(" and ");
      return `${transport}: the rows do not vary ${costTerms[term].many} on their own, so that cost lies in ${others}.`;
    }),
  );
  return {
    head: ["Server CPU = the sum of these costs times how often each occurs."],
    shown: fittedColumns,
    lines: models,
    foot: [
      ...merged,
      "dlv: delivery. exchg: an HTTP ask that is answered. KiB: of messages, in and out. client s: a client that is there, each second; process: the same.",
      "error: by how much the worst load was missed when its rows were held out.",
      ...warnings,
    ],
    data: {
      models: models.map(({ transport, loads, observations, costs, errors }) => ({
        transport,
        rows: observations.length,
        loads,
        errors,
        costs,
      })),
      warnings,
    },
  };
}

/** A measured row and what the model says of its load. */
interface Tried {
  transport: string;
  load: string;
  /** Why the model says nothing. */
  refused: string | undefined;
  cpu: Compared;
  bytes: Compared | undefined;
}

interface Compared {
  predicted: number;
  measured: number;
  /** Whether they differ by no more than the model claims. */
  within: boolean;
}

const triedColumns: TextColumn<Tried>[] = [
  { heading: "transport\n", value: ({ transport }) => transport },
  { heading: "load\n", value: ({ load }) => load },
  {
    heading: "CPU %\nsaid",
    number: true,
    value: ({ cpu, refused }) => (refused ? "-" : formatNumber(100 * cpu.predicted, 1)),
  },
  { heading: "\nmeasured", number: true, value: ({ cpu }) => formatNumber(100 * cpu.measured, 1) },
  { heading: "\noff", number: true, value: ({ cpu, refused }) => (refused ? "-" : off(cpu)) },
  { heading: "kB/s\nsaid", number: true, value: ({ bytes, refused }) => kilo(refused ? undefined : bytes?.predicted) },
  { heading: "\nmeasured", number: true, value: ({ bytes }) => kilo(bytes?.measured) },
  { heading: "\noff", number: true, value: ({ bytes, refused }) => (bytes && !refused ? off(bytes) : "-") },
];

/** The rows as the models see them without having been fitted to them, and how many of so many predictions were off by more than was claimed. */
export function validationPage(
  models: readonly CostModel[],
  rows: readonly Row[],
): { page: SizingPage<Tried>; predictions: number; missed: number } {
  const lines = models.flatMap((model) =>
    observationsFrom(rows.filter(({ transport }) => transport === model.transport)).map((each) => tried(model, each)),
  );
  const checked = lines.filter(({ refused }) => refused === undefined);
  const comparisons = checked.flatMap(({ cpu, bytes }) => (bytes ? [cpu, bytes] : [cpu]));
  const missed = comparisons.filter(({ within }) => !within).length;
  const refused = lines.flatMap((line) => (line.refused ? [`${line.transport}: ${line.refused}`] : []));
  return {
    page: {
      head: ["What the model says of rows that it was not fitted to."],
      shown: triedColumns,
      lines,
      foot: [
        ...new Set(refused),
        `${comparisons.length - missed} of ${comparisons.length} predictions are within the claimed error; ! marks the others.`,
      ],
      data: { rows: lines, predictions: comparisons.length, missed },
    },
    predictions: comparisons.length,
    missed,
  };
}

function tried(model: CostModel, observation: Observation): Tried {
  const load = loadOf(observation);
  const { cpuPerS, outPerS, inPerS } = predict(model.costs, load);
  const bytes = observedBytesPerS(observation, model.costs.headers !== undefined);
  const reach = modelReach(model, load);
  const reasons = outOfRangeNotes(model, load);
  if (reach.processes > 1) reasons.push(`more than twice the measured ${costTerms[reach.term].many}`);
  const { clients = 0, rooms = 0, offered_per_s: perS = 0, payload_bytes: size = 0 } = observation.row;
  return {
    transport: model.transport,
    load: `${clients} in ${rooms}, ${perS}/s, ${size} B`,
    refused: reasons.length > 0 ? `not known: ${reasons.join("; ")}.` : undefined,
    cpu: compared(cpuPerS, observation.cpuPerS, model.errors.cpu),
    bytes: bytes === undefined ? undefined : compared(outPerS + inPerS, bytes, model.errors.bytes),
  };
}

function compared(predicted: number, measured: number, claimed: number): Compared {
  return { predicted, measured, within: Math.abs(predicted / measured - 1) <= claimed };
}

function off({ predicted, measured, within }: Compared): string {
  const percents = 100 * (predicted / measured - 1);
  return `${within ? "" : "! "}${percents > 0 ? "+" : ""}${percents.toFixed(1)} %`;
}

function kilo(bytes: number | undefined): string {
  return bytes === undefined ? "-" : formatNumber(bytes / 1000, 0);
}
