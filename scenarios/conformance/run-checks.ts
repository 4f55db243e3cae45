import { fork, type ChildProcess } from "node:child_process";
import { signalProcessGroup } from "../system/subprocess.ts";
import type { CheckResult, CheckTask } from "./check-process.ts";
import type { TimedCheck } from "./early-stop.ts";

/** How long a sentence may take; each of its conditions has a shorter deadline of its own. */
const limitMs = 30_000;

/**
 * Holds a transport, by its name or the path of its module, to these sentences one after another, and tells of each whether it is kept.
 * Whatever a half does, this process goes on: sentences are tried in another one, which is replaced after each failure.
 */
export async function runChecks(
  transport: string,
  says: readonly string[],
  signal: AbortSignal,
  told: (outcome: TimedCheck) => void,
): Promise<void> {
  for (let left = says; left.length > 0 && !signal.aborted;) {
    const done = await tryInTurn({ transport, says: left }, signal, told);
    left = left.slice(done);
  }
}

/** Tries sentences in one process until one fails; resolves to how many it was. */
async function tryInTurn(task: CheckTask, signal: AbortSignal, told: (outcome: TimedCheck) => void): Promise<number> {
  const child = fork(new URL("./check-process.js", import.meta.url), {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const kill = (): void => signalProcessGroup(child.pid, "SIGKILL");
  signal.addEventListener("abort", kill);
  process.once("exit", kill);
  let done = 0;
  try {
    child.send(task, () => undefined);
    for (const says of task.says) {
      const begunMs = performance.now();
      const outcome = await next(child, says);
      if (signal.aborted) break;
      done++;
      told({ ...outcome, tookMs: performance.now() - begunMs });
      if (outcome.why !== undefined) break;
    }
    return done;
  } finally {
    kill();
    signal.removeEventListener("abort", kill);
    process.off("exit", kill);
  }
}

/** What becomes of this sentence: what the process says of it, that it has ended, or that the time is up. */
function next(child: ChildProcess, says: string): Promise<CheckResult> {
  return new Promise((resolve) => {
    function settle(outcome: CheckResult): void {
      clearTimeout(timer);
      child.off("message", settle).off("exit", onExit);
      resolve(outcome);
    }
    const onExit = (code: number | null, signal: string | null): void =>
      settle({ says, why: `it ended the process that tried it${signal ? `, by ${signal}` : `, with code ${code}`}` });
    const timer = setTimeout(() => settle({ says, why: `it came to no end in ${limitMs / 1000} s` }), limitMs);
    child.on("message", settle).on("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
  });
}
