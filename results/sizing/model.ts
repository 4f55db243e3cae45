import { median } from "../statistics/median.ts";
import { pollFrequencyOf, pollsPerS, type PollFrequency } from "./poll-frequency.ts";
import { costOf, fitCosts, type FittedCosts, type WorkPerS } from "./cost-fit.ts";
import { groupByLoad, type Observation } from "./observations.ts";

/** A load as a person can state it, of one server process or of all: messages of `payloadBytes`, so many sent and delivered a second. */
export interface SizedLoad {
  clients: number;
  /** Server processes among which it is divided. */
  processes: number;
  /** Clients that receive a message, of those in one process. */
  roomSize: number;
  sendsPerS: number;
  deliveriesPerS: number;
  payloadBytes: number;
}

/** CPU seconds a second, and bytes a second to clients and from them; TCP and IP headers, half of them each way, where `headers` is set. */
export interface PredictedUsage {
  cpuPerS: number;
  outPerS: number;
  inPerS: number;
}

/** What the rows of a transport say that its work costs. The bytes are those that are no payload. */
export interface ModelCosts {
  asks: PollFrequency;
  cpu: FittedCosts;
  out: FittedCosts;
  in: FittedCosts;
  /** TCP and IP headers, both ways; undefined where the rows do not have them. */
  headers: FittedCosts | undefined;
}

/** The cost model of a transport. */
export interface CostModel {
  transport: string;
  observations: readonly Observation[];
  /** How many loads these are, repeats not counted. */
  loads: number;
  costs: ModelCosts;
  /** The largest error of a load that was predicted from all others, as a share of what was measured. */
  errors: { cpu: number; bytes: number };
}

/** Loads that a model needs: with fewer, those that are left when one is held out show next to nothing. */
export const minLoads = 4;

/** Fits the model of a transport; undefined where there are fewer than 4 loads. */
export function fitModel(transport: string, observations: readonly Observation[]): CostModel | undefined {
  const loads = groupByLoad(observations);
  if (loads.length < minLoads) return undefined;
  const withHeaders = groupByLoad(observations.filter(hasHeaders)).length >= minLoads;
  const missed = loads.flatMap((held) => {
    const costs = costsOf(
      observations.filter((each) => !held.includes(each)),
      withHeaders,
    );
    return held.map((each) => relativeErrors(costs, each));
  });
  const worst = (of: "cpu" | "bytes"): number => Math.max(...missed.map((each) => each[of]));
  const errors = { cpu: worst("cpu"), bytes: worst("bytes") };
  return { transport, observations, loads: loads.length, costs: costsOf(observations, withHeaders), errors };
}

/** What a load takes. */
export function predict(costs: ModelCosts, load: SizedLoad): PredictedUsage {
  const work = workOf(costs, load);
  const headers = costs.headers ? costOf(costs.headers, work) : 0;
  return {
    cpuPerS: costOf(costs.cpu, work),
    outPerS: costOf(costs.out, work) + load.deliveriesPerS * load.payloadBytes + headers / 2,
    inPerS: costOf(costs.in, work) + load.sendsPerS * load.payloadBytes + headers / 2,
  };
}

/** The work that a load is to its server. */
export function workOf(
  { asks }: ModelCosts,
  { clients, processes, sendsPerS, deliveriesPerS, payloadBytes }: SizedLoad,
): WorkPerS {
  return {
    deliveries: deliveriesPerS,
    exchanges: clients * pollsPerS(asks, deliveriesPerS / clients),
    sends: sendsPerS,
    payloadBytes: (sendsPerS + deliveriesPerS) * payloadBytes,
    processes,
    clients,
  };
}

/** The load of a row. */
export function loadOf({ row, work }: Observation): SizedLoad {
  const { clients, sends: sendsPerS, deliveries: deliveriesPerS } = work;
  return {
    clients,
    processes: 1,
    roomSize: clients / (row.rooms ?? 1),
    sendsPerS,
    deliveriesPerS,
    payloadBytes: row.payload_bytes!,
  };
}

/** By which share a prediction misses the CPU and the bytes of a row; bytes that were not all measured are not missed. */
export function relativeErrors(costs: ModelCosts, observation: Observation): { cpu: number; bytes: number } {
  const load = loadOf(observation);
  const { cpuPerS, outPerS, inPerS } = predict(costs, load);
  const bytes = observedBytesPerS(observation, costs.headers !== undefined);
  return {
    cpu: Math.abs(cpuPerS / observation.cpuPerS - 1),
    bytes: bytes === undefined ? 0 : Math.abs((outPerS + inPerS) / bytes - 1),
  };
}

/** Bytes of a row a second, both ways, with TCP and IP headers or without; undefined where it does not have those. */
export function observedBytesPerS(observation: Observation, withHeaders: boolean): number | undefined {
  const { work, overheadOutPerS, overheadInPerS, headersPerS } = observation;
  if (withHeaders && headersPerS === undefined) return undefined;
  return work.payloadBytes + overheadOutPerS + overheadInPerS + (withHeaders ? headersPerS! : 0);
}

function hasHeaders({ headersPerS }: Observation): boolean {
  return headersPerS !== undefined;
}

/**
 * Errors count in proportion: to the CPU, and to all bytes of their direction, as overhead can be nothing. A process that nobody talks to
 * uses CPU, but sends nothing.
 */
function costsOf(observations: readonly Observation[], withHeaders: boolean): ModelCosts {
  const bytes = (found: (of: Observation) => number, scale = found, of = observations): FittedCosts =>
    fitCosts(
      of.map(({ work }) => ({ ...work, processes: 0 })),
      of.map(found),
      of.map(scale),
    );
  const cpu = observations.map(({ cpuPerS }) => cpuPerS);
  return {
    asks: pollFrequencyOf(groupByLoad(observations).map(askedIn)),
    cpu: fitCosts(
      observations.map(({ work }) => work),
      cpu,
      cpu,
    ),
    out: bytes(
      ({ overheadOutPerS }) => overheadOutPerS,
      ({ overheadOutPerS, work, row }) => overheadOutPerS + work.deliveries * row.payload_bytes!,
    ),
    in: bytes(
      ({ overheadInPerS }) => overheadInPerS,
      ({ overheadInPerS, work, row }) => overheadInPerS + work.sends * row.payload_bytes!,
    ),
    headers: withHeaders
      ? bytes(({ headersPerS }) => headersPerS!, undefined, observations.filter(hasHeaders))
      : undefined,
  };
}

function askedIn(repeats: readonly Observation[]): { deliveriesPerS: number; exchangesPerS: number } {
  const perClient = (of: "deliveries" | "exchanges"): number =>
    median(repeats.map(({ work }) => work[of] / work.clients))!;
  return { deliveriesPerS: perClient("deliveries"), exchangesPerS: perClient("exchanges") };
}
