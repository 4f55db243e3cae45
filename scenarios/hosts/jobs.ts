import type { LinearClock } from "../lib/clock.ts";
import type { ModuleIdentity } from "./agent-modules.ts";
import type { AgentRole } from "./description.ts";
import type { ProcessKind } from "./host.ts";

/*
 * What coordinator and agents say to each other. A lease is a job on `leaseQueue`; everything else of it is a job on a
 * queue of its own, which only the agent that holds the lease works on. Values that Node's structured clone can carry
 * travel packed, since the engine's own data is JSON.
 */

/** Name of the queue of leases. */
export const leaseQueue = "agents";
/** Key under which an agent shows that it is there. */
export const presenceKey = (prefix: string, name: string): string => `${prefix}:presence:${name}`;
/** Id of the job that the coordinator of a run holds itself. */
export const runJobId = "run";
/** Queue of the run job. */
export const runQueue = (run: string): string => `run-${run}`;
/** Queue of the jobs of one lease. */
export const lentQueue = (lease: string): string => `lease-${lease}`;

/** "Be a host of this run." */
export interface LeaseJob {
  run: string;
}

/** "Start this process." Lives as long as the process. Its progress is a `ChildProgress`. */
export interface ChildJob {
  child: string;
  title: string;
  kind: ProcessKind;
  /** The clock of the bench, as a line over the agent's own. Default: they are one and the same. */
  clock?: LinearClock;
}

/** What a child job reports: that its process runs, or why it cannot go on. */
export interface ChildProgress {
  pid?: number;
  failure?: string;
}

/** "Make this call." Its result is the packed answer. */
export interface CallJob {
  child: string;
  name: string;
  argument: string;
  /** The module that the call names by its path at the bench. Default: it names none. */
  module?: ModuleIdentity;
}

/** "What do you have of the module of this name?" Its result is a `FoundModule`. */
export type ModuleJob = Pick<ModuleIdentity, "name">;

/** "How does your clock relate to that of the broker?" Its result is a packed `SampledFit`. */
export interface ClockJob {
  /** The agent's own time of the first sample to use. Default: those of the last five minutes. */
  fromUs?: number;
}

/** "Send this signal." `SIGKILL` is the end of the child that is meant. */
export interface SignalJob {
  child: string;
  signal: NodeJS.Signals;
}

/** What an agent writes under its presence key. */
export interface Presence {
  /** Drawn at start: two agents of one name are told apart. */
  id: string;
  name: string;
  address: string;
  role: AgentRole;
  cores: number;
  descriptors: number | null;
  build: string;
  node: string;
  /** Most by which its relation to the clock of the broker is wrong, in microseconds; null while it is not known. */
  clockErrorUs: number | null;
  /** Run that it works for; null if idle. */
  run: string | null;
}
