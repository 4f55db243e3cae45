import { serialize, setFlagsFromString } from "node:v8";
import { setTimeout as delay } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import type { Options } from "../../scenarios/contract.ts";
import type { Settings } from "../../scenarios/definitions/settings.ts";
import { PersistentClients } from "../../scenarios/load/persistent-clients.ts";
import type { Histograms } from "../../scenarios/load/recorder.ts";
import type { WorkerAssignment } from "../../scenarios/load/virtual-clients.ts";
import { serveCalls } from "../../scenarios/system/ipc.ts";
import { pretendReport } from "./pretend-report.ts";
import { planShare, planWorkload } from "../../scenarios/workload/plan-workload.ts";

/** Time and memory of a plan in one process. */
export interface PlanCost {
  planMs: number;
  /** Memory that is kept after it, in MiB. */
  keptMib: number;
  /** Most resident memory so far, in MiB: what the plan of the whole took before it was let go. */
  peakMib: number;
}

/** What a pretend worker costs, and what is sent to it and by it. */
export interface WorkerCost extends PlanCost {
  clients: number;
  /** Size of its assignment and of its report, in bytes. */
  assignmentBytes: number;
  reportBytes: number;
  report: Histograms;
}

/** Calls of a process that pretends to be a part of a trial. */
export interface ScaleCalls {
  worker(request: { settings: Settings; worker: number }): Promise<WorkerCost>;
  bench(settings: Settings): Promise<PlanCost>;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Memory in use. Buffers are freed beside the collection, some time after it. */
async function usedMib(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await delay(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** What was planned stays reachable until its memory has been read. */
const planned: unknown[] = [];

async function costOf(plan: () => unknown): Promise<PlanCost> {
  const beforeMib = await usedMib();
  const fromMs = performance.now();
  planned.push(plan());
  const planMs = performance.now() - fromMs;
  return { planMs, keptMib: (await usedMib()) - beforeMib, peakMib: process.resourceUsage().maxRSS / 1024 };
}

serveCalls({
  async worker({ settings, worker }) {
    const options = {} as Options;
    const assignment: WorkerAssignment = { transport: "ws", settings, options, addresses: [], worker, inFlight: 1 };
    const noDialer = {} as ConstructorParameters<typeof PersistentClients>[1]; // nobody connects
    const cost = await costOf(() => new PersistentClients(assignment, noDialer));
    const report = pretendReport(settings, worker);
    return {
      ...cost,
      clients: planShare(settings, worker).clients.length,
      assignmentBytes: serialize(assignment).length,
      reportBytes: serialize(report).length,
      report,
    };
  },
  bench: (settings) => costOf(() => planWorkload(settings)),
} satisfies ScaleCalls);
