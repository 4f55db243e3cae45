import { fork, type ChildProcess } from "node:child_process";
import { withoutProxies } from "../lib/proxies.ts";
import { watchGroup } from "../lib/group-watchdog.ts";
import { signalProcessGroup } from "../system/subprocess.ts";
import type { CheckResult, CheckTask } from "./check-process.ts";
import type { TimedResult } from "./early-stop.ts";

/** Milliseconds that a check may take. Each of its conditions has a shorter deadline of its own. */
const checkTimeoutMs = 30_000;

/**
 * Runs checks, by id, one after another against a transport, named as on the list or by the path of its module. Calls
 * `onResult` after each. The checks run in a child process, so that no half can end this process. After a failure, the
 * next check gets a new child process.
 */
export async function runChecks(
  transport: string,
  ids: readonly string[],
  signal: AbortSignal,
  onResult: (result: TimedResult) => void,
): Promise<void> {
  for (let done = 0; done < ids.length && !signal.aborted;)
    done += await runUntilFailure({ transport, ids: ids.slice(done) }, signal, onResult);
}

/** Runs checks in one child process until one fails. Resolves to the number of checks that were run. */
async function runUntilFailure(
  task: CheckTask,
  signal: AbortSignal,
  onResult: (result: TimedResult) => void,
): Promise<number> {
  const child = fork(new URL("./check-process.js", import.meta.url), {
    detached: true,
    env: withoutProxies(process.env),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const kill = (): void => signalProcessGroup(child.pid, "SIGKILL");
  const watchdog = child.pid === undefined ? undefined : watchGroup(child.pid);
  signal.addEventListener("abort", kill);
  process.once("exit", kill);
  let done = 0;
  try {
    child.send(task, () => undefined);
    for (const id of task.ids) {
      const startMs = performance.now();
      const result = await nextResult(child, id);
      if (signal.aborted) break;
      done++;
      onResult({ ...result, ms: performance.now() - startMs });
      if (result.outcome === "failed") break;
    }
    return done;
  } finally {
    kill();
    watchdog?.kill();
    signal.removeEventListener("abort", kill);
    process.off("exit", kill);
  }
}

/** The result of a check: what the child process reports, or a failure if the process ends or exceeds the time-out. */
function nextResult(child: ChildProcess, id: string): Promise<CheckResult> {
  return new Promise((resolve) => {
    function settle(result: CheckResult): void {
      clearTimeout(timer);
      child.off("message", settle).off("exit", onExit);
      resolve(result);
    }
    const fail = (reason: string): void => settle({ id, outcome: "failed", reason });
    const onExit = (code: number | null, signal: string | null): void =>
      fail(`the process of the check ended${signal ? `, by ${signal}` : `, with exit code ${code}`}`);
    const timer = setTimeout(() => fail(`the check did not end within ${checkTimeoutMs / 1000} s`), checkTimeoutMs);
    child.on("message", settle).on("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
  });
}
