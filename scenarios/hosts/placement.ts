import { UserError } from "../lib/errors.ts";
import type { AgentDescription } from "./description.ts";

/** What placement needs to know of an agent. */
export type Candidate = Pick<AgentDescription, "name" | "role" | "limits">;

/** Which hosts do what: one has the servers, the others the clients. */
export interface Placement<H> {
  server: H;
  /** The largest first: it also has the worker of the senders. With one agent only: the same as `server`. */
  clients: readonly H[];
}

/**
 * The server host is the agent with that role, else the one with most cores, of two equal ones the first by name. Of
 * the others, all that may have clients do, in the order of their cores, then of their descriptors, then by name. Pure.
 * Throws a UserError where no agent may be the one or the other.
 */
export function placeOnHosts<H extends { description: Candidate }>(hosts: readonly H[]): Placement<H> {
  const byName = hosts.toSorted((one, other) => (one.description.name < other.description.name ? -1 : 1));
  const weight = ({ description: { role, limits } }: H): number => (role === "server" ? 1e6 : 0) + limits.cores;
  const servers = byName.filter(({ description }) => description.role !== "clients");
  const [server] = servers.toSorted((one, other) => weight(other) - weight(one));
  if (!server) throw new UserError("Every agent has the role clients: start one with --role server or --role any.");
  const rest = byName.filter((host) => host !== server && host.description.role !== "server");
  if (rest.length > 0) return { server, clients: rest.toSorted(largestFirst) };
  if (hosts.length === 1 && server.description.role === "any") return { server, clients: [server] };
  throw new UserError("No agent is left for the clients: start one with --role clients or --role any.");
}

function largestFirst<H extends { description: Candidate }>(one: H, other: H): number {
  const [a, b] = [one.description.limits, other.description.limits];
  if (a.cores !== b.cores) return b.cores - a.cores;
  const [few, many] = [a.descriptors ?? Infinity, b.descriptors ?? Infinity];
  return few === many ? 0 : many - few;
}
