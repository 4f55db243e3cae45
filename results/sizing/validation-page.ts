import type { Row } from "../model/columns.ts";
import { formatNumber, type TextColumn } from "../text/text-table.ts";
import { costTerms } from "./cost-fit.ts";
import { observedBytesPerS, loadOf, predict, type CostModel } from "./model.ts";
import { observationsFrom, type Observation } from "./observations.ts";
import type { SizingPage } from "./layouts.ts";
import { outOfRangeNotes, modelReach } from "./model-range.ts";

/** A measured row beside the model's prediction for its load. */
interface Validation {
  transport: string;
  load: string;
  /** Reason why the model has no prediction. */
  outOfRange: string | undefined;
  cpu: Prediction;
  bytes: Prediction | undefined;
}

interface Prediction {
  predicted: number;
  measured: number;
  /** True if the error is at most the error that the model claims. */
  within: boolean;
}

const columns: TextColumn<Validation>[] = [
  { heading: "transport\n", value: ({ transport }) => transport },
  { heading: "load\n", value: ({ load }) => load },
  {
    heading: "CPU %\npredicted",
    number: true,
    value: ({ cpu, outOfRange }) => (outOfRange ? "-" : formatNumber(100 * cpu.predicted, 1)),
  },
  { heading: "\nmeasured", number: true, value: ({ cpu }) => formatNumber(100 * cpu.measured, 1) },
  { heading: "\nerror", number: true, value: ({ cpu, outOfRange }) => (outOfRange ? "-" : errorText(cpu)) },
  {
    heading: "kB/s\npredicted",
    number: true,
    value: ({ bytes, outOfRange }) => kilobytes(outOfRange ? undefined : bytes?.predicted),
  },
  { heading: "\nmeasured", number: true, value: ({ bytes }) => kilobytes(bytes?.measured) },
  {
    heading: "\nerror",
    number: true,
    value: ({ bytes, outOfRange }) => (bytes && !outOfRange ? errorText(bytes) : "-"),
  },
];

/**
 * Predictions for rows that no model was fitted to, how many predictions there are, and how many exceed the claimed
 * error.
 */
export function validationPage(
  models: readonly CostModel[],
  rows: readonly Row[],
): { page: SizingPage<Validation>; predictions: number; missed: number } {
  const all = models.flatMap((model) =>
    observationsFrom(rows.filter(({ transport }) => transport === model.transport)).map((each) =>
      validate(model, each),
    ),
  );
  const predictions = all
    .filter(({ outOfRange }) => outOfRange === undefined)
    .flatMap(({ cpu, bytes }) => (bytes ? [cpu, bytes] : [cpu]));
  const missed = predictions.filter(({ within }) => !within).length;
  const notes = all.flatMap(({ transport, outOfRange }) => (outOfRange ? [`${transport}: ${outOfRange}`] : []));
  return {
    page: {
      intro: ["Predictions of the model for rows that it was not fitted to."],
      columns,
      rows: all,
      notes: [
        ...new Set(notes),
        `${predictions.length - missed} of ${predictions.length} predictions are within the claimed error. ! marks the others.`,
      ],
      data: { rows: all, predictions: predictions.length, missed },
    },
    predictions: predictions.length,
    missed,
  };
}

function validate(model: CostModel, observation: Observation): Validation {
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
    outOfRange: reasons.length > 0 ? `outside the measured range: ${reasons.join("; ")}.` : undefined,
    cpu: predictionOf(cpuPerS, observation.cpuPerS, model.errors.cpu),
    bytes: bytes === undefined ? undefined : predictionOf(outPerS + inPerS, bytes, model.errors.bytes),
  };
}

function predictionOf(predicted: number, measured: number, claimedError: number): Prediction {
  return { predicted, measured, within: Math.abs(predicted / measured - 1) <= claimedError };
}

function errorText({ predicted, measured, within }: Prediction): string {
  const percent = 100 * (predicted / measured - 1);
  return `${within ? "" : "! "}${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}

function kilobytes(bytes: number | undefined): string {
  return bytes === undefined ? "-" : formatNumber(bytes / 1000, 0);
}
