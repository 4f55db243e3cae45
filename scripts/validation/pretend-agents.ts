import { runAgent } from "../../scenarios/hosts/agent.ts";
import type { BrokerAddress } from "../../scenarios/hosts/broker-address.ts";
import { describeAgent } from "../../scenarios/hosts/description.ts";
import type { startLocal } from "../../scenarios/hosts/host.ts";
import { nowUs } from "../../scenarios/lib/clock.ts";
import { sleepUntil } from "../../scenarios/lib/pace.ts";
import type { Settings } from "../../scenarios/definitions/settings.ts";
import type { Histograms } from "../../scenarios/load/recorder.ts";
import { rejectable, serveCalls, type Child } from "../../scenarios/system/ipc.ts";
import { pretendReport } from "./pretend-report.ts";

/** Calls that a pretend worker answers over the broker. */
export interface PretendWorkerCalls {
  connect(assignment: object): void;
  /** Microseconds by which the worker began after T0. */
  runWindow(times: { t0Us: number }): Promise<number>;
  histograms(): Histograms;
}

/** Calls of a process with pretend agents: the protocol is real, the processes of a trial are none. */
export interface PretendAgentsCalls {
  /** Starts an agent for each name, which lives as long as the process. Answers when all are idle. */
  begin(request: { broker: BrokerAddress; names: readonly string[]; settings: Settings }): Promise<void>;
}

let report: Histograms | undefined;

const answers: Record<string, (argument: never) => unknown> = {
  connect: () => undefined,
  async runWindow({ t0Us }: { t0Us: number }) {
    await sleepUntil(t0Us);
    return nowUs() - t0Us;
  },
  histograms: () => report,
};

const startPretend = (() => ({
  pid: process.pid,
  failed: rejectable().promise,
  ended: rejectable().promise,
  signal: () => undefined,
  kill: () => Promise.resolve(),
  call: (name: string, argument: never) => Promise.resolve(answers[name]!(argument)),
})) as unknown as typeof startLocal & (() => Child<PretendWorkerCalls>);

serveCalls({
  async begin({ broker, names, settings }) {
    report = pretendReport(settings, 1);
    const plain = describeAgent({ name: "pretend", address: "127.0.0.1", role: "any" });
    const describe: typeof describeAgent = (named) => ({ ...plain, ...named });
    const idle = names.map(
      (name) =>
        new Promise<void>((resolve, reject) => {
          const named = { name, address: "127.0.0.1", role: "any" } as const;
          const { signal } = new AbortController();
          runAgent(broker, named, signal, () => resolve(), { start: startPretend, describe }).catch(reject);
        }),
    );
    await Promise.all(idle);
  },
} satisfies PretendAgentsCalls);
