import { fork } from "node:child_process";
import { errorMessage } from "../lib/errors.ts";

/** What one process asks of another: named functions of one plain argument. */
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
/** Sent unasked, when the child cannot go on. */
interface Failure {
  failure: string;
}

/** A process of this project, started and spoken to. */
export interface Child<C extends Calls> {
  call<K extends keyof C & string>(name: K, argument: CallArgument<C, K>): Promise<CallResult<C, K>>;
  pid: number;
  /** Rejects with a sentence when the process says that it cannot go on; otherwise it stays pending. */
  failed: Promise<never>;
  /** Rejects with a sentence when the process ends before `kill`; otherwise it stays pending. */
  ended: Promise<never>;
  /** Sends it a signal; one that has ended is left alone. */
  signal(name: NodeJS.Signals): void;
  /** Ends the process at once, stopped or not, and resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts a compiled module as a process of its own. `title` names it in errors: "the ws server". `enter` is a command line that runs
 * Node in another place, such as a network namespace, and becomes it.
 */
export function startChild<C extends Calls>(title: string, module: URL, enter: readonly string[] = []): Child<C> {
  const [execPath, ...execArgv] = [...enter, process.execPath, ...process.execArgv];
  const child = fork(module, {
    execPath: execPath!,
    execArgv,
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let calls = 0;
  let killed = false;
  const failed = rejectable();
  const ended = rejectable();
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));

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
  child.once("error", (error) => end(`${title} could not be started: ${error.message}`));
  child.once("exit", (code, signal) => {
    if (!killed) end(`${title} process ${signal ? `was killed by ${signal}` : `ended with code ${code}`}`);
  });

  return {
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        const id = calls++;
        pending.set(id, { resolve, reject });
        child.send({ id, name, argument } satisfies Request, (error) => error && reject(error));
      }),
    pid: child.pid ?? 0,
    failed: failed.promise,
    ended: ended.promise,
    signal: (name) => void child.kill(name),
    async kill() {
      killed = true;
      child.kill("SIGKILL");
      if (child.pid !== undefined) await gone;
    },
  };
}

/** A promise that nobody has to await, and what rejects it. */
function rejectable(): { promise: Promise<never>; reject(error: Error): void } {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_resolve, rejectPromise) => (reject = rejectPromise));
  promise.catch(() => undefined);
  return { promise, reject };
}

/**
 * In a child: answers the parent's calls. Ctrl-C is the parent's to handle; when the parent is gone, however it went, so is the
 * child. Returns what to call when the child cannot go on.
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
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack}\n`);
    fail(`uncaught ${error.message}`);
  });
  return fail;
}
