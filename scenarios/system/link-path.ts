/** Number of the network of a plain link. Its ends have the same hardware addresses in every trial. */
const net = 78;

type Side = "servers" | "clients";

/** Number of each end of a plain link. */
const numberOf = { servers: 1, clients: 2 } as const satisfies Record<Side, 1 | 2>;

/** Commands that give the end of a link with this number its address, and make the other end known to it for good. */
export function linkEndCommands(network: number, end: 1 | 2, device: string): string[] {
  const other = 3 - end;
  return [
    `ip addr add 10.${network}.0.${end}/30 dev ${device}`,
    `ip neigh replace 10.${network}.0.${other} lladdr 02:00:00:00:${network}:0${other} dev ${device} nud permanent`,
  ];
}

/** Address of an end of a plain link. */
export function linkHost(side: Side): string {
  return `10.${net}.0.${numberOf[side]}`;
}

/**
 * Command, for a shell in the namespace of the servers, that makes a plain link to the namespace of the process
 * `clients`, with an end called `device` in each.
 */
export function linkCommand(clients: number, device: string): string {
  const address = (side: Side): string => `address 02:00:00:00:${net}:0${numberOf[side]}`;
  return `ip link add ${device} ${address("servers")} type veth peer name ${device} ${address("clients")} netns ${clients}`;
}

/** Commands of a side that give it its end of a plain link. The device is up. */
export function linkSideCommands(side: Side, device: string): string {
  return linkEndCommands(net, numberOf[side], device).join("\n");
}
