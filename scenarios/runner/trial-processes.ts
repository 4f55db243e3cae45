import type { ProxyPlan } from "../definitions/proxy-plan.ts";
import { FrontProxy } from "./front-proxy.ts";
import { setTimeout as delay } from "node:timers/promises";
import type { Address } from "../contract.ts";
import { startsInside, type Target } from "../definitions/target.ts";
import { addTallies } from "../load/delivery-ledger.ts";
import type { HostingRequest, MemoryGrowth, ServerCalls } from "../load/server-process.ts";
import type { WorkerProgress } from "../load/virtual-clients.ts";
import type { WorkerCalls } from "../load/worker-process.ts";
import { localHost, type Host } from "../hosts/host.ts";
import type { CallArgument, CallResult, Child } from "../system/ipc.ts";
import { openNetwork, type NetworkRequest, type TrialNetwork } from "../system/trial-network.ts";
import { openNamespace, type NetworkNamespace } from "../system/network-namespace.ts";
import type { WindowEdge } from "../system/process-usage.ts";
import { RestartableServer } from "./restartable-server.ts";
import { combineSnapshots, type ServerSnapshot } from "./server-snapshot.ts";

/** The processes of one trial: servers, and workers that play the clients. */
export interface TrialProcesses {
  /**
   * One where a target is started here or its process is known: it measures that program. Empty for any other target;
   * snapshots then have the traffic of the clients alone.
   */
  servers: readonly Child<ServerCalls>[];
  workers: readonly Child<WorkerCalls>[];
  /** True where the trial has a network namespace of its own, so that the kernel's counters are of this trial alone. */
  isolated: boolean;
  /** The path between servers and workers. Default: they share a loopback. */
  network: TrialNetwork | undefined;
  /** The namespace in which the workers are. Undefined: the network of this machine. */
  clientSide: NetworkNamespace | undefined;
  /** The reverse proxy that clients join in place of the servers. Default: none. */
  proxy: FrontProxy | undefined;
  /** Ends every server, as its protocol says or by SIGKILL, and starts it again. Resolves when all listen. */
  restart(how: "graceful" | "hard"): Promise<void>;
  /** Hosts the application on every server. Resolves to the addresses of each. */
  serve(request: HostingRequest): Promise<(readonly Address[])[]>;
  callServers<K extends keyof ServerCalls>(
    name: K,
    argument: CallArgument<ServerCalls, K>,
  ): Promise<CallResult<ServerCalls, K>[]>;
  callWorkers<K extends keyof WorkerCalls>(
    name: K,
    argument: CallArgument<WorkerCalls, K>,
  ): Promise<CallResult<WorkerCalls, K>[]>;
  /** All servers now. If they cannot count their bytes: those that their clients have counted. */
  snapshot(): Promise<ServerSnapshot>;
  /** All servers at each of these edges of the window. Resolves after the last. */
  snapshotsAt(edges: readonly WindowEdge[]): Promise<ServerSnapshot[]>;
  memoryGrowth(): Promise<MemoryGrowth[]>;
  /** Sum over the workers. With `servers` also over the servers, which costs them CPU time. */
  progress(servers?: boolean): Promise<WorkerProgress>;
  /** Ends the target that was started here, and kills every process. Resolves when all have ended. */
  kill(): Promise<void>;
}

/**
 * The processes of a trial. `hostNetwork`: they stay in the network of this machine. Default: false. `network`: what is
 * between servers and workers. Default: nothing.
 */
interface ProcessRequest {
  servers: number;
  workers: number;
  hostNetwork?: boolean | undefined;
  network?: NetworkRequest | undefined;
  /** The hosts that agents lend. Default: this machine. */
  hosts?: TrialHosts | undefined;
  /** True if the servers can be started again. Default: false. */
  restartable?: boolean | undefined;
  /** Default: clients join the servers. */
  proxy?: ProxyPlan | undefined;
}

/** Which host has the servers, and which each worker. */
export interface TrialHosts {
  server: Host;
  ofWorker: readonly Host[];
}

/** Milliseconds that a target has to end. It is killed after 2 s. */
const closeMs = 3_000;

/**
 * Starts servers and workers, in a network namespace of their own where that is possible and wanted. `name` is the
 * transport's, for messages. The workers take no proxy. With `target` no server of ours is started, and the workers run
 * where they can reach the target.
 */
export async function startProcesses(
  name: string,
  {
    servers: serverCount,
    workers: workerCount,
    hostNetwork = false,
    network: requested,
    hosts,
    restartable,
    proxy: planned,
  }: ProcessRequest,
  target?: Target,
): Promise<TrialProcesses> {
  const shared = hostNetwork || hosts !== undefined || (target !== undefined && !startsInside(target));
  const network = requested && (await openNetwork(requested));
  const namespace = network ? network.sides?.servers : shared ? undefined : await openNamespace();
  const serverHost = hosts?.server ?? localHost(namespace);
  const clientHost = localHost(network?.sides?.clients ?? namespace);
  const proxy = planned && new FrontProxy(planned, namespace);
  const length = target ? Number(isMeasured(target)) : serverCount;
  const startServer = (server: number) => () =>
    serverHost.start<ServerCalls>(length === 1 ? `the ${name} server` : `${name} server ${server}`, "server");
  const replaceable = Array.from({ length: restartable ? length : 0 }, (_, i) => new RestartableServer(startServer(i)));
  const servers = restartable ? replaceable : Array.from({ length }, (_, i) => startServer(i)());
  const workers = Array.from({ length: workerCount }, (_, worker) =>
    (hosts?.ofWorker[worker] ?? clientHost).start<WorkerCalls>(`${name} worker ${worker}`, "worker"),
  );
  const callServers: TrialProcesses["callServers"] = (call, argument) =>
    Promise.all(servers.map((each) => each.call(call, argument)));
  const callWorkers: TrialProcesses["callWorkers"] = (call, argument) =>
    Promise.all(workers.map((each) => each.call(call, argument)));
  let serversReceive = false;
  /** True if the last snapshot had the traffic of the servers: the workers need not count theirs in the window. */
  let serversCount = false;
  /** With a proxy, clients and servers count different bytes. */
  const clientsCount = (): boolean => !serversCount || proxy !== undefined;
  return {
    servers,
    workers,
    isolated: namespace !== undefined,
    network,
    clientSide: network?.sides?.clients ?? namespace,
    proxy,
    async restart(how) {
      await Promise.all(replaceable.map((each) => each.restart(how)));
    },
    async serve(request) {
      serversReceive = request.app === "ingest";
      if (target && servers.length === 0) return [target.addresses];
      const more = { ...(target && { target }), ...(network?.sides && { clientNamespace: network.sides.clients.pid }) };
      const { address } = serverHost;
      const plain = planned?.tls ? withoutTls(request) : request;
      const reachable = address === undefined ? plain : onEveryAddress(plain);
      const served = servers.map((each, server) => each.call("serve", { ...reachable, server, ...more }));
      const own = await Promise.all(served);
      const addresses = proxy ? await proxy.start(own) : own;
      if (network) return Promise.all(addresses.map((all) => network.reach(all, requested.clients)));
      return address === undefined
        ? addresses
        : addresses.map((all) => all.map((each) => ({ ...each, host: address })));
    },
    callServers,
    callWorkers,
    async snapshot() {
      const states = await callServers("snapshot", undefined);
      serversCount = combineSnapshots(states).traffic !== undefined;
      const atClients = clientsCount() ? await callWorkers("traffic", undefined) : [];
      return combineSnapshots(states, atClients);
    },
    async snapshotsAt(edges) {
      const atClients = clientsCount() ? callWorkers("trafficAt", edges) : [];
      const [perServer, perWorker] = await Promise.all([callServers("snapshotsAt", edges), atClients]);
      return edges.map((_, edge) =>
        combineSnapshots(
          perServer.map((states) => states[edge]!),
          perWorker.map((traffics) => traffics[edge]),
        ),
      );
    },
    memoryGrowth: () => callServers("memoryGrowth", undefined),
    async progress(withServers = false) {
      const tallies = withServers && serversReceive ? callServers("tally", undefined) : [];
      const [perWorker, perServer] = await Promise.all([callWorkers("progress", undefined), tallies]);
      const sum = perWorker.reduce(addProgress);
      return { ...sum, tally: perServer.reduce(addTallies, sum.tally) };
    },
    async kill() {
      const closing = callServers("close", undefined).catch(() => undefined);
      if (target?.start !== undefined) await Promise.race([closing, delay(closeMs, undefined, { ref: false })]);
      await Promise.all([...[...servers, ...workers].map((child) => child.kill()), proxy?.stop()]);
      if (network) await network.close();
      else namespace?.close();
    },
  };
}

/** The same application on all addresses of its host; instead of further addresses it has further ports. */
function onEveryAddress(request: HostingRequest): HostingRequest {
  const { additionalHosts, ...options } = request.options;
  const more = additionalHosts?.map(() => everyAddress);
  return { ...request, options: { ...options, host: everyAddress, ...(more && { additionalHosts: more }) } };
}

/** The same application without TLS, which ends in front of it. */
function withoutTls(request: HostingRequest): HostingRequest {
  return { ...request, options: { ...request.options, tls: false } };
}

const everyAddress = "0.0.0.0";

/** True if CPU time and memory of the target can be read. */
function isMeasured({ start, pid }: Target): boolean {
  return start !== undefined || pid !== undefined;
}

function addProgress(one: WorkerProgress, other: WorkerProgress): WorkerProgress {
  return {
    connected: one.connected + other.connected,
    verified: one.verified + other.verified,
    open: one.open + other.open,
    away: one.away + other.away,
    gone: one.gone + other.gone,
    sent: one.sent + other.sent,
    tally: addTallies(one.tally, other.tally),
  };
}
