import { spawn } from "node:child_process";
import { once } from "node:events";

/** A network namespace with its own loopback, so that its counters have no packets of other programs. */
export interface NetworkNamespace {
  /** Words to put before a command line so that it runs inside the namespace. */
  execPrefix: readonly string[];
  /** Process that holds the namespace. */
  pid: number;
  close(): void;
}

/**
 * A command that brings the loopback up, prints "up", and runs until its standard input ends, which is when this
 * process exits for any reason.
 */
const holder = "ip link set lo up && echo up && exec cat";

/**
 * Opens a network namespace without privileges (Linux with `unshare` and `ip`), or one more beside another. Undefined if
 * the system does not allow it: the processes then share the machine's loopback, whose counters say nothing about a
 * trial.
 */
export async function openNamespace(beside?: NetworkNamespace): Promise<NetworkNamespace | undefined> {
  if (process.platform !== "linux") return undefined;
  // The user namespace of the first one may create devices in both.
  const unshare = beside ? [...beside.execPrefix, "unshare"] : ["unshare", "--map-root-user"];
  const [program, ...words]: readonly string[] = [...unshare, "--net", "sh", "-c", holder];
  const child = spawn(program!, words, { stdio: ["pipe", "pipe", "ignore"] });
  const up = once(child.stdout, "data").then(
    () => true,
    () => false,
  );
  const ended = new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(false));
  });
  if (!(await Promise.race([up, ended])) || child.pid === undefined) return undefined;
  return {
    execPrefix: ["nsenter", "--preserve-credentials", "--user", "--net", "--target", String(child.pid)],
    pid: child.pid,
    close: () => void child.kill("SIGKILL"),
  };
}
