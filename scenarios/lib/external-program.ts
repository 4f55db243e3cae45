import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { watchGroup } from "./group-watchdog.ts";
import { allProcesses } from "./processes.ts";

/** A program to start. */
export interface ProgramStart {
  /** The program and its arguments. */
  commandLine: readonly string[];
  /** Name in messages. Default: the command line. */
  name?: string;
  /** Folder to start it in. Default: that of this process. */
  folder?: string | undefined;
  /** Its environment. Default: that of this process. */
  environment?: NodeJS.ProcessEnv;
  /** Folder of its own files, which is removed when its group has ended, for whatever reason. Default: it has none. */
  ownFolder?: string;
}

/** A program that runs, as the leader of a process group of its own. */
export interface ExternalProgram {
  name: string;
  /** Id of its process group. */
  group: number;
  /** Rejects with a sentence, a ProgramEnd, when the program ends before it is stopped; otherwise stays pending. */
  ended: Promise<never>;
  /**
   * End of a sentence: a colon and the last line of output that names an error, or the last line. Empty where there is
   * no output.
   */
  lastOutput(): string;
  /** Ends the whole group with SIGTERM, and with SIGKILL what is left of it 2 s later. Resolves when all has ended. */
  stop(): Promise<void>;
  /** Ends the whole group with SIGKILL. */
  kill(): Promise<void>;
}

/** The end of a program that nobody stopped. The message is a sentence with its last line of output. */
export class ProgramEnd extends Error {
  /** Exit code; null where a signal killed the program. */
  readonly code: number | null;

  constructor(message: string, code: number | null) {
    super(message);
    this.code = code;
  }
}

/** Milliseconds from SIGTERM until a program is killed. */
const stopMs = 2_000;
/** Milliseconds in which a killed process has ended. */
const killMs = 1_000;
/** Milliseconds in which the last output of a program is read when its group has been killed. */
const outputMs = 500;
/** Characters of a program's output that are kept, the last ones. */
const maxOutputCharacters = 4_096;

/**
 * Starts a program in a process group of its own. What is left of the group is killed when the program ends, and when
 * this process is gone for any reason.
 */
export function startProgram({
  commandLine,
  folder,
  environment,
  ownFolder,
  ...request
}: ProgramStart): ExternalProgram {
  const [file = "", ...args] = commandLine;
  const name = request.name ?? commandLine.join(" ");
  const env = environment ?? process.env;
  const child = spawn(file, args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const group = child.pid ?? 0;
  const watchdog = group > 0 ? watchGroup(group, ownFolder) : undefined;
  const closed = new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  const lastOutput = keepOutput([child.stdout, child.stderr]);

  /** A process that has left the group may hold the output open. Nobody waits for it. */
  function killGroup(): void {
    watchdog?.kill();
    setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), outputMs).unref();
  }

  let stopping = false;
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${file} could not be started: ${error.message}`)));
    child.once("exit", () => stopping || killGroup()); // also the processes that it has started
    child.once("close", (code, signal) => {
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
      if (!stopping) reject(new ProgramEnd(`${name} ${how}${lastOutput()}`, code));
    });
  });
  ended.catch(() => undefined);

  async function kill(): Promise<void> {
    stopping = true;
    killGroup();
    await Promise.all([closed, watchdog?.ended]);
    await untilEnded(group, killMs);
  }

  async function stop(): Promise<void> {
    stopping = true;
    if (group > 0 && child.exitCode === null && child.signalCode === null) {
      signalGroup(group, "SIGTERM");
      await untilEnded(group, stopMs);
    }
    await kill();
  }

  return { name, group, ended, lastOutput, stop, kill };
}

/** Sends a signal to a group; 0 sends none. False if the group has no process. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Waits until a group has no process but those that nobody has noticed to have ended, for `limitMs` at most. */
async function untilEnded(group: number, limitMs: number): Promise<void> {
  const isAlive = (): boolean => {
    if (group === 0 || !signalGroup(group, 0)) return false;
    const all = allProcesses();
    return all.length === 0 || all.some((each) => each.group === group && !each.ended);
  };
  const endMs = performance.now() + limitMs;
  while (isAlive() && performance.now() < endMs) await delay(10);
}

/** Keeps the end of what a program prints. Returns the function `lastOutput` of an external program. */
function keepOutput(streams: readonly Readable[]): () => string {
  let output = "";
  for (const stream of streams)
    stream.on("data", (chunk) => (output = `${output}${String(chunk)}`.slice(-maxOutputCharacters)));
  return () => {
    const lines = stripVTControlCharacters(output).trim().split("\n");
    const last = lines.findLast((line) => /^\S*(Error|Exception)\b/.test(line)) ?? lines.at(-1)!;
    return last && `: ${last.trim()}`;
  };
}

/** Milliseconds until a program must be ready. */
const readyMs = 10_000;

/**
 * Waits until `ready` resolves, which gives up when its signal aborts. Kills the program and rejects where it ends
 * before, and, with the sentence of `late`, where it is not ready within 10 s.
 */
export async function untilReady(
  { ended, kill }: Pick<ExternalProgram, "ended" | "kill">,
  ready: (signal: AbortSignal) => Promise<unknown>,
  late: (within: string) => string,
  limitMs = readyMs,
): Promise<void> {
  const starting = new AbortController();
  const tooLate = delay(limitMs, undefined, { signal: starting.signal }).then(() => {
    throw new Error(late(`within ${limitMs / 1000} s`));
  });
  try {
    await Promise.race([ready(starting.signal), ended, tooLate]);
  } catch (error) {
    await kill();
    throw error;
  } finally {
    starting.abort();
    tooLate.catch(() => undefined);
  }
}
