import { serveCalls } from "../system/ipc.ts";
import { monitorProcess } from "../system/process-usage.ts";
import { emptyTally } from "./delivery-ledger.ts";
import type { WindowTimes } from "./measurement-window.ts";
import type { Histograms } from "./recorder.ts";
import { startClients } from "./start-clients.ts";
import type {
  ConnectResult,
  VirtualClients,
  WindowResult,
  WorkerAssignment,
  WorkerProgress,
} from "./virtual-clients.ts";

/** Calls that a worker process answers, in this order: the methods of its `VirtualClients`. */
export interface WorkerCalls {
  /** Connects this worker's share of the clients. */
  connect(assignment: WorkerAssignment): Promise<ConnectResult>;
  verify(startUs: number): Promise<void>;
  warmUp(startUs: number): void;
  runWindow(times: WindowTimes): Promise<WindowResult>;
  /** At any time, also while another call is under way. */
  progress(): WorkerProgress;
  histograms(): Histograms;
  disconnect(): Promise<void>;
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
  disconnect: async () => clients?.disconnect(),
} satisfies WorkerCalls);
