import { startChild, type Answer, type Argument, type Child } from "./child.ts";
import { addTallies, type Tally } from "./ledger.ts";
import { openNetwork } from "./network.ts";
import type { ServerCalls } from "./server.ts";
import type { WorkerCalls } from "./worker.ts";

/** The processes of one trial: one that serves, and workers that play the clients. */
export interface Crew {
  server: Child<ServerCalls>;
  workers: readonly Child<WorkerCalls>[];
  /** Whether the kernel's network counters are of this trial alone. */
  isolated: boolean;
  /** Asks every worker the same. */
  all<K extends keyof WorkerCalls>(name: K, argument: Argument<WorkerCalls, K>): Promise<Answer<WorkerCalls, K>[]>;
  /** How far the workers are, summed. */
  progress(): Promise<{ connected: number; open: number; tally: Tally }>;
  /** Ends every process and resolves when all are gone. */
  kill(): Promise<void>;
}

/** Starts a server and `count` workers, in a network namespace of their own where that can be had. `name` is the transport's. */
export async function startCrew(name: string, count: number): Promise<Crew> {
  const network = await openNetwork();
  const start = <C extends object>(title: string, module: string): Child<C> =>
    startChild<C>(title, new URL(module, import.meta.url), network?.enter);
  const server = start<ServerCalls>(`the ${name} server`, "./server.js");
  const workers = Array.from({ length: count }, (_, worker) =>
    start<WorkerCalls>(`${name} worker ${worker}`, "./worker.js"),
  );
  const all: Crew["all"] = (ask, argument) => Promise.all(workers.map((each) => each.call(ask, argument)));
  return {
    server,
    workers,
    isolated: network !== undefined,
    all,
    async progress() {
      const each = await all("progress", undefined);
      return {
        connected: each.reduce((sum, { connected }) => sum + connected, 0),
        open: each.reduce((sum, { open }) => sum + open, 0),
        tally: each.map(({ tally }) => tally).reduce(addTallies),
      };
    },
    async kill() {
      await Promise.all([server, ...workers].map((child) => child.kill()));
      network?.close();
    },
  };
}
