import type { Settings } from "../../scenarios/definitions/settings.ts";
import type { BrokerAddress } from "../../scenarios/hosts/broker-address.ts";
import { ownBuild } from "../../scenarios/hosts/description.ts";
import { openGang } from "../../scenarios/hosts/gang.ts";
import { nowUs } from "../../scenarios/lib/clock.ts";
import { serveCalls } from "../../scenarios/system/ipc.ts";
import { processTreeUsage } from "../../scenarios/system/process-usage.ts";
import type { PretendWorkerCalls } from "./pretend-agents.ts";
import { mergeReports } from "./pretend-report.ts";

/** What a run over so many agents costs its coordinator and its broker, without any load. */
export interface GangCost {
  /** Time until the gang is there, until every worker has its assignment, and until all reports are merged. */
  gangMs: number;
  startedMs: number;
  mergedMs: number;
  /** Time by which the last worker began after T0, and between the first and the last one. */
  lastLateMs: number;
  spreadMs: number;
  /** CPU time of the coordinator and of the broker over all of it, and most resident memory of the coordinator. */
  benchCpuMs: number;
  brokerCpuMs: number;
  benchMib: number;
}

/** Calls of a process that pretends to be the coordinator of a run. */
export interface GangCalls {
  measure(request: { broker: BrokerAddress; brokerPid: number; agents: number; settings: Settings }): Promise<GangCost>;
}

/** Time from the call to T0, as in a trial. */
const leadUs = 250_000;

/** Runs a step, and says how long it took. */
async function timed<T>(step: () => Promise<T>): Promise<[result: T, ms: number]> {
  const fromMs = performance.now();
  return [await step(), performance.now() - fromMs];
}

serveCalls({
  async measure({ broker, brokerPid, agents, settings }) {
    const brokerUs = (): number => processTreeUsage(brokerPid)!.cpuUs;
    const [cpuFrom, brokerFrom] = [process.cpuUsage(), brokerUs()];
    const request = { run: `scale-${agents}`, agents, waitMs: 60_000, own: { ...ownBuild(), mixedNode: false } };
    const [gang, gangMs] = await timed(() => openGang(broker, request, new AbortController().signal));
    const workers = gang.hosts.map((host) => host.start<PretendWorkerCalls>("a pretend worker", "worker"));
    const assign = (worker: number): object => ({ transport: "ws", settings, addresses: [], worker, inFlight: 1 });
    const [, startedMs] = await timed(() =>
      Promise.all(workers.map((each, worker) => each.call("connect", assign(worker)))),
    );
    const t0Us = nowUs() + leadUs;
    const lateUs = await Promise.all(workers.map((each) => each.call("runWindow", { t0Us })));
    const [, mergedMs] = await timed(async () => {
      mergeReports(await Promise.all(workers.map((each) => each.call("histograms", undefined))));
    });
    const { user, system } = process.cpuUsage(cpuFrom);
    const cost = {
      gangMs,
      startedMs,
      mergedMs,
      lastLateMs: Math.max(...lateUs) / 1000,
      spreadMs: (Math.max(...lateUs) - Math.min(...lateUs)) / 1000,
      benchCpuMs: (user + system) / 1000,
      brokerCpuMs: (brokerUs() - brokerFrom) / 1000,
      benchMib: process.resourceUsage().maxRSS / 1024,
    };
    await Promise.all(workers.map((each) => each.kill()));
    await gang.close();
    return cost;
  },
} satisfies GangCalls);
