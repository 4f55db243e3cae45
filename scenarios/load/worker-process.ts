import { serveCalls } from "../system/ipc.ts";
import { emptyTally } from "./delivery-ledger.ts";
import {
  startClients,
  type ConnectResult,
  type WorkerAssignment,
  type WindowResult,
  type VirtualClients,
  type WorkerProgress,
} from "./virtual-clients.ts";
import type { Histograms } from "./recorder.ts";
import { monitorProcess } from "../system/process-usage.ts";
import { startShortSessions } from "./short-sessions.ts";

/** What a worker process can be asked, in this order. */
export interface WorkerCalls {
  /** Connects this worker's share of the clients. */
  connect(order: WorkerAssignment): Promise<ConnectResult>;
  /** Sends each client's first message, in join order from that time on, and waits until each has its answer. */
  verify(startUs: number): Promise<void>;
  /** Sends warm-up messages from that time on until T0, whenever that will be. */
  warmUp(startUs: number): void;
  /** Sends what is due from T0 to T1; answers after T1. */
  runWindow(times: { t0Us: number; t1Us: number }): Promise<WindowResult>;
  /** At any time, also while another call is under way: how far this worker is. */
  progress(): WorkerProgress;
  /** What was measured. */
  histograms(): Histograms;
  /** Says goodbye for every client; answers when all links have ended. */
  leave(): Promise<void>;
}

const nobody: WorkerProgress = { connected: 0, verified: 0, open: 0, tally: emptyTally };

let player: VirtualClients | undefined;

function playing(): VirtualClients {
  if (!player) throw new Error("asked to play before it was told to connect");
  return player;
}

monitorProcess();
const fail = serveCalls({
  async connect(order) {
    player = order.settings.connectPerMessage ? await startShortSessions(order) : await startClients(order, fail);
    return player.connect();
  },
  verify: (startUs) => playing().verify(startUs),
  warmUp: (startUs) => playing().warmUp(startUs),
  runWindow: (times) => playing().runWindow(times),
  progress: () => player?.progress() ?? nobody,
  histograms: () => playing().histograms(),
  leave: async () => player?.leave(),
} satisfies WorkerCalls);
