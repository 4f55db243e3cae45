import { median } from "../statistics/median.ts";
import { splitProcesses, type ProcessSplit, type SizingQuestion } from "./split-processes.ts";
import { interpolateLatency, type InterpolatedLatency } from "./latency.ts";
import { costTerms } from "./cost-fit.ts";
import { predict, workOf, type SizedLoad, type CostModel } from "./model.ts";
import type { Observation } from "./observations.ts";
import { benchArguments, outOfRangeNotes, formatBrief, type SizingNote } from "./model-range.ts";

/** What a transport would need for the load. */
export interface Requirements {
  /** CPU seconds a second of all servers. */
  cpuPerS: number;
  /** Cores that give them at the wanted utilisation. */
  cores: number;
  /** Server processes: at least one per core, and more where descriptors or the measured range ask for it. */
  processes: number;
  memoryMib: number | undefined;
  descriptors: number | undefined;
  /** HTTP asks that are answered a second; 0 where the transport has none. */
  exchangesPerS: number;
  /** GB (10^9 bytes) in 30 days, to clients and from them. */
  outGb: number;
  inGb: number;
  /** Of what goes out, a month. */
  price: number;
  latency: InterpolatedLatency | undefined;
  errors: CostModel["errors"];
  /** What is not in the numbers, or stands behind them. */
  notes: SizingNote[];
}

/** What is said of a transport: its needs, or why nothing can be said and what to measure. */
export type SizingAnswer = { transport: string; needs: Requirements } | { transport: string; refused: SizingNote };

const secondsPerMonth = 30 * 24 * 3600;

/** What this transport needs for the load, as far as its rows can tell. `socketsPerClient` is undefined where nobody knows. */
export function requirementsFor(
  model: CostModel,
  question: SizingQuestion,
  socketsPerClient: number | undefined,
): SizingAnswer {
  const { transport } = model;
  const divided = splitProcesses(model, question, socketsPerClient ?? 1);
  if (!divided)
    return {
      transport,
      refused: { says: "Not possible: a process without clients is already busier than --utilisation." },
    };
  const reasons = outOfRangeNotes(model, divided.perProcess);
  if (reasons.length > 0)
    return {
      transport,
      refused: { says: `Not known: ${reasons.join("; ")}.`, measure: benchArguments(divided.perProcess) },
    };
  const { cores, whole, perProcess } = divided;
  const { cpuPerS, outPerS, inPerS } = predict(model.costs, whole);
  const latency = interpolateLatency(model, perProcess, cpuPerS / whole.processes);
  const outGb = (outPerS * secondsPerMonth) / 1e9;
  const needs = {
    cpuPerS,
    cores,
    processes: whole.processes,
    memoryMib: memoryMib(model.observations, whole),
    descriptors: socketsPerClient && socketsPerClient * whole.clients,
    exchangesPerS: workOf(model.costs, whole).exchanges,
    outGb,
    inGb: (inPerS * secondsPerMonth) / 1e9,
    price: outGb * question.pricePerGb,
    latency,
    errors: model.errors,
  };
  return { transport, needs: { ...needs, notes: notes(model, question, divided, latency) } };
}

function notes(
  model: CostModel,
  question: SizingQuestion,
  division: ProcessSplit,
  latency: InterpolatedLatency | undefined,
): SizingNote[] {
  const { load, cores, utilisation, descriptorLimit } = question;
  const { whole, perProcess, reason } = division;
  const { processes } = whole;
  const said: SizingNote[] = [];
  if (cores !== undefined) {
    const carried = (cores * utilisation * load.clients) / predict(model.costs, whole).cpuPerS;
    said.push({
      says: `Of such clients ${count(cores)} core${cores === 1 ? " carries" : "s carry"} ${formatBrief(carried)} by CPU.`,
    });
  }
  if (reason === "descriptors")
    said.push({ says: `${count(processes)} processes, as one may have ${count(descriptorLimit)} descriptors open.` });
  else if (reason)
    said.push({
      says:
        `${count(processes)} processes, as the model goes to twice what was measured in one (${formatBrief(reason.most)} ` +
        `${costTerms[reason.term].many}). Measure more, and fewer may do.`,
      measure: benchArguments(alone(reason.term === "clients", perProcess)),
    });
  if (load.roomSize > load.clients / processes)
    said.push({
      says:
        `A room of ${count(load.roomSize)} spans processes of ${count(Math.round(perProcess.clients))} clients, so its messages need a bus ` +
        `between them, which was not measured: the numbers are without it, the least there can be.`,
    });
  said.push(
    latency
      ? { says: `Latency: as measured at ${latency.loads.join(" and ")}.` }
      : { says: "Latency is not known at this load. Measure it.", measure: benchArguments(perProcess) },
  );
  return said;
}

/** Many clients are measured with an echo, as a room of all of them would be another load. */
function alone(echo: boolean, load: SizedLoad): SizedLoad {
  return echo ? { ...load, roomSize: 1, deliveriesPerS: load.sendsPerS } : load;
}

/** What processes take under load without their clients, and each client's own; undefined where no row knows. */
function memoryMib(observations: readonly Observation[], { clients, processes }: SizedLoad): number | undefined {
  const most = Math.max(...observations.map(({ row }) => row.clients!));
  // A slope over few clients is mostly garbage of the moment.
  const slopes = observations.flatMap(({ row }) => (row.clients === most ? (row.server_rss_kib_per_client ?? []) : []));
  const perClient = median(slopes);
  if (perClient === undefined) return undefined;
  const mibPerClient = Math.max(0, perClient) / 1024;
  const without = observations.flatMap(({ row: { server_rss_mib: mib, clients: held = 0 } }) =>
    mib === undefined ? [] : mib - held * mibPerClient,
  );
  const perProcess = median(without);
  return perProcess === undefined ? undefined : processes * Math.max(0, perProcess) + clients * mibPerClient;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
