import type { AgentHost } from "../hosts/agent-host.ts";
import type { Gang } from "../hosts/gang.ts";
import { placeOnHosts } from "../hosts/placement.ts";
import type { TrialPlan } from "./trial-plan.ts";
import type { TrialHosts } from "./trial-processes.ts";

/** The hosts of a trial, each an agent. */
export interface AgentTrialHosts extends TrialHosts {
  server: AgentHost;
  ofWorker: readonly AgentHost[];
  /** Number of clients of each worker. */
  clientsOfWorker: readonly number[];
}

/**
 * The hosts of each process of a trial. The workers are dealt to the client hosts in turn, each host having
 * equally many; the sender worker and the worker of the paused clients are on the first and on the last one.
 */
export function hostsOf(
  { hosts }: Pick<Gang, "hosts">,
  { settings, assignment }: Pick<TrialPlan, "settings" | "assignment">,
): AgentTrialHosts {
  const { server, clients } = placeOnHosts(hosts);
  const dealt = Array.from(
    { length: settings.workers },
    (_, worker) => clients[Math.floor((worker * clients.length) / settings.workers)]!,
  );
  const first = assignment.hasSenderWorker ? [clients[0]!] : [];
  const last = assignment.pausedClients.length > 0 ? [clients.at(-1)!] : [];
  const clientsOfWorker = assignment.clientsByWorker.map(({ length }) => length);
  return { server, ofWorker: [...first, ...dealt, ...last], clientsOfWorker };
}
