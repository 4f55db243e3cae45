import { serveCalls } from "../system/ipc.ts";
import {
  monitorProcess,
  processUsage,
  snapshotsAt,
  type ProcessUsage,
  type WindowEdge,
} from "../system/process-usage.ts";
import { emptyTally } from "./delivery-ledger.ts";
import { startClients } from "./start-clients.ts";
import type { ConnectResult, VirtualClients, WorkerAssignment, WorkerProgress } from "./virtual-clients.ts";

/** Calls that a worker process answers: the methods of its `VirtualClients`, which `connect` creates. */
export interface WorkerCalls extends Omit<VirtualClients, "connect"> {
  /** Connects this worker's share of the clients. */
  connect(assignment: WorkerAssignment): Promise<ConnectResult>;
  /** Usage of this process at each of these edges; answers after the last. */
  usagesAt(edges: readonly WindowEdge[]): Promise<ProcessUsage[]>;
}

const notStarted: WorkerProgress = { connected: 0, verified: 0, open: 0, gone: 0, tally: emptyTally };

let clients: VirtualClients | undefined;

function started(): VirtualClients {
  if (!clients) throw new Error("a worker was called before its clients were connected");
  return clients;
}

monitorProcess();
serveCalls({
  async connect(assignment) {
    clients = await startClients(assignment);
    return clients.connect();
  },
  verify: (startUs) => started().verify(startUs),
  warmUp: (startUs) => started().warmUp(startUs),
  runWindow: (times) => started().runWindow(times),
  usagesAt: (edges) => snapshotsAt(edges, ({ second }) => processUsage(second)),
  progress: () => clients?.progress() ?? notStarted,
  histograms: () => started().histograms(),
  watched: () => started().watched(),
  gone: () => clients?.gone() ?? [],
  missing: (gone) => started().missing(gone),
  disconnect: async () => clients?.disconnect(),
} satisfies WorkerCalls);
