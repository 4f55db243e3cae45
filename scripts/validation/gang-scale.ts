import { formatNumber, type TextColumn } from "../../results/text/text-table.ts";
import type { Settings } from "../../scenarios/definitions/settings.ts";
import { startChild, type Child } from "../../scenarios/system/ipc.ts";
import type { GangCalls, GangCost } from "./gang-process.ts";
import type { PretendAgentsCalls } from "./pretend-agents.ts";
import { startRedis } from "./redis-server.ts";

/** One line of the table: a run over so many pretend agents, over a real broker. */
export interface GangLine extends GangCost {
  agents: number;
  clients: number;
}

const seconds = (ms: number): string => formatNumber(ms / 1000, 2);

/** Columns of the table. */
export const gangColumns: readonly TextColumn<GangLine>[] = [
  { heading: "agents\n", number: true, value: ({ agents }) => String(agents) },
  { heading: "clients\n", number: true, value: ({ clients }) => formatNumber(clients, 0) },
  { heading: "all there\ns", number: true, value: ({ gangMs }) => seconds(gangMs) },
  { heading: "assigned\ns", number: true, value: ({ startedMs }) => seconds(startedMs) },
  { heading: "last after\nT0 ms", number: true, value: ({ lastLateMs }) => formatNumber(lastLateMs, 1) },
  { heading: "spread\nms", number: true, value: ({ spreadMs }) => formatNumber(spreadMs, 1) },
  { heading: "merged\ns", number: true, value: ({ mergedMs }) => seconds(mergedMs) },
  { heading: "bench\nCPU s", number: true, value: ({ benchCpuMs }) => seconds(benchCpuMs) },
  { heading: "bench\nMiB", number: true, value: ({ benchMib }) => formatNumber(benchMib, 0) },
  { heading: "broker\nCPU s", number: true, value: ({ brokerCpuMs }) => seconds(brokerCpuMs) },
];

/** Processes over which the pretend agents are spread. */
const mostProcesses = 8;

const processOf = <C extends object>(title: string, file: string): Child<C> =>
  startChild<C>(title, new URL(file, import.meta.url));

/** Answers a call, or rejects where the process ends. */
const answer = <C extends object, T>(child: Child<C>, called: Promise<T>): Promise<T> =>
  Promise.race([called, child.failed, child.ended]);

/** Runs a trial without load over so many agents, with a broker of its own. */
export async function measureGang(agents: number, settings: Settings): Promise<GangLine> {
  const redis = await startRedis();
  const broker = { host: redis.host, port: redis.port, db: 0 };
  const count = Math.min(mostProcesses, agents);
  const processes = Array.from({ length: count }, () =>
    processOf<PretendAgentsCalls>("a process of pretend agents", "pretend-agents.js"),
  );
  const bench = processOf<GangCalls>("a pretend bench", "gang-process.js");
  try {
    const names = Array.from({ length: agents }, (_, i) => `agent-${i}`);
    const begun = processes.map((each, p) =>
      answer(each, each.call("begin", { broker, names: names.filter((_, i) => i % count === p), settings })),
    );
    await Promise.all(begun);
    const cost = await answer(bench, bench.call("measure", { broker, brokerPid: redis.pid, agents, settings }));
    return { agents, clients: settings.clients, ...cost };
  } finally {
    await Promise.all([bench, ...processes].map((each) => each.kill()));
    await redis.stop();
  }
}

/** What must hold of a run over many agents beside one over few, however quick the machine is. */
export function gangChecks(lines: readonly GangLine[]): [expectation: string, holds: boolean][] {
  const [few, many] = [lines[0]!, lines.at(-1)!];
  const times = many.agents / few.agents;
  const grows = (name: "benchCpuMs" | "brokerCpuMs"): boolean => many[name] < 1.5 * times * few[name];
  return [
    [
      `${times} times as many agents cost the bench at most as many times the CPU, and half as much again`,
      grows("benchCpuMs"),
    ],
    [`and the broker`, grows("brokerCpuMs")],
  ];
}
