import { median } from "../median.ts";
import { latencyAt, type Between } from "./latency.ts";
import { terms } from "./fit.ts";
import { predict, workOf, type Load, type Model } from "./model.ts";
import type { Observation } from "./observe.ts";
import { benchArguments, beyond, brief, processesWithin, type Note } from "./range.ts";

/** What is asked: a load over all processes, whose messages go to rooms of so many clients, and how to reckon. */
export interface Question {
  load: Load;
  roomSize: number;
  /** Share of a core that a process may use, 0.7 at most. */
  utilisation: number;
  pricePerGb: number;
  /** Descriptors that a process may have open. */
  descriptorLimit: number;
  /** Cores there are: then it is said how many of the clients they carry. */
  cores?: number | undefined;
}

/** What a transport would need for the load. */
export interface Needs {
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
  latency: Between | undefined;
  errors: Model["errors"];
  /** What is not in the numbers, or stands behind them. */
  notes: Note[];
}

/** What is said of a transport: its needs, or why nothing can be said and what to measure. */
export type Answer = { transport: string; needs: Needs } | { transport: string; refused: Note };

const secondsPerMonth = 30 * 24 * 3600;

/** Descriptors of a process that no client takes: libraries, pipes, the event loop. */
const ownDescriptors = 64;

/** What this transport needs for the load, as far as its rows can tell. `socketsPerClient` is undefined where nobody knows. */
export function answer(model: Model, question: Question, socketsPerClient: number | undefined): Answer {
  const { transport } = model;
  const divided = divide(model, question, socketsPerClient ?? 1);
  const reasons = beyond(model, divided.perProcess);
  if (reasons.length > 0)
    return {
      transport,
      refused: { says: `Not known: ${reasons.join("; ")}.`, measure: benchArguments(divided.perProcess) },
    };
  const { cores, whole, perProcess } = divided;
  const { cpuPerS, outPerS, inPerS } = predict(model.costs, whole);
  const latency = latencyAt(model, perProcess, cpuPerS / whole.processes);
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

/** How a load is divided among processes. */
interface Division {
  cores: number;
  /** All of it, and how many processes share it. */
  whole: Load;
  /** How many processes there would be if every load had been measured: for the CPU and the descriptors. */
  wanted: number;
  perProcess: Load;
}

/** Whole rooms where they fit; a process that holds part of a room delivers to that part. */
function divide(model: Model, question: Question, socketsPerClient: number): Division {
  const { load, roomSize, utilisation, descriptorLimit } = question;
  const coresOf = (processes: number): number =>
    Math.max(1, Math.ceil(predict(model.costs, { ...load, processes }).cpuPerS / utilisation));
  let wanted = Math.ceil((load.clients * socketsPerClient) / (descriptorLimit - ownDescriptors));
  // Another process costs something itself, though less than the core that it brings.
  while (coresOf(wanted) > wanted) wanted = coresOf(wanted);
  const processes = Math.max(wanted, processesWithin(model, load).processes);
  const whole = { ...load, processes };
  return { cores: coresOf(processes), whole, wanted, perProcess: share(whole, roomSize) };
}

/** One process's part. A message to a room over several processes is one more send in each, which is not counted here. */
function share({ clients, processes, sendsPerS, deliveriesPerS, payloadBytes }: Load, roomSize: number): Load {
  const part = Math.min(1, clients / processes / roomSize);
  return {
    clients: clients / processes,
    processes: 1,
    sendsPerS: sendsPerS / processes / part,
    deliveriesPerS: deliveriesPerS / processes,
    payloadBytes,
  };
}

function notes(model: Model, question: Question, division: Division, latency: Between | undefined): Note[] {
  const { load, roomSize, cores, utilisation } = question;
  const { whole, wanted, perProcess } = division;
  const { processes } = whole;
  const { term, most } = processesWithin(model, load);
  const said: Note[] = [];
  if (cores !== undefined) {
    const carried = Math.floor((cores * utilisation * load.clients) / predict(model.costs, whole).cpuPerS);
    said.push({
      says: `Of such clients ${count(cores)} core${cores === 1 ? " carries" : "s carry"} ${brief(carried)} by CPU.`,
    });
  }
  if (processes > wanted)
    said.push({
      says:
        `${count(processes)} processes, as the model goes to twice what was measured in one (${brief(most)} ${terms[term].many}). ` +
        `Measure more, and fewer may do.`,
      measure: benchArguments(alone(term === "clients", perProcess)),
    });
  else if (processes > division.cores)
    said.push({
      says: `${count(processes)} processes, as one may have ${count(question.descriptorLimit)} descriptors open.`,
    });
  if (roomSize > load.clients / processes)
    said.push({
      says:
        `A room of ${count(roomSize)} spans processes of ${count(Math.round(perProcess.clients))} clients, so its messages need a bus ` +
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
function alone(echo: boolean, load: Load): Load {
  return echo ? { ...load, deliveriesPerS: load.sendsPerS } : load;
}

/** What processes take under load without their clients, and each client's own; undefined where no row knows. */
function memoryMib(observations: readonly Observation[], { clients, processes }: Load): number | undefined {
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
