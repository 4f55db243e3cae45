import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { errorMessage } from "../lib/errors.ts";
import {
  affectedHost,
  clientHost,
  clientRange,
  probeClient,
  serverHost,
  serverRange,
  type NetworkBackend,
  type NetworkConditions,
} from "../lib/network-conditions.ts";
import type { Address } from "../contract.ts";
import type { EmulatorCalls, EmulatorState } from "./emulator-process.ts";
import { startChild, type Child } from "./ipc.ts";
import { openNamespace, type NetworkNamespace } from "./network-namespace.ts";
import { readProc } from "../lib/processes.ts";
import { linkCommand, linkHost, linkSideCommands } from "./link-path.ts";
import { conditionCommands, routerCommands, routerHost, routerState, sideCommands } from "./netem-path.ts";
import { prefer } from "./prefer.ts";
import { openProxyNetwork } from "./proxy-network.ts";
import { pathDevice } from "./tun-device.ts";

/** The network of a trial: where its servers and its clients run, and the path between them. */
export interface TrialNetwork {
  /** Undefined where all stay on the loopback of this machine, with a proxy between them. */
  sides: { servers: NetworkNamespace; clients: NetworkNamespace } | undefined;
  /** The process that is the path. Its death ends the trial. Undefined where the kernel is the path. */
  emulator: Pick<Child<object>, "pid" | "failed" | "ended" | "signal"> | undefined;
  /**
   * Addresses at which so many clients reach a server, who take them in turn: each client of the server then has a link
   * of its own. The server's own addresses, unless a proxy is the path.
   */
  reach(server: readonly Address[], clients: number): Promise<readonly Address[]>;
  /** State of the path now, with the packets that its devices lost on their own. */
  state(): Promise<PathState>;
  close(): Promise<void>;
}

/** State of the path at a moment. */
export interface PathState extends EmulatorState {
  /** Packets that waited for the emulator in vain, since it was too slow. */
  overrun: number;
}

/** What a trial asks of its network. */
export interface NetworkRequest {
  /** Undefined where clients and servers have a plain link, for faults that make it silent. */
  conditions?: NetworkConditions | undefined;
  by: NetworkBackend | "link";
  /** Clients, whose numbers begin at 0. */
  clients: number;
  /** Seed of everything that is drawn. */
  seed: number;
  /** Clients that a fault meets. Default: none, and nothing can break. */
  affected?: readonly number[] | undefined;
}

/** A request for certain conditions. */
export type ConditionsRequest = NetworkRequest & { conditions: NetworkConditions };

/** Packets that may wait for the emulator at one end. */
const deviceQueue = 100_000;

const run = promisify(execFile);

/** Runs a program inside a namespace with this input. Throws with what it printed. */
async function runInside(
  { execPrefix: [program, ...words] }: NetworkNamespace,
  command: readonly string[],
  input: string,
): Promise<void> {
  try {
    const running = run(program!, [...words, ...command]);
    running.child.stdin!.end(input);
    await running;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`cannot set up the network of the trial: ${(stderr ?? errorMessage(error)).trim()}`, {
      cause: error,
    });
  }
}

const shell = ["sh", "-e"];

/**
 * Routes of one side. Every address of `own` is this host's without being listed (AnyIP), and what goes to `other` takes
 * the path. The congestion control is that of the route, since only root may change that of a namespace. Segments leave one by one: a path that loses a large one at once would lose more than was asked.
 */
function endCommands(side: "servers" | "clients", via: string, { conditions, by, affected }: NetworkRequest): string {
  const [own, other] = side === "servers" ? [serverRange, clientRange] : [clientRange, serverRange];
  const source = side === "servers" ? serverHost() : clientHost(probeClient);
  return [
    `ip link set ${pathDevice} mtu 1500 ${conditions ? "gso_max_segs 1 " : ""}addrgenmode none up`,
    ...(by === "tun" ? [`ip link set ${pathDevice} txqueuelen ${deviceQueue}`] : []),
    ...(by === "netem" ? [sideCommands(side, pathDevice)] : []),
    ...(by === "link" ? [linkSideCommands(side, pathDevice)] : []),
    `ip route add local ${own} dev lo`,
    `ip route add ${other} ${via} dev ${pathDevice} src ${source}${conditions ? ` congctl ${conditions.congestionControl}` : ""}`,
    ...(affected ? [breakableRules] : []),
  ].join("\n");
}

/** Rules that drop packets come before the host's own addresses, which are looked up first by default. */
const breakableRules = "ip rule add pref 10 lookup local && ip rule del pref 0";

/** Opens a path: between two namespaces, or a proxy on loopback. Rejects where the system does not allow it. */
export function openNetwork(request: NetworkRequest): Promise<TrialNetwork> {
  return request.by === "proxy" ? openProxyNetwork(request as ConditionsRequest) : openNamespaces(request);
}

async function openNamespaces(request: NetworkRequest): Promise<TrialNetwork> {
  const servers = await openNamespace();
  const clients = servers && (await openNamespace(servers));
  if (!clients) {
    servers?.close();
    throw new Error("this system allows no network namespaces");
  }
  const path = (request.by === "link" ? linkPath : request.by === "netem" ? netemPath : tunPath)(
    servers,
    clients,
    request as ConditionsRequest,
  );
  async function close(): Promise<void> {
    await path.close();
    servers!.close();
    clients!.close();
  }
  try {
    await path.open();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    sides: { servers, clients },
    emulator: path.emulator,
    reach: async (server) => server,
    async state() {
      const overrun = [servers, clients].reduce((sum, { pid }) => sum + deviceDrops(pid), 0);
      return { ...(await path.state()), overrun };
    },
    close,
  };
}

/** What is between the two namespaces. */
interface Path {
  emulator: Child<EmulatorCalls> | undefined;
  open(): Promise<void>;
  state(): Promise<EmulatorState>;
  close(): Promise<void>;
}

/** A plain link: the kernel passes every packet at once. */
function linkPath(servers: NetworkNamespace, clients: NetworkNamespace, request: NetworkRequest): Path {
  return {
    emulator: undefined,
    async open() {
      await runInside(servers, shell, linkCommand(clients.pid, pathDevice));
      await runInside(servers, shell, endCommands("servers", `via ${linkHost("clients")}`, request));
      await runInside(clients, shell, endCommands("clients", `via ${linkHost("servers")}`, request));
    },
    state: async () => idleState,
    close: async () => undefined,
  };
}

/** What a path without an emulator counts. */
const idleState: EmulatorState = {
  offered: 0,
  lost: 0,
  dropped: 0,
  links: 0,
  atUs: 0,
  lateP99Us: 0,
  cpuUs: 0,
  refused: 0,
};

function tunPath(servers: NetworkNamespace, clients: NetworkNamespace, request: ConditionsRequest): Path {
  const { conditions, seed } = request;
  const module = new URL("emulator-process.js", import.meta.url);
  const emulator = startChild<EmulatorCalls>("the network emulator", module, servers.execPrefix);
  return {
    emulator,
    async open() {
      await Promise.race([emulator.call("open", { clientNamespace: clients.pid, conditions, seed }), emulator.ended]);
      await prefer(emulator.pid);
      await runInside(servers, shell, endCommands("servers", "", request));
      await runInside(clients, shell, endCommands("clients", "", request));
    },
    state: () => emulator.call("state", undefined),
    close: () => emulator.kill(),
  };
}

function netemPath(servers: NetworkNamespace, clients: NetworkNamespace, request: ConditionsRequest): Path {
  const { conditions, clients: count, affected } = request;
  const isAffected = new Set(affected);
  const hostOf = (client: number): string =>
    isAffected.has(client) ? affectedHost(client, false) : clientHost(client);
  let router: NetworkNamespace | undefined;
  return {
    emulator: undefined,
    async open() {
      router = await openNamespace(servers);
      if (!router) throw new Error("this system allows no third network namespace");
      await runInside(router, shell, routerCommands({ servers: servers.pid, clients: clients.pid }, pathDevice));
      await runInside(servers, shell, endCommands("servers", `via ${routerHost("servers")}`, request));
      await runInside(clients, shell, endCommands("clients", `via ${routerHost("clients")}`, request));
      const numbers = [...Array.from({ length: count }, (_, i) => i), probeClient];
      await runInside(router, ["tc", "-batch", "-"], conditionCommands(conditions, numbers, hostOf));
    },
    state: () => routerState(router!),
    async close() {
      router?.close();
    },
  };
}

/** Packets that the path's device in the namespace of this process dropped before anybody read them. */
function deviceDrops(pid: number): number {
  const line = readProc(`/proc/${pid}/net/dev`)
    ?.split("\n")
    .find((each) => each.trim().startsWith(`${pathDevice}:`));
  return Number(line?.trim().split(/\s+/)[12] ?? 0);
}
