import type { ServerState } from "./server.ts";
import { plus } from "./traffic.ts";
import type { Usage } from "./usage.ts";

/** A moment of all server processes of a trial: who is there and what has passed in all, and what each process has used. */
export interface Moment extends Omit<ServerState, "usage"> {
  usages: readonly Usage[];
}

/**
 * One moment from what each server said of it. Clients and traffic are sums, the traffic undefined where one of them does not know its own.
 * The counters of the kernel and the machine are the same for all, so the first server's stand for them.
 */
export function together(states: readonly ServerState[]): Moment {
  const traffics = states.map(({ traffic }) => traffic);
  return {
    usages: states.map(({ usage }) => usage),
    traffic: traffics.reduce((sum, each) => sum && each && plus(sum, each, 1)),
    present: states.reduce((sum, { present }) => sum + present, 0),
    net: states[0]!.net,
    machineBusyUs: states[0]!.machineBusyUs,
  };
}
