import type { Child } from "../system/ipc.ts";
import { sleepUntil } from "../lib/pace.ts";
import type { WorkerCalls } from "../load/worker-process.ts";

/** When a trial's window begins and ends, on the host's clock. */
interface Times {
  t0Us: number;
  t1Us: number;
}

/** Stops processes at one time and lets them go on at another, on the host's clock. */
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

/** How long after T1 slow clients go on, so that nothing of it is in what the servers say of T1. */
const afterUs = 50_000;

/** Stops the worker that plays the slow clients, once it knows of T0, from T0 until just after T1. */
export async function pauseSlowConsumers(worker: Child<WorkerCalls>, { t0Us, t1Us }: Times): Promise<void> {
  await worker.call("progress", undefined); // answered after what it was asked before
  await pauseBetween([worker], t0Us, t1Us + afterUs);
}
