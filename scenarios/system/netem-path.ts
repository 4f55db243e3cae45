import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { clientHost, clientRange, serverRange, type NetworkConditions } from "../lib/network-conditions.ts";
import { nowUs } from "../lib/clock.ts";
import { linkEndCommands } from "./link-path.ts";
import type { NetworkNamespace } from "./network-namespace.ts";
import type { EmulatorState } from "./emulator-process.ts";

const run = promisify(execFile);

/** Ends of the path in the router's namespace: towards the servers and towards the clients. */
const [toServers, toClients] = ["servers0", "clients0"] as const;
/** Packets that may be under way: no path here holds so many, so the limit never drops one. */
const noLimit = 1_000_000;
/** A rate that limits nothing. netem keeps the order of packets under jitter only where it has a rate. */
const unlimited = "100gbit";
/** Bytes of a full packet: netem counts its queue in packets. */
const mtu = 1_500;
/** What netem adds to the bytes of each packet at a rate: it would count the Ethernet header, which no link here has. */
const rateOverhead = -14;

/**
 * Commands, for a shell in the router's namespace, that make two links and forward between them. `pids` are processes in
 * the namespaces of servers and clients, to which the other ends go as `device`. Neighbours are permanent: a lost ARP
 * request would delay a packet by a second.
 */
export function routerCommands(pids: { servers: number; clients: number }, device: string): string {
  const link = (name: string, net: number, pid: number): string[] => [
    `ip link add ${name} address 02:00:00:00:${net}:01 type veth peer name ${device} address 02:00:00:00:${net}:02`,
    `ip link set ${device} netns ${pid}`,
    `ip link set ${name} mtu ${mtu} gso_max_segs 1 addrgenmode none up`,
    ...linkEndCommands(net, 1, name),
  ];
  return [
    ...link(toServers, 78, pids.servers),
    ...link(toClients, 79, pids.clients),
    `ip route add ${serverRange} via 10.78.0.2`,
    `ip route add ${clientRange} via 10.79.0.2`,
    "echo 1 > /proc/sys/net/ipv4/ip_forward",
  ].join("\n");
}

/** Commands of a side that give it its end of the path and the way to the router. */
export function sideCommands(side: "servers" | "clients", device: string): string {
  return linkEndCommands(side === "servers" ? 78 : 79, 2, device).join("\n");
}

/** Address of the router at a side. */
export function routerHost(side: "servers" | "clients"): string {
  return `10.${side === "servers" ? 78 : 79}.0.1`;
}

/**
 * Commands for `tc -batch` that put the conditions on both egresses of the router, so that neither the servers nor the
 * clients pay for them. With a rate, each of these clients has a class of its own with a queue of its own. A loss is drawn
 * once, at the root, so that it can be told from what a full queue drops.
 */
export function conditionCommands(
  conditions: NetworkConditions,
  clients: readonly number[],
  hostOf: (client: number) => string = clientHost,
): string {
  const { rate } = conditions;
  return [
    ...egress(conditions, toClients, "dst_ip", rate?.downBitsPerS, clients, hostOf),
    ...egress(conditions, toServers, "src_ip", rate?.upBitsPerS, clients, hostOf),
  ].join("\n");
}

function egress(
  { rttMs, jitterMs, lossShare, queueMs }: NetworkConditions,
  device: string,
  key: "src_ip" | "dst_ip",
  bitsPerS: number | undefined,
  clients: readonly number[],
  hostOf: (client: number) => string,
): string[] {
  const us = (ms: number): string => `${Math.round(1000 * ms)}us`;
  const delay = jitterMs > 0 ? `delay ${us(rttMs / 2)} ${us(jitterMs / 2)}` : `delay ${us(rttMs / 2)}`;
  const loss = lossShare > 0 ? `loss random ${100 * lossShare}%` : "";
  if (bitsPerS === undefined)
    return [`qdisc add dev ${device} root handle 1: netem limit ${noLimit} ${delay} ${loss} rate ${unlimited}`];
  const waiting = ((rttMs / 2 + jitterMs / 2 + queueMs) * bitsPerS) / 8e3 / mtu;
  const leaf = `netem limit ${Math.ceil(waiting) + 1} ${delay} rate ${Math.round(bitsPerS)}bit ${rateOverhead}`;
  return [
    `qdisc add dev ${device} root handle 1: netem limit ${noLimit} ${loss} rate ${unlimited}`,
    `qdisc add dev ${device} parent 1:1 handle 2: htb`,
    ...clients.flatMap((client) => {
      const id = `2:${(client + 1).toString(16)}`;
      return [
        `class add dev ${device} parent 2: classid ${id} htb rate ${unlimited} quantum 60000`,
        `qdisc add dev ${device} parent ${id} ${leaf}`,
        `filter add dev ${device} parent 2: protocol ip prio 1 flower ${key} ${hostOf(client)} classid ${id}`,
      ];
    }),
  ];
}

/** Statistics of a queueing discipline, as `tc -json -statistics` prints them. */
interface QdiscStatistics {
  kind: string;
  root?: true;
  packets: number;
  drops: number;
}

/** What passed the router so far. Of netem, only the drops of all leaves tell what a full queue dropped. */
export async function routerState({ execPrefix: [program, ...words] }: NetworkNamespace): Promise<EmulatorState> {
  const state = { offered: 0, lost: 0, dropped: 0, links: NaN, atUs: nowUs(), cpuUs: NaN, lateP99Us: NaN, refused: 0 };
  for (const device of [toServers, toClients]) {
    const tc = ["tc", "-json", "-statistics", "qdisc", "show", "dev", device];
    const { stdout } = await run(program!, [...words, ...tc], { maxBuffer: 2 ** 28 });
    const all = JSON.parse(stdout) as QdiscStatistics[];
    const netems = all.filter(({ kind }) => kind === "netem");
    const sum = (of: readonly QdiscStatistics[]): number => of.reduce((total, { drops }) => total + drops, 0);
    const root = netems.find((each) => each.root)!;
    const full = sum(netems.filter((each) => !each.root));
    state.lost += root.drops - full;
    state.dropped += full;
    state.offered += root.packets + root.drops;
  }
  return state;
}
