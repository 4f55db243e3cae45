import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A time namespace: processes in it have another monotonic clock. */
export interface TimeNamespace {
  /** Words to put before a command line so that it runs inside the namespace. */
  execPrefix: readonly string[];
  close(): void;
}

/** Prints its process id and holds the namespace open until its standard input ends. */
const holder = "echo $$; exec cat";

/**
 * Opens a time namespace (Linux, as root) whose monotonic clock shows so many whole seconds more than that of this
 * machine. Rejects where the system does not allow it, such as for an offset below minus the time since it started.
 */
export async function openTimeNamespace(seconds: number): Promise<TimeNamespace> {
  const args = ["--time", "--monotonic", String(seconds), "--fork", "sh", "-c", holder];
  const child = spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"] });
  let problem = "";
  child.stderr.on("data", (chunk) => (problem += String(chunk)));
  child.once("error", (error) => (problem = error.message));
  for await (const pid of createInterface(child.stdout))
    return { execPrefix: ["nsenter", "--time", "--target", pid], close: () => void child.stdin.end() };
  throw new Error(`no time namespace with an offset of ${seconds} s: ${problem.trim()}`);
}
