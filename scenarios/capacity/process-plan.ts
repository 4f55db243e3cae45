import { UserError } from "../lib/errors.ts";
import { clientsThatFit, descriptorsFor, type Limits } from "../system/limits.ts";
import { trialOptions } from "../definitions/trial-options.ts";
import type { CapacityProblem } from "./capacity-problem.ts";
import { checkPages } from "./page-capacity.ts";
import { assertPortsSuffice, maxAddresses, portsInTimeWait } from "./ports.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Transport } from "../transports/transport.ts";
import { bodyVariety } from "../workload/payloads.ts";
import { senderWorkerShare } from "../workload/assignment.ts";

/** The processes of a trial, and the addresses on which each server process listens. */
export type ProcessCounts = Pick<Settings, "servers" | "addresses" | "workers" | "shares">;

/** A trial to plan processes for. */
export interface ResourceRequest {
  /** Name of the transport in messages. */
  label: string;
  transport: Transport;
  /** The settings of the trial with a number of clients. */
  settingsFor(clients: number): Settings;
  /** Number of workers that the user wants. Default: as few as possible. */
  workers: number | undefined;
  /** True if the server already runs outside the trial, at one address. Default: false. */
  targeted?: boolean;
}

/** Sockets for which a server needs one address. Connecting gets slower as the ports to one address are used up. */
const socketsPerAddress = 8_000;
/** KiB of memory of a connection: both ends and the kernel, with the most expensive transport. */
const connectionKib = 48;
/** KiB of memory that TLS adds to a connection: tcp+tls against tcp, with 1,000 idle connections. */
const tlsKib = 60;
/** MiB of memory of a process without clients. */
export const processMib = 80;

/** MiB of memory of one connection with these options. */
export function connectionMib({ tls }: Pick<Transport["options"], "tls">): number {
  return (connectionKib + (tls ? tlsKib : 0)) / 1024;
}

/** Upper bound of polls or heartbeats per core and second (a plain C loop), so that no feasible run is rejected. */
const cyclesPerCoreS = 20_000;

/**
 * The processes of a trial within these limits: one server and the wanted workers, and more only if one process cannot
 * have all clients. Pure. Throws a UserError that says which resource is too small, how many clients fit, and what else
 * to do.
 */
export function planProcesses(request: ResourceRequest, clients: number, limits: Limits): ProcessCounts {
  assertPortsSuffice(request.label, request.settingsFor(clients), request.transport, limits);
  const planned = tryPlan(request, clients, limits);
  if ("servers" in planned) return planned;
  const { needs, limit, remedy } = planned;
  const most = maxClients(request, limits, clients);
  throw new UserError(
    `${request.label} with ${clients} clients needs ${needs}, and ${limit}: use at most ${most} --clients, or ${remedy}.`,
  );
}

/**
 * A number of clients below `tooMany` that fits into these limits while one more does not. Pure. It is the largest one
 * if more clients always need more. A larger one may fit only because rooms then become smaller or more numerous.
 */
export function maxClients(request: ResourceRequest, limits: Limits, tooMany = 1_000_001): number {
  let fits = 0;
  let fails = tooMany;
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if ("servers" in tryPlan(request, middle, limits)) fits = middle;
    else fails = middle;
  }
  return fits;
}

function tryPlan(request: ResourceRequest, clients: number, limits: Limits): ProcessCounts | CapacityProblem {
  const { transport, targeted = false } = request;
  const settings = request.settingsFor(clients);
  const { socketsPerClient } = transport;
  const clientsPerProcess = clientsThatFit(socketsPerClient, limits.descriptors);
  const tooFewDescriptors = (share: number, process: string, remedy = ""): CapacityProblem => ({
    needs: `${descriptorsFor(share, socketsPerClient)} descriptors in ${process}`,
    limit: `the limit is ${limits.descriptors}`,
    remedy: `${remedy}raise it with ulimit -n`,
  });

  const servers = targeted ? 1 : serversFor(settings, clientsPerProcess);
  if (servers === undefined)
    return tooFewDescriptors(Math.ceil(clients / settings.rooms), "the server process of one room");
  const leastWorkers = Math.max(1, Math.ceil(clients / clientsPerProcess));
  const workers = request.workers ?? leastWorkers;
  if (workers < leastWorkers)
    return tooFewDescriptors(
      Math.ceil(clients / workers),
      "a worker process",
      `at least ${leastWorkers} --workers, or `,
    );
  const senderShare = senderWorkerShare(settings);
  if (senderShare > clientsPerProcess) return tooFewDescriptors(senderShare, "the worker process that sends");

  const inTimeWait = Math.ceil(portsInTimeWait(settings, transport, limits) / servers);
  const sockets = largestShare(settings, servers) * socketsPerClient + inTimeWait;
  const addresses = addressesFor(sockets, targeted, limits);
  if (typeof addresses === "object") return addresses;
  const processes = servers + workers + (senderShare > 0 ? 1 : 0) + (settings.pausedClients ? 1 : 0);
  return (
    checkMemory(settings, transport, processes, limits) ??
    checkPages(settings, transport, workers + (senderShare > 0 ? 1 : 0), limits) ??
    checkCores(settings, transport, limits) ?? { servers, addresses, workers }
  );
}

/** The fewest servers with at most `most` clients each; undefined if a single room has more. */
function serversFor(settings: Settings, most: number): number | undefined {
  for (let servers = Math.ceil(settings.clients / most); servers <= settings.rooms; servers++)
    if (largestShare(settings, servers) <= most) return servers;
  return undefined;
}

/** Clients of the first server, which has the most rooms and the most of the larger rooms. */
function largestShare({ clients, rooms }: Settings, servers: number): number {
  return Math.ceil(rooms / servers) * Math.floor(clients / rooms) + Math.ceil((clients % rooms) / servers);
}

/** Addresses that a server with so many sockets listens on. */
function addressesFor(sockets: number, targeted: boolean, limits: Limits): number | CapacityProblem {
  const ports = limits.ports ?? Infinity;
  const remedy = "widen net.ipv4.ip_local_port_range";
  if (targeted) {
    if (sockets <= ports) return 1;
    return { needs: `${sockets} ports to one address`, limit: `the limit is ${limits.ports}`, remedy };
  }
  const addresses = Math.ceil(sockets / Math.min(socketsPerAddress, ports));
  if (addresses <= maxAddresses) return addresses;
  const limit = `the limit is ${maxAddresses}, with ${limits.ports} ports each`;
  return { needs: `${addresses} loopback addresses for each server`, limit, remedy };
}

/** Copies of a payload that a client may have at a time: in the kernel, in its receive buffer and on the server. */
const copiesPerClient = 3;

function checkMemory(
  { clients, payloadBytes, trace }: Settings,
  { options, socketsPerClient }: Transport,
  processes: number,
  { memoryMib }: Limits,
): CapacityProblem | undefined {
  const bodies = trace ? 0 : processes * bodyVariety(payloadBytes) + clients * copiesPerClient;
  const payloadMib = (bodies * payloadBytes) / 2 ** 20;
  const neededMib = Math.ceil(
    clients * socketsPerClient * connectionMib(options) + processes * processMib + payloadMib,
  );
  if (memoryMib === null || neededMib <= memoryMib) return undefined;
  const smaller = payloadMib > neededMib / 2 ? "use fewer --payload-bytes, or " : "";
  return {
    needs: `about ${neededMib} MiB of memory in ${processes} processes`,
    limit: `${Math.floor(memoryMib)} MiB are free`,
    remedy: `${smaller}end other programs`,
  };
}

/**
 * Rejects idle traffic that leaves no CPU for anything else. A load that is too high is not rejected, since the rows
 * show it.
 */
function checkCores(settings: Settings, transport: Transport, { cores }: Limits): CapacityProblem | undefined {
  const { idlePeriodOption = "heartbeatMs" } = transport;
  if (idlePeriodOption === "none") return undefined;
  const periodMs = trialOptions(settings, transport)[idlePeriodOption];
  const cyclesPerS = Math.round((1000 * settings.clients) / periodMs);
  if (cyclesPerS <= cores * cyclesPerCoreS) return undefined;
  return {
    needs: `${cyclesPerS} ${idlePeriodOption === "heartbeatMs" ? "heartbeats" : "polls"} a second without any message`,
    limit: `${cores} cores process at most ${cores * cyclesPerCoreS}`,
    remedy: "use a machine with more cores",
  };
}
