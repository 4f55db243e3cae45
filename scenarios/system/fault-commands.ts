import { affectedHost, affectedRange, clientRange, serverRange } from "../lib/network-conditions.ts";

/** Which packets of a link are dropped: all, or those from the servers. */
export type SilentWays = "both" | "down";

/** How the connections of the affected clients are known: by addresses of their own, or by that of the server for them. */
export type AffectedLinks = { onLoopback: boolean } | { serverHost: string };

/** Comes before the rule that looks up the host's own addresses. */
const priority = 5;

/** A command, for the clients' namespace, that resets the established TCP connections of these clients, or of all affected ones. */
export function cutCommand(links: AffectedLinks, clients?: readonly number[]): string {
  const filter = "serverHost" in links ? `dst ${links.serverHost}` : ownAddresses(links, clients);
  return `ss -K -H -t -n state established "${filter}" > /dev/null`;
}

function ownAddresses({ onLoopback }: { onLoopback: boolean }, clients?: readonly number[]): string {
  if (!clients) return `src ${affectedRange(onLoopback)}`;
  return `( ${clients.map((client) => `src ${affectedHost(client, onLoopback)}`).join(" or ")} )`;
}

/**
 * Rules that drop what arrives at each side, so that the sender does not know: `add` makes the link of the affected
 * clients silent, `del` ends that.
 */
export function silenceCommands(
  links: AffectedLinks,
  ways: SilentWays,
  verb: "add" | "del",
): { servers: string; clients: string } {
  const byServer = "serverHost" in links;
  const up = byServer ? `from ${clientRange} to ${links.serverHost}` : `from ${affectedRange(false)}`;
  const down = byServer ? `from ${links.serverHost}` : `from ${serverRange} to ${affectedRange(false)}`;
  const rule = (selector: string): string => `ip rule ${verb} ${selector} blackhole pref ${priority}`;
  return { servers: ways === "down" ? "true" : rule(up), clients: rule(down) };
}
