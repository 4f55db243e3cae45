import type { Settings } from "../definitions/settings.ts";
import { loadTrace, type Trace } from "../definitions/trace.ts";
import { assignClients, type Assignment } from "./assignment.ts";
import { planSchedule, type Schedule } from "./schedule.ts";

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
