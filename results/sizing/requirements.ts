import { median } from "../statistics/median.ts";
import { splitProcesses, type ProcessSplit } from "./split-processes.ts";
import { interpolateLatency, type InterpolatedLatency } from "./latency.ts";
import { costTerms } from "./cost-fit.ts";
import { predict, workOf, type SizedLoad, type CostModel } from "./model.ts";
import type { Observation } from "./observations.ts";
import { benchArguments, outOfRangeNotes, formatBrief, type SizingNote } from "./model-range.ts";
import type { SizingQuestion } from "./sizing-question.ts";

/** Resources that a transport needs for a load. */
export interface Requirements {
  /** CPU seconds per second of all servers. */
  cpuPerS: number;
  /** Cores that provide this CPU at the utilisation of the question. */
  cores: number;
  /** Server processes: at least one per core, more where descriptors or the measured range require it. */
  processes: number;
  memoryMib: number | undefined;
  /** Open sockets of all clients, on the servers. */
  sockets: number | undefined;
  /** Answered HTTP polls per second; 0 where the transport does not poll. */
  pollsPerS: number;
  /** GB (10^9 bytes) per 30 days to clients and from clients. */
  outGb: number;
  inGb: number;
  /** Dollars per 30 days for the bytes to clients. */
  price: number;
  latency: InterpolatedLatency | undefined;
  errors: CostModel["errors"];
  /** Assumptions behind the numbers, and limits of the numbers. */
  notes: SizingNote[];
}

/** Answer for one transport: its requirements, or why they are unknown and what to measure. */
export type SizingAnswer =
  | { transport: string; requirements: Requirements }
  | { transport: string; unknown: SizingNote };

const secondsPerMonth = 30 * 24 * 3600;

/**
 * Requirements of a transport for a load, if its rows cover the load. `socketsPerClient` is undefined where it is
 * unknown.
 */
export function requirementsFor(
  model: CostModel,
  question: SizingQuestion,
  socketsPerClient: number | undefined,
): SizingAnswer {
  const { transport } = model;
  const split = splitProcesses(model, question, socketsPerClient ?? 1);
  if (!split) return { transport, unknown: { text: tooIdle } };
  const outOfRange = outOfRangeNotes(model, split.perProcess);
  if (outOfRange.length > 0) {
    const text = `Unknown, because the load is outside the measured range: ${outOfRange.join("; ")}.`;
    return { transport, unknown: { text, benchArgs: benchArguments(split.perProcess) } };
  }
  const { cores, total, perProcess } = split;
  const { cpuPerS, outPerS, inPerS } = predict(model.costs, total);
  const latency = interpolateLatency(model, perProcess, cpuPerS / total.processes);
  const outGb = (outPerS * secondsPerMonth) / 1e9;
  const requirements = {
    cpuPerS,
    cores,
    processes: total.processes,
    memoryMib: memoryMib(model.observations, total),
    sockets: socketsPerClient && socketsPerClient * total.clients,
    pollsPerS: workOf(model.costs, total).polls,
    outGb,
    inGb: (inPerS * secondsPerMonth) / 1e9,
    price: outGb * question.pricePerGb,
    latency,
    errors: model.errors,
    notes: [
      ...coresNote(question, cpuPerS),
      ...processesNote(question, split),
      ...roomNote(question, split),
      latencyNote(latency, perProcess),
    ],
  };
  return { transport, requirements };
}

const tooIdle =
  "Not possible: an idle process already uses a larger share of a core than --utilisation allows. Raise --utilisation.";

function coresNote({ load, cores, utilisation }: SizingQuestion, cpuPerS: number): SizingNote[] {
  if (cores === undefined) return [];
  const clients = formatBrief((cores * utilisation * load.clients) / cpuPerS);
  return [{ text: `${exact(cores)} core${cores === 1 ? " has" : "s have"} the CPU for ${clients} such clients.` }];
}

function processesNote({ descriptorLimit }: SizingQuestion, { total, perProcess, reason }: ProcessSplit): SizingNote[] {
  if (reason === undefined) return [];
  const processes = `${exact(total.processes)} processes, because`;
  if (reason === "descriptors")
    return [{ text: `${processes} one process may open ${exact(descriptorLimit)} file descriptors.` }];
  const measured = `${formatBrief(reason.most)} ${costTerms[reason.term].many}`;
  // Many clients are measured with an echo. One room of all of them would be another load.
  const load =
    reason.term === "clients" ? { ...perProcess, roomSize: 1, deliveriesPerS: perProcess.sendsPerS } : perProcess;
  return [
    {
      text:
        `${processes} the model is valid up to twice the largest measured load of one process (${measured}). ` +
        `Measure a larger load to find out whether fewer processes are enough.`,
      benchArgs: benchArguments(load),
    },
  ];
}

function roomNote({ load }: SizingQuestion, { total, perProcess }: ProcessSplit): SizingNote[] {
  if (load.roomSize <= load.clients / total.processes) return [];
  return [
    {
      text:
        `A room of ${exact(load.roomSize)} clients spans processes of ${exact(Math.round(perProcess.clients))} clients, so its ` +
        `messages need a bus between the processes. The cost of a bus was not measured: the numbers are a lower bound.`,
    },
  ];
}

function latencyNote(latency: InterpolatedLatency | undefined, perProcess: SizedLoad): SizingNote {
  if (latency) return { text: `p50 and p99 were measured at ${latency.loads.join(" and at ")}.` };
  return { text: "Latency at this load is unknown. Measure it.", benchArgs: benchArguments(perProcess) };
}

/** Memory of the processes without their clients, plus that of the clients; undefined where no row has it. */
function memoryMib(observations: readonly Observation[], { clients, processes }: SizedLoad): number | undefined {
  const most = Math.max(...observations.map(({ row }) => row.clients!));
  // With few clients, garbage that is not yet collected dominates the slope.
  const slopes = observations.flatMap(({ row }) => (row.clients === most ? (row.server_rss_kib_per_client ?? []) : []));
  const perClient = median(slopes);
  if (perClient === undefined) return undefined;
  const mibPerClient = Math.max(0, perClient) / 1024;
  const withoutClients = observations.flatMap(({ row: { server_rss_mib: mib, clients: connected = 0 } }) =>
    mib === undefined ? [] : mib - connected * mibPerClient,
  );
  const perProcess = median(withoutClients);
  return perProcess === undefined ? undefined : processes * Math.max(0, perProcess) + clients * mibPerClient;
}

function exact(value: number): string {
  return value.toLocaleString("en");
}
