import type { Fault } from "../definitions/fault.ts";
import { HistogramRecorder } from "../../results/statistics/histogram.ts";
import type { WorkerShare } from "../workload/worker-share.ts";
import type { OnDelivery } from "./delivery-ledger.ts";
import { InterruptionLog } from "./interruptions.ts";

/** Time after the end of a fault for which the latency of the others is of interest: the rush back is in it. */
const afterUs = 5e6;

/** Account of one worker's clients in a trial with a fault: of those whom it meets, or of the others. */
export class FaultLog {
  /** Undefined where the fault does not meet the clients of this worker. */
  readonly log: InterruptionLog | undefined;
  /** Records a first delivery. Allocates nothing. */
  readonly onDelivery: OnDelivery;
  private readonly latency = new HistogramRecorder();

  constructor({ atMs, forMs, everyMs }: Fault, { affected, clients: numbers, schedule, audience }: WorkerShare) {
    const fromUs = 1000 * atMs;
    const toUs = everyMs === undefined ? 1000 * (atMs + forMs) + afterUs : Infinity;
    this.log = affected ? new InterruptionLog({ numbers, schedule, audience }) : undefined;
    this.onDelivery = (message, dueUs, _lagUs, nowUs, slot) => {
      if (this.log) return this.log.arrived(slot, message, nowUs);
      const planned = schedule.dueUs[message]!;
      if (planned >= fromUs && planned < toUs) this.latency.record(Math.round(nowUs - dueUs));
    };
  }

  /** The encoded histogram of the others. Empty where the fault meets all clients of this worker. */
  bystanders(): string {
    return this.log ? "" : this.latency.encode();
  }
}
