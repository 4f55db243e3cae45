import { planProcesses, type ProcessCounts, type ResourceRequest } from "../../../scenarios/capacity/process-plan.ts";
import type { Settings } from "../../../scenarios/definitions/settings.ts";
import { shareClients } from "../../../scenarios/capacity/host-shares.ts";
import { placeOnHosts, type Candidate } from "../../../scenarios/hosts/placement.ts";
import { errorMessage, UserError } from "../../../scenarios/lib/errors.ts";
import { clientsThatFit, type Limits } from "../../../scenarios/system/limits.ts";
import { withoutTlsSuffix } from "../../../scenarios/transports/load-transport.ts";
import type { AgentHost } from "../../../scenarios/hosts/agent-host.ts";
import { moduleOf, moduleProblem } from "../../../scenarios/hosts/agent-modules.ts";
import { senderWorkerShare } from "../../../scenarios/workload/assignment.ts";
import type { Subject } from "./subjects.ts";

/** What knows the modules of an agent. */
type ModuleHost = Pick<AgentHost, "name" | "findModule">;

/**
 * Throws a UserError where agents cannot run a trial: code and files do not travel through the broker, so a module must
 * lie at each agent.
 */
export async function assertForAgents(
  subjects: readonly Subject[],
  { trace }: Settings,
  hosts: readonly ModuleHost[],
): Promise<void> {
  for (const { transport } of subjects) await assertSameModule(transport, hosts);
  const started = subjects.find(({ target }) => target?.start !== undefined || target?.pid !== undefined)?.target;
  if (started)
    throw new UserError(
      `Agents start and watch no program, and ${started.title} is one: start it yourself and give its --target, or leave out --agents.`,
    );
  if (trace)
    throw new UserError("Agents cannot read the file of a trace: name another scenario, or leave out --agents.");
}

async function assertSameModule(transport: string, hosts: readonly ModuleHost[]): Promise<void> {
  const own = moduleOf(transport);
  if (!own) return;
  const path = withoutTlsSuffix(transport) ?? transport;
  for (const host of hosts) {
    const found = await host.findModule(own.name).catch((error: unknown) => {
      throw new UserError(`Agent ${host.name} says: ${errorMessage(error)}`, { cause: error });
    });
    const problem = moduleProblem(host.name, path, own, found);
    if (problem !== undefined) throw new UserError(problem);
  }
}

/**
 * The processes of a trial on these hosts. Pure. Throws a UserError where they cannot hold so many clients.
 */
export function planOnHosts(
  request: ResourceRequest,
  clients: number,
  hosts: readonly { description: Candidate }[],
): ProcessCounts {
  const { servers, addresses } = planProcesses({ ...request, workers: undefined }, clients, limitsOfHosts(hosts));
  const clientHosts = placeOnHosts(hosts).clients.map(({ description }) => description);
  const limits = clientHosts.map((each) => each.limits);
  const { processes, shares } = shareClients(request.transport, limits, { clients, workers: request.workers });
  assertSendersFit(request, clients, clientHosts[0]!);
  const workers = processes.reduce((sum, each) => sum + each);
  const equal = Math.max(...shares) - Math.min(...shares) <= 1;
  return { servers, addresses, workers, ...(!equal && { shares }) };
}

/** Throws a UserError where the senders and their observers, which are in one process, do not fit the host of these. */
function assertSendersFit(
  { label, settingsFor, transport }: ResourceRequest,
  clients: number,
  { name, limits }: Candidate,
): void {
  const share = senderWorkerShare(settingsFor(clients));
  if (share <= clientsThatFit(transport.socketsPerClient, limits.descriptors)) return;
  throw new UserError(
    `${label} with ${clients} clients has ${share} senders and observers in one process, and agent ${name} has ${limits.descriptors} descriptors: raise ulimit -n there, or use fewer --clients.`,
  );
}

/** Limits of several machines as if they were one: descriptors of the server, the fewest ports, all memory and cores. */
export function limitsOfHosts(hosts: readonly { description: Candidate }[]): Limits {
  const { server, clients } = placeOnHosts(hosts);
  const all = [...new Set([server, ...clients])].map(({ description }) => description.limits);
  const least = (of: (limits: Limits) => number | null): number | null => {
    const known = all.map(of).filter((value) => value !== null);
    return known.length > 0 ? Math.min(...known) : null;
  };
  const sum = (of: (limits: Limits) => number): number => all.reduce((total, each) => total + of(each), 0);
  return {
    descriptors: server.description.limits.descriptors,
    ports: least(({ ports }) => ports),
    timeWaitMs: Math.max(...all.map(({ timeWaitMs }) => timeWaitMs ?? 0)),
    memoryMib: all.every(({ memoryMib }) => memoryMib !== null) ? sum(({ memoryMib }) => memoryMib!) : null,
    cores: sum(({ cores }) => cores),
  };
}
