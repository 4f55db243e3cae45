import { planProcesses, type ProcessCounts, type ResourceRequest } from "../../../scenarios/capacity/process-plan.ts";
import type { Settings } from "../../../scenarios/definitions/settings.ts";
import { placeOnHosts, shareClients, type Candidate } from "../../../scenarios/hosts/placement.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import type { Limits } from "../../../scenarios/system/limits.ts";
import { isModulePath } from "../../../scenarios/transports/load-transport.ts";
import type { Subject } from "./subjects.ts";

/** Throws a UserError where agents cannot run a trial: code and files do not travel through the broker. */
export function assertForAgents(subjects: readonly Subject[], { trace }: Settings): void {
  const module = subjects.find(({ transport }) => isModulePath(transport))?.transport;
  if (module !== undefined)
    throw new UserError(
      `Agents load no module, and ${module} is one: name a transport of the list, or leave out --agents.`,
    );
  const started = subjects.find(({ target }) => target?.start !== undefined || target?.pid !== undefined)?.target;
  if (started)
    throw new UserError(
      `Agents start and watch no program, and ${started.title} is one: start it yourself and give its --target, or leave out --agents.`,
    );
  if (trace)
    throw new UserError("Agents cannot read the file of a trace: name another scenario, or leave out --agents.");
}

/**
 * The processes of a trial on these hosts. Pure. Throws a UserError where they cannot hold so many clients.
 */
export function planOnHosts(
  request: ResourceRequest,
  clients: number,
  hosts: readonly { description: Candidate }[],
): ProcessCounts {
  const { clients: clientHosts } = placeOnHosts(hosts);
  const { servers, addresses } = planProcesses({ ...request, workers: undefined }, clients, limitsOfHosts(hosts));
  const { processes, shares } = shareClients(
    clientHosts.map(({ description }) => description),
    {
      clients,
      socketsPerClient: request.transport.socketsPerClient,
      workers: request.workers,
    },
  );
  const workers = processes.reduce((sum, each) => sum + each);
  const equal = Math.max(...shares) - Math.min(...shares) <= 1;
  return { servers, addresses, workers, ...(!equal && { shares }) };
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
