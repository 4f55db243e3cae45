import type { Settings } from "../definitions/settings.ts";
import { loadTrace, type Trace } from "../definitions/trace.ts";
import { assignClients, type Assignment } from "./assignment.ts";
import type { Payloads } from "./payloads.ts";
import { planSchedule, type Schedule } from "./schedule.ts";
import { trialPayloads } from "./trial-payloads.ts";
import { workerShareOf, type WorkerShare } from "./worker-share.ts";

/** The load of a trial: who sends and receives where, and every message with its time. */
export interface WorkloadPlan {
  assignment: Assignment;
  schedule: Schedule;
  /** Set where the trial replays a trace. */
  trace: Trace | undefined;
}

/**
 * The load of a trial. It follows from the settings alone, so that each process of the trial plans it for itself.
 * Throws a UserError where the trace cannot be loaded.
 */
export function planWorkload(settings: Settings): WorkloadPlan {
  const trace = loadTrace(settings);
  const assignment = assignClients(settings, trace);
  const schedule = planSchedule(settings, assignment.senders, assignment.serverSenders, trace);
  return { assignment, schedule, trace };
}

/**
 * What one worker plays, and the payloads of the trial. The plan of the whole is made and let go. Throws as
 * `planWorkload` does.
 */
export function planShare(settings: Settings, worker: number): WorkerShare & { payloads: Payloads } {
  const plan = planWorkload(settings);
  return {
    ...workerShareOf(settings, plan, worker),
    payloads: trialPayloads(settings, plan.schedule, plan.trace),
  };
}
