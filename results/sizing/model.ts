import { median } from "../statistics/median.ts";
import { pollFrequencyOf, pollRate, type PollFrequency, type PollSample } from "./poll-frequency.ts";
import { costOf, fitCosts, type FittedCosts, type WorkPerS } from "./cost-fit.ts";
import { groupObservations, type Observation } from "./observations.ts";

/** Load of one server process or of all of them: clients, and messages sent and delivered per second. */
export interface SizedLoad {
  clients: number;
  /** Server processes that share the load. */
  processes: number;
  /** Clients that receive each message. */
  roomSize: number;
  /** Messages per second from all clients together. */
  sendsPerS: number;
  deliveriesPerS: number;
  payloadBytes: number;
}

/**
 * Predicted CPU seconds per second, and bytes per second to clients and from clients. Each direction has half of the
 * TCP and IP headers, if the model knows them.
 */
export interface PredictedUsage {
  cpuPerS: number;
  outPerS: number;
  inPerS: number;
}

/** Costs of a transport's work, fitted to its rows. `out` and `in` are bytes other than payload. */
export interface ModelCosts {
  pollFrequency: PollFrequency;
  cpu: FittedCosts;
  out: FittedCosts;
  in: FittedCosts;
  /** TCP and IP headers, both directions; undefined where the rows do not have them. */
  headers: FittedCosts | undefined;
}

/** Cost model of a transport. */
export interface CostModel {
  transport: string;
  observations: readonly Observation[];
  /** Number of different loads, without repeats. */
  loads: number;
  costs: ModelCosts;
  /** Largest relative error of a load that was predicted from all other loads (leave-one-out). */
  errors: { cpu: number; bytes: number };
}

/** Loads that a model needs. With fewer, the loads that remain when one is held out show next to nothing. */
export const minLoads = 4;

/** Fits the cost model of a transport; undefined where there are fewer than 4 loads. */
export function fitModel(transport: string, observations: readonly Observation[]): CostModel | undefined {
  const loads = groupObservations(observations);
  if (loads.length < minLoads) return undefined;
  const withHeaders = groupObservations(observations.filter(hasHeaders)).length >= minLoads;
  const heldOutErrors = loads.flatMap((heldOut) => {
    const others = observations.filter((each) => !heldOut.includes(each));
    const costs = costsOf(others, withHeaders);
    return heldOut.map((each) => relativeErrors(costs, each));
  });
  const worst = (of: "cpu" | "bytes"): number => Math.max(...heldOutErrors.map((each) => each[of]));
  const errors = { cpu: worst("cpu"), bytes: worst("bytes") };
  return { transport, observations, loads: loads.length, costs: costsOf(observations, withHeaders), errors };
}

/** Predicts the CPU and the bytes of a load. */
export function predict(costs: ModelCosts, load: SizedLoad): PredictedUsage {
  const work = workOf(costs, load);
  const headers = costs.headers ? costOf(costs.headers, work) : 0;
  return {
    cpuPerS: costOf(costs.cpu, work),
    outPerS: costOf(costs.out, work) + load.deliveriesPerS * load.payloadBytes + headers / 2,
    inPerS: costOf(costs.in, work) + load.sendsPerS * load.payloadBytes + headers / 2,
  };
}

/** Work that a load gives its servers. */
export function workOf(
  { pollFrequency }: ModelCosts,
  { clients, processes, sendsPerS, deliveriesPerS, payloadBytes }: SizedLoad,
): WorkPerS {
  return {
    deliveries: deliveriesPerS,
    polls: clients * pollRate(pollFrequency, deliveriesPerS / clients),
    sends: sendsPerS,
    payloadBytes: (sendsPerS + deliveriesPerS) * payloadBytes,
    processes,
    clients,
  };
}

/** Load of a measured row. */
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

/**
 * Relative errors of the predicted CPU and bytes of a row. The error of bytes is 0 where not all of them were measured.
 */
export function relativeErrors(costs: ModelCosts, observation: Observation): { cpu: number; bytes: number } {
  const load = loadOf(observation);
  const { cpuPerS, outPerS, inPerS } = predict(costs, load);
  const bytes = observedBytesPerS(observation, costs.headers !== undefined);
  return {
    cpu: Math.abs(cpuPerS / observation.cpuPerS - 1),
    bytes: bytes === undefined ? 0 : Math.abs((outPerS + inPerS) / bytes - 1),
  };
}

/**
 * Bytes per second of a row, both directions, with or without TCP and IP headers; undefined where the row lacks the
 * headers that are wanted.
 */
export function observedBytesPerS(observation: Observation, withHeaders: boolean): number | undefined {
  const { work, overheadOutPerS, overheadInPerS, headersPerS } = observation;
  if (withHeaders && headersPerS === undefined) return undefined;
  return work.payloadBytes + overheadOutPerS + overheadInPerS + (withHeaders ? headersPerS! : 0);
}

function hasHeaders({ headersPerS }: Observation): boolean {
  return headersPerS !== undefined;
}

/**
 * Errors are relative: to the CPU, and to all bytes of their direction, since overhead alone can be 0. An idle process
 * uses CPU but sends nothing, so processes have no cost in bytes.
 */
function costsOf(observations: readonly Observation[], withHeaders: boolean): ModelCosts {
  const bytes = (measured: (of: Observation) => number, scale = measured, of = observations): FittedCosts =>
    fitCosts(
      of.map(({ work }) => ({ ...work, processes: 0 })),
      of.map(measured),
      of.map(scale),
    );
  const cpu = observations.map(({ cpuPerS }) => cpuPerS);
  return {
    pollFrequency: pollFrequencyOf(groupObservations(observations).map(pollSample)),
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

function pollSample(repeats: readonly Observation[]): PollSample {
  const perClient = (of: "deliveries" | "polls"): number => median(repeats.map(({ work }) => work[of] / work.clients))!;
  return { deliveriesPerS: perClient("deliveries"), pollsPerS: perClient("polls") };
}
