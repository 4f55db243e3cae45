import { Option } from "commander";
import { formatCount, formatNumber, textTable, type TextColumn } from "../results/text/text-table.ts";
import { resolveSettings, type Settings } from "../scenarios/definitions/settings.ts";
import type { Histograms } from "../scenarios/load/recorder.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { startChild } from "../scenarios/system/ipc.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { gangChecks, gangColumns, measureGang, type GangLine } from "./validation/gang-scale.ts";
import { mergeReports } from "./validation/pretend-report.ts";
import type { PlanCost, ScaleCalls, WorkerCost } from "./validation/scale-process.ts";

const command = commandNamed(
  "prove:scale",
  "Pretends to have up to 256 agents and 1,000,000 clients, without load: what planning, sending and merging cost, over a real broker too, and that it grows linearly at most.",
).addOption(
  new Option("--only <part>", "plans: what is planned and merged; agents: runs over a broker (default: both)").choices([
    "plans",
    "agents",
  ]),
);

const workerCounts = [4, 16, 64, 256];
const clientCounts = [10_000, 100_000, 1_000_000];

/** One line of the table. */
interface ScaleLine {
  workers: number;
  clients: number;
  worker: WorkerCost;
  bench: PlanCost;
  mergeMs: number;
}

const columns: readonly TextColumn<ScaleLine>[] = [
  { heading: "workers\n", number: true, value: ({ workers }) => formatCount(workers) },
  { heading: "clients\n", number: true, value: ({ clients }) => formatNumber(clients, 0) },
  { heading: "a worker\nplans ms", number: true, value: ({ worker }) => formatNumber(worker.planMs, 0) },
  { heading: "keeps\nMiB", number: true, value: ({ worker }) => formatNumber(worker.keptMib, 1) },
  { heading: "peak\nMiB", number: true, value: ({ worker }) => formatNumber(worker.peakMib, 0) },
  { heading: "the bench\nplans ms", number: true, value: ({ bench }) => formatNumber(bench.planMs, 0) },
  { heading: "keeps\nMiB", number: true, value: ({ bench }) => formatNumber(bench.keptMib, 1) },
  { heading: "told to\neach B", number: true, value: ({ worker }) => formatCount(worker.assignmentBytes) },
  { heading: "by each\nKiB", number: true, value: ({ worker }) => formatNumber(worker.reportBytes / 1024, 1) },
  { heading: "merged\nms", number: true, value: ({ mergeMs }) => formatNumber(mergeMs, 0) },
];

/** Rooms of 100 clients, of which ten messages a second are heard, for every 10,000 clients. */
function settingsOf(clients: number, workers: number): Settings {
  const scenario = { ...scenarios["chat-10k"], rooms: { of: 100 }, senders: "one a room" as const };
  return resolveSettings("scale", scenario, { clients, workers, ratePerS: clients / 1_000, durationMs: 20_000 });
}

/** Time to merge the reports of so many workers, in milliseconds. */
function timeToMerge(report: Histograms, workers: number): number {
  const reports = Array.from({ length: workers }, () => report);
  const fromMs = performance.now();
  mergeReports(reports);
  return performance.now() - fromMs;
}

async function inProcess<K extends keyof ScaleCalls>(
  name: K,
  argument: Parameters<ScaleCalls[K]>[0],
): Promise<Awaited<ReturnType<ScaleCalls[K]>>> {
  const child = startChild<ScaleCalls>(`a pretend ${name}`, new URL("validation/scale-process.js", import.meta.url));
  try {
    const answer = child.call(name, argument as never);
    return (await Promise.race([answer, child.failed, child.ended])) as Awaited<ReturnType<ScaleCalls[K]>>;
  } finally {
    await child.kill();
  }
}

async function measure(clients: number, workers: number): Promise<ScaleLine> {
  const settings = settingsOf(clients, workers);
  const worker = await inProcess("worker", { settings, worker: 1 });
  const bench = await inProcess("bench", settings);
  return { workers, clients, worker, bench, mergeMs: timeToMerge(worker.report, workers) };
}

/** What must hold of the lines, however quick the machine is. */
function checksOf(lines: readonly ScaleLine[]): Checks {
  const find = (clients: number, workers: number): ScaleLine =>
    lines.find((line) => line.clients === clients && line.workers === workers)!;
  const largest = clientCounts.at(-1)!;
  const [few, many] = [find(largest, workerCounts[0]!), find(largest, workerCounts.at(-1)!)];
  return [
    [
      "a worker with a 64th of the clients keeps less than a tenth of the memory",
      many.worker.keptMib < few.worker.keptMib / 10,
    ],
    [
      "what a worker is told does not depend on the number of clients",
      Math.abs(few.worker.assignmentBytes - find(clientCounts[0]!, workerCounts[0]!).worker.assignmentBytes) < 16,
    ],
    [
      "the reports of 64 times as many workers take at most 64 times as long to merge, and half as much again",
      many.mergeMs < 1.5 * 64 * Math.max(few.mergeMs, 1),
    ],
    [
      "the bench keeps at most ten times as much for ten times as many clients, and half as much again",
      few.bench.keptMib < 15 * Math.max(find(largest / 10, workerCounts[0]!).bench.keptMib, 0.5),
    ],
  ];
}

type Checks = [expectation: string, holds: boolean][];

async function provePlans(): Promise<Checks> {
  const lines: ScaleLine[] = [];
  for (const clients of clientCounts) for (const workers of workerCounts) lines.push(await measure(clients, workers));
  console.log(textTable(columns, lines));
  console.log("\nKept: memory after planning. Peak: resident memory while the whole was planned, Node.js included.");
  return checksOf(lines);
}

async function proveAgents(): Promise<Checks> {
  const lines: GangLine[] = [];
  for (const agents of workerCounts) lines.push(await measureGang(agents, settingsOf(clientCounts.at(-1)!, agents)));
  console.log(textTable(gangColumns, lines));
  return gangChecks(lines);
}

const parts = { plans: provePlans, agents: proveAgents };

await main(async () => {
  const { only } = command.parse().opts<{ only?: keyof typeof parts }>();
  const checks: Checks = [];
  for (const [name, prove] of Object.entries(parts))
    if (only === undefined || only === name) {
      const found = await prove();
      for (const [expectation, holds] of found) console.log(`${holds ? "✔" : "✖"} ${expectation}`);
      checks.push(...found);
    }
  return checks.every(([, holds]) => holds) ? exitCodes.done : exitCodes.rowFailed;
});
