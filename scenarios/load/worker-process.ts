import { answerCalls } from "../system/ipc.ts";
import { emptyTally } from "./delivery-ledger.ts";
import { startPlayer, type Connected, type Order, type Played, type Player, type Progress } from "./virtual-clients.ts";
import type { Values } from "./recorder.ts";
import { watchProcess } from "../system/process-usage.ts";
import { startVisits } from "./short-sessions.ts";

/** What a worker process can be asked, in this order. */
export interface WorkerCalls {
  /** Connects this worker's share of the clients. */
  connect(order: Order): Promise<Connected>;
  /** Sends each client's first message, in join order from that time on, and waits until each has its answer. */
  verify(startUs: number): Promise<void>;
  /** Sends warm-up messages from that time on until T0, whenever that will be. */
  warmUp(startUs: number): void;
  /** Sends what is due from T0 to T1; answers after T1. */
  play(times: { t0Us: number; t1Us: number }): Promise<Played>;
  /** At any time, also while another call is under way: how far this worker is. */
  progress(): Progress;
  /** What was measured. */
  values(): Values;
  /** Says goodbye for every client; answers when all links have ended. */
  leave(): Promise<void>;
}

const nobody: Progress = { connected: 0, entered: 0, open: 0, tally: emptyTally };

let player: Player | undefined;

function playing(): Player {
  if (!player) throw new Error("asked to play before it was told to connect");
  return player;
}

watchProcess();
const fail = answerCalls({
  async connect(order) {
    player = order.settings.visits ? await startVisits(order) : await startPlayer(order, fail);
    return player.connect();
  },
  verify: (startUs) => playing().verify(startUs),
  warmUp: (startUs) => playing().warmUp(startUs),
  play: (times) => playing().play(times),
  progress: () => player?.progress() ?? nobody,
  values: () => playing().values(),
  leave: async () => player?.leave(),
} satisfies WorkerCalls);
