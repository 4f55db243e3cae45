import { serveCalls } from "../system/ipc.ts";
import { monitorProcess } from "../system/process-usage.ts";
import { emptyTally } from "./delivery-ledger.ts";
import { startClients } from "./start-clients.ts";
import type { ConnectResult, VirtualClients, WorkerAssignment, WorkerProgress } from "./virtual-clients.ts";

/** Calls that a worker process answers: the methods of its `VirtualClients`, which `connect` creates. */
export interface WorkerCalls extends Omit<VirtualClients, "connect"> {
  /** Connects this worker's share of the clients. */
  connect(assignment: WorkerAssignment): Promise<ConnectResult>;
}

const notStarted: WorkerProgress = { connected: 0, verified: 0, open: 0, tally: emptyTally };

let clients: VirtualClients | undefined;

function started(): VirtualClients {
  if (!clients) throw new Error("a worker was called before its clients were connected");
  return clients;
}

monitorProcess();
const fail = serveCalls({
  async connect(assignment) {
    clients = await startClients(assignment, fail);
    return clients.connect();
  },
  verify: (startUs) => started().verify(startUs),
  warmUp: (startUs) => started().warmUp(startUs),
  runWindow: (times) => started().runWindow(times),
  progress: () => clients?.progress() ?? notStarted,
  histograms: () => started().histograms(),
  watched: () => started().watched(),
  firstMissing: () => started().firstMissing(),
  disconnect: async () => clients?.disconnect(),
} satisfies WorkerCalls);
