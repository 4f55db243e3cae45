import { startChild, type Answer, type Argument, type Child } from "./child.ts";
import { addTallies, type Tally } from "./ledger.ts";
import type { ServerCalls } from "./server.ts";
import type { WorkerCalls } from "./worker.ts";

/** The processes of one trial: one that serves, and workers that play the clients. */
export interface Crew {
  server: Child<ServerCalls>;
  workers: readonly Child<WorkerCalls>[];
  /** Asks every worker the same. */
  all<K extends keyof WorkerCalls>(name: K, argument: Argument<WorkerCalls, K>): Promise<Answer<WorkerCalls, K>[]>;
  /** How far the workers are, summed. */
  progress(): Promise<{ connected: number; open: number; tally: Tally }>;
  /** Ends every process and resolves when all are gone. */
  kill(): Promise<void>;
}

/** Starts a server and `count` workers. `name` is the transport's, for error messages. */
export function startCrew(name: string, count: number): Crew {
  const server = startChild<ServerCalls>(`the ${name} server`, new URL("./server.js", import.meta.url));
  const workers = Array.from({ length: count }, (_, worker) =>
    startChild<WorkerCalls>(`${name} worker ${worker}`, new URL("./worker.js", import.meta.url)),
  );
  const all: Crew["all"] = (ask, argument) => Promise.all(workers.map((each) => each.call(ask, argument)));
  return {
    server,
    workers,
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
    },
  };
}
