import type { Options } from "../contract.ts";
import type { Target } from "../definitions/target.ts";
import { lookUpTarget } from "./look-up-target.ts";
import type { Settings, Trial } from "../definitions/settings.ts";
import { needsLink } from "../definitions/fault.ts";
import { planProxy, type ProxyPlan } from "../definitions/proxy-plan.ts";
import { mostGoneClients } from "../definitions/drops.ts";
import { abortBounds, mostLost } from "../definitions/abort-bounds.ts";
import {
  deliveryBoundMs,
  idleCycles,
  networkExtraMs,
  serverHostsOf,
  trialOptions,
  type IdleCycles,
} from "../definitions/trial-options.ts";
import type { Guarantees, Transport } from "../transports/transport.ts";
import { loadTransport, transportLabel } from "../transports/load-transport.ts";
import type { Assignment } from "../workload/assignment.ts";
import { planStrikes } from "../workload/fault-plan.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import type { Schedule } from "../workload/schedule.ts";
import type { FaultPlan } from "./fault-run.ts";
import type { WatchPlan } from "./threshold-watch.ts";

/** Shortest time to wait for messages that are still on their way after T1. */
const minDrainMs = 10_000;
/** Time without a delivery after which the rest counts as lost, on a transport that may lose messages. */
const lossMs = 2_000;
/** Time without a delivery after which nothing more comes to clients that were silent: TCP waits ever longer. */
const recoveryMs = 5_000;
/** Time for the last close of a short session to be answered. */
const closeMs = 5_000;

/** Time in which a browser opens all of its pages: a page takes 0.2 s, on a busy machine ten times as long. */
const openPagesMs = 60_000;

/** Everything about a trial that follows from its settings: what its phases send, expect and wait for. */
export interface TrialPlan {
  /** The transport as the user named it: a name or the path of a module. */
  transport: string;
  label: string;
  settings: Settings;
  options: Options;
  target: Target | undefined;
  assignment: Assignment;
  schedule: Schedule;
  /** Due times of the measured messages, from T0. */
  dueUs: Float64Array;
  /** True where clients poll for messages. */
  polls: boolean;
  /** Heartbeat or poll cycles of the window; undefined under load. */
  idle: IdleCycles | undefined;
  /** True where the transport promises to lose no message. */
  reliable: boolean;
  deliveryBoundMs: number;
  /** Most clients that may be refused or dropped. */
  mostGone: number;
  /** Time without a new connection after which connecting has failed, beyond the time-out of any step. */
  connectIntervalMs: number;
  /** Time in which the program that has the clients, such as a browser, opens its pages. 0 where there is none. */
  clientProgramMs: number;
  /** Connections when all clients have connected, and whenever no client is about to come or to go. */
  connections: { connected: number; steady: number };
  /** Time in which a connection that is being closed may still be counted. */
  closeMs: number;
  /** Equal slices of the window, whose cost shows whether the servers were steady. */
  slices: number;
  /** Time after T1 in which clients may still do what was due in the window. */
  lateMs: number;
  /** Longest time to wait for messages after T1, and without a delivery; `lossyMs` where connections were lost. */
  drain: { limitMs: number; stillMs: number; lossyMs: number };
  /** What may end the trial early. Default: nothing. */
  watch: WatchPlan | undefined;
  /** The reverse proxy in front of the servers. Default: none. */
  proxy: ProxyPlan | undefined;
  /** What breaks in the window. Default: nothing. */
  fault: FaultPlan | undefined;
}

/** Shorter slices have too few messages. */
const shortestSliceMs = 100;

/**
 * The number of slices. Their edges cost the server a reading of every socket, so there are fewer of them with many
 * clients.
 */
function sliceCount({ durationMs, clients }: Pick<Settings, "durationMs" | "clients">): number {
  return Math.max(1, Math.min(clients > 2_000 ? 10 : 20, Math.floor(durationMs / shortestSliceMs)));
}

/** The plan of a trial. Throws a UserError where its transport or trace cannot be loaded. */
export async function planTrial({ transport: name, settings, target: named }: Trial): Promise<TrialPlan> {
  const target = named && (await lookUpTarget(named));
  const transport = await loadTransport(name);
  const { assignment, schedule } = planWorkload(settings);
  const options = trialOptions(settings, transport);
  const boundMs = deliveryBoundMs(settings, transport, options);
  const limitMs = Math.max(minDrainMs, 3 * boundMs);
  const reliable = transport.guarantees.reliable !== false;
  const dueUs = schedule.dueUs.subarray(schedule.warmupCount);
  const senders = schedule.sender.subarray(schedule.warmupCount);
  const mayLose = !reliable || assignment.pausedClients.length > 0;
  const mostGone = settings.connectPerMessage ? 0 : mostGoneClients(settings, target);
  const lossyMs = lossMs + boundMs;
  const fault = faultPlan(settings, transport, assignment);
  return {
    transport: name,
    label: transportLabel(name),
    settings,
    options,
    target,
    assignment,
    schedule,
    dueUs,
    mostGone,
    clientProgramMs: transport.clientsPerPage === undefined ? 0 : openPagesMs,
    connectIntervalMs: settings.connectRatePerS === undefined ? 0 : 1000 / settings.connectRatePerS,
    watch: watchPlan(settings, transport.guarantees, { dueUs, senders, assignment, limitMs, mostGone }),
    polls: transport.idlePeriodOption === "pollIntervalMs" || transport.idlePeriodOption === "holdMs",
    idle: idleCycles(settings, transport),
    reliable,
    deliveryBoundMs: boundMs,
    slices: sliceCount(settings),
    // Each worker has one first session, which connects as the others would and leaves before the load.
    ...(settings.connectPerMessage
      ? {
          connections: { connected: assignment.clientsByWorker.length, steady: 0 },
          closeMs,
          lateMs: limitMs,
          drain: { limitMs, stillMs: 0, lossyMs: 0 },
        }
      : {
          connections: { connected: settings.clients, steady: settings.clients },
          closeMs: networkExtraMs(settings),
          lateMs: 0,
          drain: {
            limitMs: limitMs + (fault?.fault.forMs ?? 0),
            stillMs: fault ? (needsLink(fault.fault) ? recoveryMs + boundMs : lossyMs) : mayLose ? lossyMs : limitMs,
            lossyMs,
          },
        }),
    fault,
    proxy: planProxy(settings, transport, transportLabel(name), options),
  };
}

/** The fault of a trial, with its moments. */
function faultPlan(
  settings: Settings,
  { ownAddress }: Transport,
  { affectedClients }: Assignment,
): FaultPlan | undefined {
  const { fault, network, addresses } = settings;
  return (
    fault && {
      fault,
      strikes: planStrikes(fault, affectedClients, settings),
      links:
        ownAddress === false
          ? { serverHost: serverHostsOf(settings)(addresses) }
          : { onLoopback: !network && !needsLink(fault) },
    }
  );
}

/** What may end a trial early: messages that are due, and how many of their deliveries may be lost. */
function watchPlan(
  settings: Settings,
  { reliable = true, ordered = true }: Guarantees,
  {
    dueUs,
    senders,
    assignment,
    limitMs,
    mostGone,
  }: Pick<TrialPlan, "dueUs" | "assignment" | "mostGone"> & { senders: Int32Array; limitMs: number },
): WatchPlan | undefined {
  const bounds = abortBounds(settings);
  if (!bounds) return undefined;
  const audience = (sender: number): number => (settings.connectPerMessage ? 1 : assignment.receiverCount(sender));
  const expectedBy = new Float64Array(senders.length + 1);
  for (const [i, sender] of senders.entries()) expectedBy[i + 1] = expectedBy[i]! + audience(sender);
  // A failed session is lost also where the transport is reliable.
  const losesNone = reliable && !settings.connectPerMessage;
  return {
    ...bounds,
    dueUs,
    expectedBy,
    largestAudience: senders.reduce((largest, sender) => Math.max(largest, audience(sender)), 0),
    mayLose: mostGone > 0 ? Infinity : bounds.lost ? mostLost(bounds.lost) : losesNone ? 0 : Infinity,
    overtakenUs: ordered ? 0 : 1000 * limitMs,
  };
}
