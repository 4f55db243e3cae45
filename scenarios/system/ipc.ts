import { fork } from "node:child_process";
import { outliveOutput } from "../lib/closed-output.ts";
import { errorMessage } from "../lib/errors.ts";
import { watchStopped } from "../lib/group-watchdog.ts";
import { stoppedS, watchForStop } from "./stop-watch.ts";

/** Milliseconds in which the end of a process is seen after a call could not be sent to it. */
const exitMs = 1_000;

/** The calls that a process accepts: named functions of one plain argument. */
type Calls = object;
export type CallArgument<C, K extends keyof C> = C[K] extends (argument: infer A) => unknown ? A : never;
export type CallResult<C, K extends keyof C> = C[K] extends (argument: never) => infer R ? Awaited<R> : never;

interface Request {
  id: number;
  name: string;
  argument: unknown;
}
interface Reply {
  id: number;
  value?: unknown;
  error?: string;
}
/** Sent without a request if the child cannot continue. */
interface Failure {
  failure: string;
}

/** A child process that runs a module of this project and accepts calls. */
export interface Child<C extends Calls> {
  call<K extends keyof C & string>(name: K, argument: CallArgument<C, K>): Promise<CallResult<C, K>>;
  pid: number;
  /** Rejects with the reason if the process reports that it cannot continue. Stays pending otherwise. */
  failed: Promise<never>;
  /**
   * Rejects with the reason if the process ends before `kill`, or if somebody else's signal stops it for 2 s: it is then
   * killed. Stays pending otherwise.
   */
  ended: Promise<never>;
  /** Sends a signal. Does nothing if the process has ended. A process that SIGSTOP has stopped waits for SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** Kills the process, even a stopped one, and resolves when it has exited. */
  kill(): Promise<void>;
}

/**
 * Starts a compiled module as a child process. `title` names it in errors, such as "the ws server". `execPrefix` is a
 * command that executes Node elsewhere, such as in a network namespace, with the same process id. `environment` is its
 * variables; default: those of this process.
 */
export function startChild<C extends Calls>(
  title: string,
  module: URL,
  execPrefix: readonly string[] = [],
  environment = process.env,
): Child<C> {
  const [execPath, ...execArgv] = [...execPrefix, process.execPath, ...process.execArgv];
  const child = fork(module, {
    execPath: execPath!,
    execArgv,
    env: environment,
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let calls = 0;
  let [isKilled, isPaused] = [false, false];
  const failed = rejectable();
  const ended = rejectable();
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  function end(message: string): void {
    const error = new Error(message);
    ended.reject(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  child.on("message", (message: Reply | Failure) => {
    if ("failure" in message) return failed.reject(new Error(`${title}: ${message.failure}`));
    const call = pending.get(message.id);
    pending.delete(message.id);
    if (message.error === undefined) call?.resolve(message.value as never);
    else call?.reject(new Error(`${title}: ${message.error}`));
  });
  child.once("error", (error) => {
    endWatch();
    end(`${title} could not be started: ${error.message}`);
  });
  const giveUp = (): void => {
    end(`${title} process was stopped by a signal, such as SIGSTOP, for ${stoppedS} s`);
    child.kill("SIGKILL");
  };
  const endWatch = watchForStop(child.pid ?? 0, () => isPaused, giveUp);
  let endStoppedWatch = (): void => undefined;
  child.once("exit", (code, signal) => {
    endWatch();
    endStoppedWatch();
    if (!isKilled) end(`${title} process ${signal ? `was killed by ${signal}` : `ended with code ${code}`}`);
  });

  return {
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        const id = calls++;
        pending.set(id, { resolve, reject });
        child.send({ id, name, argument } satisfies Request, (error) => {
          if (!error) return;
          ended.promise.catch(reject); // why the process ended says more
          setTimeout(reject, exitMs, error);
        });
      }),
    pid: child.pid ?? 0,
    failed: failed.promise,
    ended: ended.promise,
    signal(name) {
      if (name === "SIGSTOP" || name === "SIGCONT") {
        isPaused = name === "SIGSTOP";
        endStoppedWatch();
        endStoppedWatch = isPaused && child.pid !== undefined ? watchStopped(child.pid) : () => undefined;
      }
      child.kill(name);
    },
    async kill() {
      isKilled = true;
      child.kill("SIGKILL");
      if (child.pid !== undefined) await exited;
    },
  };
}

/** A promise with a function that rejects it. A rejection that is not awaited is no error. */
export function rejectable(): { promise: Promise<never>; reject(error: Error): void } {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_resolve, rejectPromise) => (reject = rejectPromise));
  promise.catch(() => undefined);
  return { promise, reject };
}

/**
 * Answers the parent's calls in a child process. The child leaves Ctrl-C and SIGHUP to the parent, and exits when the
 * parent has exited for any reason, but not when the terminal is gone. Returns a function that reports that the child
 * cannot continue.
 */
export function serveCalls(calls: Calls): (failure: string) => void {
  const send = (message: Reply | Failure): void => void process.send?.(message, undefined, undefined, () => undefined);
  const fail = (failure: string): void => send({ failure });
  process.on("message", ({ id, name, argument }: Request) => {
    Promise.resolve()
      .then(() => (calls as Record<string, (argument: unknown) => unknown>)[name]!(argument))
      .then((value) => send({ id, value }))
      .catch((error: unknown) => send({ id, error: errorMessage(error) }));
  });
  outliveOutput();
  for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack}\n`);
    fail(`uncaught ${error.message}`);
  });
  return fail;
}
