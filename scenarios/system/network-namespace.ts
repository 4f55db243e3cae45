import { spawn } from "node:child_process";
import { once } from "node:events";

/** A network namespace with a loopback of its own: nobody else's packets are in its counters. */
export interface NetworkNamespace {
  /** What to put before a command line so that it runs inside. */
  execPrefix: readonly string[];
  close(): void;
}

/** Brings the loopback up, says so, and stays until its standard input ends, which it does when we are gone, however we went. */
const holder = "ip link set lo up && echo up && exec cat";

/**
 * Opens a network namespace, without privileges where the kernel allows that (Linux, `unshare` and `ip`). Undefined where it cannot
 * be had: then processes share the machine's loopback and its counters say nothing about a trial.
 */
export async function openNamespace(): Promise<NetworkNamespace | undefined> {
  if (process.platform !== "linux") return undefined;
  const child = spawn("unshare", ["--map-root-user", "--net", "sh", "-c", holder], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const up = once(child.stdout, "data").then(
    () => true,
    () => false,
  );
  const over = new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(false));
  });
  if (!(await Promise.race([up, over])) || child.pid === undefined) return undefined;
  return {
    execPrefix: ["nsenter", "--preserve-credentials", "--user", "--net", "--target", String(child.pid)],
    close: () => void child.kill("SIGKILL"),
  };
}
