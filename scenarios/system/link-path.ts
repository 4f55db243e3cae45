/** Number of the network between the two ends, as in netem-path.ts. Each end has the same hardware address in every trial. */
const net = 78;

/** Address of an end of the link. */
export function linkHost(side: "servers" | "clients"): string {
  return `10.${net}.0.${side === "servers" ? 1 : 2}`;
}

/**
 * Commands, for a shell in the namespace of the servers, that make a link to the namespace of the process `clients`, with
 * an end called `device` in each.
 */
export function linkCommands(clients: number, device: string): string {
  return [
    `ip link add ${device} address 02:00:00:00:${net}:01 type veth peer name ${device} address 02:00:00:00:${net}:02 netns ${clients}`,
    `ip addr add ${linkHost("servers")}/30 dev ${device}`,
    `ip link set ${device} mtu 1500 addrgenmode none up`,
    `ip neigh replace ${linkHost("clients")} lladdr 02:00:00:00:${net}:02 dev ${device} nud permanent`,
  ].join("\n");
}

/** Commands of the clients' end. */
export function clientLinkCommands(device: string): string {
  return [
    `ip addr add ${linkHost("clients")}/30 dev ${device}`,
    `ip link set ${device} mtu 1500 addrgenmode none up`,
    `ip neigh replace ${linkHost("servers")} lladdr 02:00:00:00:${net}:01 dev ${device} nud permanent`,
  ].join("\n");
}
