import { UserError } from "../lib/errors.ts";
import { clientsThatFit, type Limits } from "../system/limits.ts";
import type { AgentDescription } from "./description.ts";

/** What placement needs to know of an agent. */
export type Candidate = Pick<AgentDescription, "name" | "role" | "limits">;

/** Which hosts do what: one has the servers, the others the clients. */
export interface Placement<H> {
  server: H;
  /** With one agent only: the same as `server`. */
  clients: readonly H[];
}

/**
 * The server host is the agent with that role, else the one with most cores, of two equal ones the first by name. Of
 * the others, all that may have clients do. Pure. Throws a UserError where no agent may be the one or the other.
 */
export function placeOnHosts<H extends { description: Candidate }>(hosts: readonly H[]): Placement<H> {
  const byName = hosts.toSorted((one, other) => (one.description.name < other.description.name ? -1 : 1));
  const weight = ({ description: { role, limits } }: H): number => (role === "server" ? 1e6 : 0) + limits.cores;
  const servers = byName.filter(({ description }) => description.role !== "clients");
  const [server] = servers.toSorted((one, other) => weight(other) - weight(one));
  if (!server) throw new UserError("Every agent has the role clients: start one with --role server or --role any.");
  const rest = byName.filter((host) => host !== server && host.description.role !== "server");
  if (rest.length > 0) return { server, clients: rest };
  if (hosts.length === 1 && server.description.role === "any") return { server, clients: [server] };
  throw new UserError("No agent is left for the clients: start one with --role clients or --role any.");
}

/** Worker processes of a client host, and the clients of each. */
interface HostShare {
  processes: number;
  clients: number;
}

/** MiB that a client may take on its host: two sockets with the kernel's buffers and TLS, and its objects. */
const clientMib = 0.1;

/**
 * How many workers each client host has, and the weight of each worker, in the order of the hosts. A host gets clients
 * by its cores, as many as its descriptors and its memory hold, in one process if that is enough and the user does not
 * want more `workers`. Pure. Throws a UserError where the hosts together cannot hold the clients.
 */
export function shareClients(
  hosts: readonly { name: string; limits: Limits }[],
  { clients, socketsPerClient, workers }: { clients: number; socketsPerClient: number; workers?: number | undefined },
): { processes: number[]; shares: number[] } {
  const wanted = hosts.map((_, i) => Math.max(1, Math.floor(((workers ?? 0) + hosts.length - 1 - i) / hosts.length)));
  const memory = hosts.map(({ limits }) =>
    limits.memoryMib === null ? Infinity : Math.floor(limits.memoryMib / clientMib),
  );
  for (let more = 0; more < mostMoreProcesses; more++) {
    const most = hosts.map(({ limits }, i) =>
      Math.min(memory[i]!, (wanted[i]! + more) * clientsThatFit(socketsPerClient, limits.descriptors)),
    );
    if (most.reduce((sum, each) => sum + each, 0) < clients) continue;
    const parts = fill(
      clients,
      hosts.map(({ limits }) => limits.cores),
      most,
    );
    const split = parts.map((part, i): HostShare => ({ processes: wanted[i]! + more, clients: part }));
    return {
      processes: split.map(({ processes }) => processes),
      shares: split.flatMap(({ processes, clients: part }) =>
        Array.from({ length: processes }, (_, k) => Math.floor((part + processes - 1 - k) / processes)),
      ),
    };
  }
  throw new UserError(
    `The ${hosts.length} client hosts cannot hold ${clients} clients: start more agents, raise ulimit -n there, or use fewer --clients.`,
  );
}

/** Processes more than wanted on each host, at most. */
const mostMoreProcesses = 64;

/** `total` dealt by weights, none more than its bound; what a bounded one cannot take goes to the others. Whole numbers. */
function fill(total: number, weights: readonly number[], most: readonly number[]): number[] {
  const parts = weights.map(() => 0);
  let left = total;
  let open = weights.map((_, i) => i);
  while (left > 0 && open.length > 0) {
    const sum = open.reduce((all, i) => all + weights[i]!, 0);
    const before = left;
    for (const i of open) {
      const part = Math.min(most[i]! - parts[i]!, Math.floor((before * weights[i]!) / sum), left);
      parts[i]! += part;
      left -= part;
    }
    open = open.filter((i) => parts[i]! < most[i]!);
    if (left === before || left < open.length)
      // too few for a whole one each
      for (const i of open.slice(0, left)) {
        parts[i]! += 1;
        left--;
      }
  }
  return parts;
}
