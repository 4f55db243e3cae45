import { sleepUntil } from "../lib/pace.ts";
import type { WindowTimes } from "../load/measurement-window.ts";
import type { WorkerCalls } from "../load/worker-process.ts";
import type { Child } from "../system/ipc.ts";

/** Stops processes (SIGSTOP) at one time and continues them (SIGCONT) at another, on the host's clock. */
export async function pauseBetween(
  processes: readonly Pick<Child<object>, "signal">[],
  fromUs: number,
  toUs: number,
): Promise<void> {
  await sleepUntil(fromUs);
  for (const each of processes) each.signal("SIGSTOP");
  await sleepUntil(toUs);
  for (const each of processes) each.signal("SIGCONT");
}

/** Time after T1 at which paused clients continue, so that the servers' snapshot of T1 has nothing of it. */
const afterWindowUs = 50_000;

/** Pauses the worker with the slow consumers from T0, which it must know by then, until just after T1. */
export async function pauseSlowConsumers(worker: Child<WorkerCalls>, { t0Us, t1Us }: WindowTimes): Promise<void> {
  await worker.call("progress", undefined); // a worker answers its calls in order: this one after the call with T0
  await pauseBetween([worker], t0Us, t1Us + afterWindowUs);
}
