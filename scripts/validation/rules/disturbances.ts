import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SettingsOverrides } from "../../../scenarios/definitions/settings.ts";
import { sleepUntil } from "../../../scenarios/lib/pace.ts";
import type { WindowTimes } from "../../../scenarios/load/measurement-window.ts";
import { pauseBetween } from "../../../scenarios/runner/pause-clients.ts";
import type { TrialProcesses } from "../../../scenarios/runner/trial-processes.ts";
import type { Disturbance } from "./disturbed.ts";

/** A way to disturb a trial, with the sizes that are tried, smallest first. */
export interface Injection {
  /** What is done to the trial; `size` stands for the size with its unit. */
  title: string;
  unit: string;
  sizes: readonly number[];
  /** Ids of the rules that should find it. */
  rules: readonly string[];
  /** Changes of the settings of chat-100. */
  changes?: SettingsOverrides;
  /** The disturbance inside a half. */
  half?(size: number): Disturbance;
  /** The disturbance from outside. It is called when the window is agreed. */
  inject?(processes: TrialProcesses, times: WindowTimes, size: number): Promise<void>;
}

/** The transport whose halves can be disturbed: raw WebSocket. */
export const disturbedTransport = fileURLToPath(new URL("./disturbed.js", import.meta.url));

/** Milliseconds between two stops of a process that is stopped again and again. */
const stopEveryMs = 100;

/** Stops processes for `stopMs` in every period of the window. */
async function stopAgainAndAgain(
  processes: Parameters<typeof pauseBetween>[0],
  { t0Us, t1Us }: WindowTimes,
  stopMs: number,
): Promise<void> {
  for (let fromUs = t0Us; fromUs < t1Us; fromUs += stopEveryMs * 1000)
    await pauseBetween(processes, fromUs, fromUs + stopMs * 1000);
}

/** A process that uses this share of a core from now until T1, in percent, in steps of 20 ms. */
async function useCpu({ t1Us }: WindowTimes, percent: number): Promise<void> {
  const busyMs = (20 * Math.min(percent, 100)) / 100;
  const script = `setInterval(() => { const end = performance.now() + ${busyMs}; while (performance.now() < end); }, 20)`;
  const hogs = Array.from({ length: Math.ceil(percent / 100) }, () =>
    spawn(process.execPath, ["-e", script], { stdio: "ignore" }),
  );
  await sleepUntil(t1Us);
  for (const hog of hogs) hog.kill("SIGKILL");
}

/** Every disturbance by its id. The cost of an undisturbed delivery over ws is about 10 us. */
export const injections: Record<string, Injection> = {
  "cpu-hog": {
    title: "another program uses this share of a core",
    unit: "%",
    sizes: [25, 50, 100, 200],
    rules: ["cpu-contention", "cores-shared"],
    inject: (_, times, size) => useCpu(times, size),
  },
  "slow-generator": {
    title: "the generator stops for so long in every 100 ms",
    unit: "ms",
    sizes: [1, 3, 10, 30],
    rules: ["late-sends"],
    inject: ({ workers }, times, size) => stopAgainAndAgain(workers, times, size),
  },
  "stopped-worker": {
    title: "the generator stops once for so long",
    unit: "ms",
    sizes: [30, 100, 300],
    rules: ["late-sends"],
    inject: ({ workers }, { t0Us, t1Us }, size) => {
      const fromUs = (t0Us + t1Us) / 2;
      return pauseBetween(workers, fromUs, fromUs + size * 1000);
    },
  },
  "busy-receiver": {
    title: "a worker with receivers only stops for so long in every 100 ms",
    unit: "ms",
    sizes: [10, 30, 50],
    rules: ["receiver-queueing"],
    changes: { workers: 2 },
    inject: ({ workers }, times, size) => stopAgainAndAgain(workers.slice(1), times, size),
  },
  "dear-client": {
    title: "the clients spend so much more CPU on a delivery",
    unit: "us",
    sizes: [10, 20, 40],
    rules: ["generator-saturated"],
    half: (clientUs) => ({ clientUs }),
  },
  "cheaper-half": {
    title: "the server spends so much more CPU on a delivery in the first half of the window",
    unit: "us",
    sizes: [1, 2, 5],
    rules: ["not-steady"],
    half: (serverUs) => ({ serverUs }),
    inject: async ({ servers }, { t0Us, t1Us }) => {
      await sleepUntil((t0Us + t1Us) / 2);
      for (const server of servers) server.signal("SIGUSR2");
    },
  },
  "dear-repeat": {
    title: "the server spends so much more CPU on a delivery than in earlier repeats",
    unit: "us",
    sizes: [2, 4, 8],
    rules: ["outlier-repeat"],
    half: (serverUs) => ({ serverUs }),
  },
  leak: {
    title: "the server leaks so much memory per second",
    unit: "MiB",
    sizes: [4, 8, 16],
    rules: ["memory-growth"],
    half: (leakMibPerS) => ({ leakMibPerS }),
  },
};

/** An injection of one size, to be called when the window is agreed. */
export function injectionOf({ inject }: Injection, size: number) {
  return (processes: TrialProcesses, times: WindowTimes): void => void inject?.(processes, times, size);
}
