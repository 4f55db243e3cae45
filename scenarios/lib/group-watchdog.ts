import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/** Kills a process group, at the latest when this process is gone for any reason. */
export interface GroupWatchdog {
  /** Kills the group now. */
  kill(): void;
  /** Lets this process end while the group runs, which is then killed. */
  unref(): void;
  /** Resolves when the group has been killed, and its folder removed. */
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
 * A shell that kills a process group as soon as its own standard input ends, and then removes the `folder` of that
 * group. The shell runs in a process group of its own. Default: it has none.
 */
export function watchGroup(group: number, folder?: string): GroupWatchdog {
  const remove = folder === undefined ? "" : `; rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`;
  const command = `trap "" TERM INT HUP; read -r _; kill -s KILL -- -${group}${remove}`;
  const args = ["-c", command, "sh", ...(folder === undefined ? [] : [folder])];
  const shell = spawn("sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  shell.stdin.on("error", () => undefined);
  const ended = new Promise((resolve) => shell.once("close", resolve).once("error", resolve));
  return {
    kill: () => void shell.stdin.destroy(),
    unref() {
      shell.unref();
      (shell.stdin as Socket).unref();
    },
    ended,
  };
}
