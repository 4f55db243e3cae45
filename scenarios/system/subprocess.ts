import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { errorMessage } from "../lib/errors.ts";
import { watchGroup } from "../lib/group-watchdog.ts";

/** Exit code and output of a command. */
export interface SubprocessExit {
  /** null if the command could not be started or was killed. */
  code: number | null;
  out: string;
  err: string;
}

/** Options of `runSubprocess`. */
export interface SubprocessOptions {
  /** Signal to send when `signal` aborts. Default: SIGINT. */
  abortWith?: NodeJS.Signals;
  /** Called first, with the process id of the leader, which is also the id of its process group and session. */
  started?(leader: number): void;
}

/** Sends a signal to all processes of a group, by the process id of its leader. Does nothing if the group has ended. */
export function signalProcessGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (leader !== undefined) process.kill(-leader, signal);
  } catch {
    // It has ended.
  }
}

/**
 * Runs a command in `folder` and collects its output. The command has its own process group, so that Ctrl-C reaches it
 * once, through this process, when `signal` aborts. Processes of the group that are left when the command has ended, or
 * when this process is gone for any reason, are killed.
 */
export function runSubprocess(
  command: readonly string[],
  folder: string,
  signal: AbortSignal,
  { abortWith = "SIGINT", started }: SubprocessOptions = {},
): Promise<SubprocessExit> {
  const [program, ...args] = command;
  const child = spawn(program!, args, { cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const interrupt = (): void => signalProcessGroup(child.pid, abortWith);
  const kill = (): void => signalProcessGroup(child.pid, "SIGKILL");
  const watchdog = child.pid === undefined ? undefined : watchGroup(child.pid);
  signal.addEventListener("abort", interrupt, { once: true });
  process.prependOnceListener("exit", kill); // before the folders that they use are removed
  if (child.pid !== undefined) started?.(child.pid);
  if (signal.aborted) interrupt();

  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (output.out += String(chunk)));
  child.stderr.on("data", (chunk) => (output.err += String(chunk)));
  return new Promise((resolve) => {
    const ended = (code: number | null, err = output.err): void => {
      signal.removeEventListener("abort", interrupt);
      process.off("exit", kill);
      watchdog?.kill();
      resolve({ code, out: output.out, err });
    };
    child.once("error", (error) => ended(null, errorMessage(error)));
    child.once("close", (code, killedBy) => ended(code, killedBy ? `it was killed by ${killedBy}` : output.err));
  });
}

/**
 * The line with the reason why a command failed: the first line in which npm or an error names one, or else the last
 * line.
 */
export function failureReason({ out, err }: SubprocessExit): string {
  const lines = stripVTControlCharacters(err.trim() || out.trim()).split("\n");
  const reason =
    lines.find((line) => /^(npm error (?!code|errno|syscall|path)\S|\w*Error: )/.test(line)) ?? lines.at(-1)!;
  return reason.trim() || "it printed nothing";
}
