import { textTable, type TextColumn } from "../../results/text/text-table.ts";
import type { Gang } from "../../scenarios/hosts/gang.ts";
import type { Presence } from "../../scenarios/hosts/jobs.ts";
import { placeOnHosts } from "../../scenarios/hosts/placement.ts";

/** One line that says which agent does what. */
export function gangText({ hosts, broker }: Pick<Gang, "hosts" | "broker">): string {
  const { server, clients } = placeOnHosts(hosts);
  const names = clients.map(({ name }) => name).join(", ");
  return `Agents (broker ${broker}): the servers on ${server.name} (${server.address}), the clients on ${names}.`;
}

/** A table of the agents that are there. */
export function agentsTable(agents: readonly Presence[]): string {
  return textTable(columns, agents);
}

const columns: TextColumn<Presence>[] = [
  { heading: "name", value: ({ name }) => name },
  { heading: "address", value: ({ address }) => address },
  { heading: "role", value: ({ role }) => role },
  { heading: "cores", number: true, value: ({ cores }) => String(cores) },
  { heading: "descriptors", number: true, value: ({ descriptors }) => String(descriptors ?? "-") },
  { heading: "build", value: ({ build }) => build },
  { heading: "node", value: ({ node }) => node },
  { heading: "clock error us", number: true, value: ({ clockErrorUs }) => String(clockErrorUs ?? "-") },
  { heading: "state", value: ({ run }) => (run === null ? "idle" : `busy: ${run}`) },
];
