import { spawn } from "node:child_process";

/** Kills a process group, at the latest when this process is gone for any reason. */
export interface GroupWatchdog {
  /** Kills the group now. */
  kill(): void;
  /** Resolves when the group has been killed. */
  ended: Promise<unknown>;
}

/**
 * Kills a process that a signal has stopped when this process is gone: it could not notice that itself. The returned
 * function ends the watch.
 */
export function watchStopped(pid: number): () => void {
  const command = `trap "" TERM INT HUP; read -r _ || kill -s KILL ${pid}`;
  const shell = spawn("sh", ["-c", command], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  for (const each of [shell, shell.stdin]) each.on("error", () => undefined);
  return () => void shell.stdin.end("\n");
}

/**
 * A shell that kills a process group as soon as its own standard input ends. The shell runs in a process group of its
 * own.
 */
export function watchGroup(group: number): GroupWatchdog {
  const command = `trap "" TERM INT HUP; read -r _; kill -s KILL -- -${group}`;
  const shell = spawn("sh", ["-c", command], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  shell.stdin.on("error", () => undefined);
  const ended = new Promise((resolve) => shell.once("close", resolve).once("error", resolve));
  return { kill: () => void shell.stdin.destroy(), ended };
}
