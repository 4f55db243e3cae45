import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { errorMessage } from "../lib/errors.ts";

/** How a command ended. */
export interface SubprocessExit {
  /** Null where it could not be started, or was killed. */
  code: number | null;
  out: string;
  err: string;
}

/** How a command is run. */
export interface SubprocessOptions {
  /** What it is sent when `signal` aborts. Default: SIGINT. */
  abortWith?: NodeJS.Signals;
  /** Told the process id of its leader, which is also the id of its group and its session, before anything else happens. */
  started?(leader: number): void;
}

/** Signals all processes of a group, which is named by its leader; nobody where there is none, or none any more. */
export function signalProcessGroup(leader: number | undefined, how: NodeJS.Signals): void {
  try {
    if (leader !== undefined) process.kill(-leader, how);
  } catch {
    // It has ended.
  }
}

/**
 * Runs a command in `folder` and keeps what it says. Its process group is its own, so that Ctrl-C reaches it once and through us, whoever
 * sends it: when `signal` aborts it is told, and whatever of the group is there when this process exits is killed.
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
  signal.addEventListener("abort", interrupt, { once: true });
  process.prependOnceListener("exit", kill);
  if (child.pid !== undefined) started?.(child.pid);
  if (signal.aborted) interrupt();

  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (said.out += String(chunk)));
  child.stderr.on("data", (chunk) => (said.err += String(chunk)));
  return new Promise((resolve) => {
    const ended = (code: number | null, err = said.err): void => {
      signal.removeEventListener("abort", interrupt);
      process.off("exit", kill);
      resolve({ code, out: said.out, err });
    };
    child.once("error", (error) => ended(null, errorMessage(error)));
    child.once("close", (code, how) => ended(code, how ? `it was killed by ${how}` : said.err));
  });
}

/** The line that says why a command failed: the first in which npm or an error names a reason, else the last of what it said. */
export function failureReason({ out, err }: SubprocessExit): string {
  const lines = stripVTControlCharacters(err.trim() || out.trim()).split("\n");
  const reason =
    lines.find((line) => /^(npm error (?!code|errno|syscall|path)\S|\w*Error: )/.test(line)) ?? lines.at(-1)!;
  return reason.trim() || "it said nothing";
}
