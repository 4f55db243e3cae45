import type { Target } from "../definitions/target.ts";
import { processTreeUsage } from "../system/process-usage.ts";
import { startOfProcess, unreadableProcess } from "../system/program-usage.ts";
import { startTarget, type TargetServer } from "./started-target.ts";

/** Milliseconds between two looks at a process: short, so that its end is known before clients report lost connections. */
const watchMs = 50;

/**
 * Starts a target, or watches the process that it is. Rejects with one sentence where it does not start, or cannot be
 * read.
 */
export async function openTarget(target: Target): Promise<TargetServer> {
  if (target.start !== undefined) return startTarget(target, target.start);
  return watchProcess(target.pid!);
}

/** Usage and end of a process that was not started here. `proc` is the kernel's folder, for tests. */
export function watchProcess(pid: number, proc?: string): TargetServer {
  const problem = unreadableProcess(pid, proc);
  if (problem !== undefined) throw new Error(problem);
  const startedAt = startOfProcess(pid, proc);
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      if (startOfProcess(pid, proc) === startedAt) return;
      clearInterval(timer);
      reject(
        new Error(`the process ${pid} has ended: start the server again, and give its new number to --target-pid.`),
      );
    }, watchMs);
  });
  ended.catch(() => undefined);
  return { usage: () => processTreeUsage(pid, proc), ended, close: async () => clearInterval(timer) };
}
