import { UserError } from "../lib/errors.ts";
import { clientsThatFit, descriptorsFor, type Limits } from "../system/limits.ts";
import { trialOptions } from "../definitions/trial-options.ts";
import { assertPortsSuffice, maxAddresses, portsInTimeWait } from "./ports.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Transport } from "../transports/transport.ts";
import { optionsFor } from "../transports/load-transport.ts";
import { senderWorkerShare } from "../workload/assignment.ts";

/** The processes of a trial, and the addresses that each server listens on. */
export type ProcessCounts = Pick<Settings, "servers" | "addresses" | "workers">;

/** A trial that is asked for: its settings for any number of clients, and the workers where the user says how many. */
export interface ResourceRequest {
  /** What the transport is called. */
  label: string;
  transport: Transport;
  settled(clients: number): Settings;
  workers: number | undefined;
  /** The server runs already, elsewhere and at one address. */
  targeted?: boolean;
}

/** Sockets for which a server has one address: connecting gets slower as the ports of a destination are taken. */
const socketsPerAddress = 8_000;
/**
 * Memory of a connection at both ends and in the kernel, and of a process before its first: about what the dearest of the transports
 * takes, so that what is let through fits.
 */
const [socketKib, processMib] = [48, 80];
/** What TLS adds to a connection, both ends: tcp+tls against tcp, a thousand idle. */
const tlsKib = 60;
/** Polls or heartbeats a second that a core carries, both ends together: what a plain loop in C comes to, so that none is refused in vain. */
const beatsPerCoreS = 20_000;

/** What cannot be: clauses that complete "ws with 5 clients ..., but ...: ..., or ...". */
interface CapacityProblem {
  needs: string;
  but: string;
  remedy: string;
}

/**
 * The processes that carry a trial in these limits: one server and the workers asked for, more only where one cannot have the clients.
 * Whole rooms are dealt to servers. Pure. Throws a UserError that says what cannot fit, how many clients would, and what else to do.
 */
export function planProcesses(ask: ResourceRequest, clients: number, limits: Limits): ProcessCounts {
  assertPortsSuffice(ask.label, ask.settled(clients), ask.transport, limits);
  const found = fit(ask, clients, limits);
  if ("servers" in found) return found;
  const { needs, but, remedy } = found;
  const most = maxClients(ask, limits, clients);
  throw new UserError(
    `${ask.label} with ${clients} clients ${needs}, but ${but}: at most ${most} --clients fit, or ${remedy}.`,
  );
}

/**
 * A number of clients with which a trial fits into these limits, and with one more it does not; fewer than `tooMany`, which do not fit. Pure.
 * It is the largest wherever more clients need more: beyond it there may be others only where they make smaller rooms, or more of them.
 */
export function maxClients(ask: ResourceRequest, limits: Limits, tooMany = 1_000_001): number {
  let [fits, fails] = [0, tooMany];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if ("servers" in fit(ask, middle, limits)) fits = middle;
    else fails = middle;
  }
  return fits;
}

function fit(
  { transport, settled, workers: given, targeted = false }: ResourceRequest,
  clients: number,
  limits: Limits,
): ProcessCounts | CapacityProblem {
  const settings = settled(clients);
  const { socketsPerClient } = transport;
  const mostHere = clientsThatFit(socketsPerClient, limits.descriptors);
  const tooMany = (share: number, where: string, remedy = ""): CapacityProblem => ({
    needs: `needs ${descriptorsFor(share, socketsPerClient)} descriptors in ${where}`,
    but: `a process may have ${limits.descriptors} open`,
    remedy: `${remedy}raise the limit (ulimit -n)`,
  });

  const servers = targeted ? 1 : serversFor(settings, mostHere);
  if (servers === undefined) return tooMany(Math.ceil(clients / settings.rooms), "the server process of one room");
  const workers = given ?? Math.max(1, Math.ceil(clients / mostHere));
  const share = Math.ceil(clients / workers);
  if (share > mostHere)
    return tooMany(share, "a worker process", `give at least ${Math.ceil(clients / mostHere)} --workers, or `);
  const quiet = senderWorkerShare(settings);
  if (quiet > mostHere) return tooMany(quiet, "the worker process that sends");

  const resting = Math.ceil(portsInTimeWait(settings, transport, limits) / servers);
  const sockets = largestShare(settings, servers) * socketsPerClient + resting;
  const ports = limits.ports ?? Infinity;
  if (targeted && sockets > ports)
    return {
      needs: `needs ${sockets} ports to one address`,
      but: `the kernel gives ${limits.ports}`,
      remedy: "widen net.ipv4.ip_local_port_range",
    };
  const addresses = targeted ? 1 : Math.ceil(sockets / Math.min(socketsPerAddress, ports));
  if (addresses > maxAddresses)
    return {
      needs: `needs ${addresses} loopback addresses for each server`,
      but: `there are ${maxAddresses}, with ${limits.ports} ports each`,
      remedy: "widen net.ipv4.ip_local_port_range",
    };
  const processes = servers + workers + (quiet > 0 ? 1 : 0) + (settings.pausedClients ? 1 : 0);
  return (
    memoryShort(clients * socketsPerClient, transport, processes, limits) ??
    coresShort(settings, transport, limits) ?? { servers, addresses, workers }
  );
}

/** The fewest servers none of which has more clients than that; undefined where a room alone has more. */
function serversFor(settings: Settings, most: number): number | undefined {
  for (let servers = Math.ceil(settings.clients / most); servers <= settings.rooms; servers++)
    if (largestShare(settings, servers) <= most) return servers;
  return undefined;
}

/** Clients of the first server, which has the most: the most rooms, and the most of the larger ones. */
function largestShare({ clients, rooms }: Settings, servers: number): number {
  return Math.ceil(rooms / servers) * Math.floor(clients / rooms) + Math.ceil((clients % rooms) / servers);
}

function memoryShort(
  sockets: number,
  { options }: Transport,
  processes: number,
  { memoryMib }: Limits,
): CapacityProblem | undefined {
  const eachKib = socketKib + (options.tls ? tlsKib : 0);
  const neededMib = Math.ceil((sockets * eachKib) / 1024 + processes * processMib);
  if (memoryMib === null || neededMib <= memoryMib) return undefined;
  return {
    needs: `needs about ${neededMib} MiB of memory in ${processes} processes`,
    but: `${Math.floor(memoryMib)} are free`,
    remedy: "end other programs",
  };
}

/** A load that is too high shows in the rows; what goes on when nobody speaks must leave time for anything else to be measured. */
function coresShort(settings: Settings, transport: Transport, { cores }: Limits): CapacityProblem | undefined {
  const { idlePeriodOption = "heartbeatMs" } = transport;
  if (idlePeriodOption === "none") return undefined;
  const periodMs = optionsFor(transport, trialOptions({ ...settings, addresses: 1 }, transport))[idlePeriodOption];
  const beatsPerS = Math.round((1000 * settings.clients) / periodMs);
  if (beatsPerS <= cores * beatsPerCoreS) return undefined;
  return {
    needs: `makes ${beatsPerS} ${idlePeriodOption === "heartbeatMs" ? "heartbeats" : "polls"} a second when nobody speaks`,
    but: `${cores} cores carry ${cores * beatsPerCoreS} at the very most`,
    remedy: "take a machine with more cores",
  };
}
