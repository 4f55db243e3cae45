import { startChild, type CallResult, type CallArgument, type Child } from "../system/ipc.ts";
import type { Address } from "../contract.ts";
import { addTallies } from "../load/delivery-ledger.ts";
import { combineSnapshots, type ServerSnapshot } from "./server-snapshot.ts";
import { openNamespace } from "../system/network-namespace.ts";
import type { WorkerProgress } from "../load/virtual-clients.ts";
import type { MemoryGrowth, ServerCalls } from "../load/server-process.ts";
import type { WorkerCalls } from "../load/worker-process.ts";

/** The processes of one trial: some that serve, and workers that play the clients. */
export interface TrialProcesses {
  /** Empty where the server is not ours: then `state` and its like answer with what is known all the same, which is nothing. */
  servers: readonly Child<ServerCalls>[];
  workers: readonly Child<WorkerCalls>[];
  /** Whether the kernel's network counters are of this trial alone. */
  isolated: boolean;
  /** Has every server host the application; the addresses of each. */
  serve(order: CallArgument<ServerCalls, "serve">): Promise<(readonly Address[])[]>;
  /** Asks every server the same. */
  callServers<K extends keyof ServerCalls>(
    name: K,
    argument: CallArgument<ServerCalls, K>,
  ): Promise<CallResult<ServerCalls, K>[]>;
  /** The servers, now. */
  state(): Promise<ServerSnapshot>;
  /** The servers at each of these times; answers after the last. */
  watch(timesUs: readonly number[]): Promise<ServerSnapshot[]>;
  /** How the memory of each server grew. */
  growth(): Promise<MemoryGrowth[]>;
  /** Asks every worker the same. */
  callWorkers<K extends keyof WorkerCalls>(
    name: K,
    argument: CallArgument<WorkerCalls, K>,
  ): Promise<CallResult<WorkerCalls, K>[]>;
  /** How far the workers are, summed, and what came to them; with `hubs` also to those that hear, which takes them a moment. */
  progress(hubs?: boolean): Promise<WorkerProgress>;
  /** Ends every process and resolves when all are gone. */
  kill(): Promise<void>;
}

/**
 * Starts servers and workers, in a network namespace of their own where that can be had. `name` is the transport's. Where `target` says
 * where a server runs already, none is started, and the workers are where they can reach it.
 */
export async function startProcesses(
  name: string,
  count: { servers: number; workers: number },
  target?: Address,
): Promise<TrialProcesses> {
  const network = target ? undefined : await openNamespace();
  const start = <C extends object>(title: string, module: string): Child<C> =>
    startChild<C>(title, new URL(module, import.meta.url), network?.execPrefix);
  const servers = Array.from({ length: target ? 0 : count.servers }, (_, server) =>
    start<ServerCalls>(
      count.servers === 1 ? `the ${name} server` : `${name} server ${server}`,
      "../load/server-process.js",
    ),
  );
  const workers = Array.from({ length: count.workers }, (_, worker) =>
    start<WorkerCalls>(`${name} worker ${worker}`, "../load/worker-process.js"),
  );
  const all: TrialProcesses["callWorkers"] = (ask, argument) =>
    Promise.all(workers.map((each) => each.call(ask, argument)));
  const serving = <K extends keyof ServerCalls>(ask: K, argument: CallArgument<ServerCalls, K>) =>
    Promise.all(servers.map((each) => each.call(ask, argument)));
  let hear = false;
  return {
    servers,
    workers,
    isolated: network !== undefined,
    serve(order) {
      hear = order.app === "ingest";
      if (target) return Promise.resolve([[target]]);
      return Promise.all(servers.map((each, server) => each.call("serve", { ...order, server })));
    },
    callServers: serving,
    state: async () => combineSnapshots(await serving("state", undefined)),
    async watch(timesUs) {
      const each = await serving("watch", timesUs);
      return timesUs.map((_, edge) => combineSnapshots(each.map((states) => states[edge]!)));
    },
    growth: () => serving("growth", undefined),
    callWorkers: all,
    async progress(hubs = false) {
      const asked = hubs && hear ? serving("tally", undefined) : [];
      const [played, received] = await Promise.all([all("progress", undefined), asked]);
      const progress = played.reduce(addProgress);
      return { ...progress, tally: received.reduce(addTallies, progress.tally) };
    },
    async kill() {
      await Promise.all([...servers, ...workers].map((child) => child.kill()));
      network?.close();
    },
  };
}

function addProgress(one: WorkerProgress, other: WorkerProgress): WorkerProgress {
  return {
    connected: one.connected + other.connected,
    verified: one.verified + other.verified,
    open: one.open + other.open,
    tally: addTallies(one.tally, other.tally),
  };
}
