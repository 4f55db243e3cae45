import { setTimeout as delay } from "node:timers/promises";
import { errorMessage } from "../lib/errors.ts";
import type { ClockSampler } from "../system/clock-sampler.ts";
import type { Child } from "../system/ipc.ts";
import { isModulePath } from "../transports/load-transport.ts";
import { findModule, ownTransport, type ModuleIdentity } from "./agent-modules.ts";
import { closeAll, keyPrefix, type Engine, type EngineJob } from "./engine.ts";
import type { startLocal } from "./host.ts";
import {
  lentQueue,
  runJobId,
  runQueue,
  type CallJob,
  type ChildJob,
  type ClockJob,
  type ModuleJob,
  type SignalJob,
} from "./jobs.ts";

/** Milliseconds between two looks whether the run still lives. */
const lookMs = 500;
/** Milliseconds without an answer of the broker after which a lease has ended. */
const silenceMs = 3_000;
/** Jobs of a lease at a time: a child job for each process, and the calls to each. */
const concurrency = 10_000;

type LentChild = Child<Record<string, (argument: unknown) => unknown>>;
type LentJob = EngineJob<ChildJob & CallJob & SignalJob & ClockJob & ModuleJob>;

/** What an agent lends. */
export interface Lender {
  engine: Engine;
  sampler: Pick<ClockSampler, "fit">;
  /** Folder from which it loads modules of transports. Default: it loads none. */
  modules?: string | undefined;
  /** Starts a process of a trial. */
  start: typeof startLocal;
}

/**
 * Lends this host to a run until the run gives it back, the run is gone, the broker is silent or `signal` aborts.
 * Resolves to the reason when every process has ended.
 */
export async function lend(
  { engine, sampler, modules, start }: Lender,
  lease: string,
  run: string,
  signal: AbortSignal,
): Promise<string> {
  const children = new Map<string, LentChild>();
  let isOver = false;
  let release!: (reason: string) => void;
  const ended = new Promise<string>((resolve) => (release = resolve));
  /** Jobs that live as long as a process. A renewal of any other job may fail because the job has just been answered. */
  const held = new Set<string>();
  const jobs: Record<string, (job: LentJob) => Promise<unknown>> = {
    child: (job) => (isOver ? Promise.reject(new Error("the lease has ended")) : runChild(job, start, children, held)),
    call: ({ data }) => answer(engine, data, children, modules),
    module: ({ data }) => Promise.resolve(findModule(modules, data.name)),
    signal: ({ data }) => send(data, children),
    clock: ({ data }) => Promise.resolve(engine.pack(sampler.fit(data.fromUs))),
    release: () => Promise.resolve(release("given back")),
  };
  const worker = engine.worker<LentJob["data"]>(lentQueue(lease), (job) => jobs[job.name]!(job), {
    concurrency,
  });
  worker.on("lockRenewalFailed", (ids) => ids.some((id) => held.has(id)) && release("its lease was lost"));
  let refused = 0;
  worker.on("error", ({ message }) => {
    if (/^Missing (lock|key)/.test(message)) refused++;
  });
  const watching = new AbortController();
  watchRun(engine, run, watching.signal).then(release, release);
  signal.addEventListener("abort", () => release("the agent was stopped"), { signal: watching.signal });
  const reason = await ended;
  isOver = true;
  watching.abort();
  await Promise.all([...children.values()].map((child) => child.kill()));
  await delay(50); // the answers of the last jobs
  await closeAll([worker.close(true)]);
  if (reason !== "given back") await removeQueues(engine, [lentQueue(lease), runQueue(run)]);
  return refused === 0 ? reason : `${reason}, and the broker refused ${refused} late answers`;
}

/** Resolves with a reason when the run is gone, or nobody can say whether it is. */
async function watchRun({ client, broker }: Engine, run: string, signal: AbortSignal): Promise<string> {
  const key = `${keyPrefix}:${runQueue(run)}:${runJobId}:lock`;
  let answeredMs = performance.now();
  while (!signal.aborted) {
    const asked = client.exists(key).catch(() => undefined);
    const lives = await Promise.race([asked, delay(lookMs, undefined)]);
    if (lives === 0) return "the run is gone";
    if (performance.now() - answeredMs > silenceMs) return `the broker at ${broker} is silent`;
    if (lives !== undefined) answeredMs = performance.now();
    await delay(lookMs);
  }
  return "given back";
}

/** Starts a process, and resolves when it has been killed. Rejects if it ends before. */
async function runChild(
  job: LentJob,
  start: typeof startLocal,
  children: Map<string, LentChild>,
  held: Set<string>,
): Promise<string> {
  const { child: id, title, kind, clock } = job.data;
  held.add(job.id);
  const child: LentChild = start(title, kind, { clock });
  const killed = new Promise<string>((resolve) => {
    children.set(id, {
      ...child,
      kill: () => child.kill().then(() => resolve("killed")),
    });
  });
  child.failed.catch((error: unknown) => job.updateProgress({ failure: errorMessage(error) }).catch(() => undefined));
  await job.updateProgress({ pid: child.pid });
  try {
    return await Promise.race([killed, child.ended]);
  } finally {
    held.delete(job.id);
    children.delete(id);
  }
}

async function answer(
  engine: Engine,
  { child, name, argument, module }: CallJob,
  children: Map<string, LentChild>,
  modules: string | undefined,
): Promise<string> {
  const called = children.get(child);
  if (!called) throw new Error("the process has ended");
  const given = harmless(name, engine.unpack(argument), module, modules);
  return engine.pack(await called.call(name, given));
}

async function send({ child, signal }: SignalJob, children: Map<string, LentChild>): Promise<void> {
  const meant = children.get(child);
  if (signal === "SIGKILL") await meant?.kill();
  else meant?.signal(signal);
}

/**
 * The argument of a call as a process of this agent may have it: a module is that in the folder of the agent. Throws
 * where a call would load other code or start a program: whoever may write to the broker may run load between agents,
 * and nothing else.
 */
export function harmless(name: string, argument: unknown, module?: ModuleIdentity, folder?: string): unknown {
  const { transport, target } = (argument ?? {}) as { transport?: unknown; target?: unknown };
  if (name === "serve" && target !== undefined) throw new Error("an agent starts no program of a target");
  if (typeof transport !== "string" || !isModulePath(transport)) return argument;
  if (!module) throw new Error("an agent loads no module by its path");
  return { ...(argument as object), transport: ownTransport(transport, folder, module) };
}

/** Removes what a run that is gone has left on the broker. */
async function removeQueues(engine: Engine, names: readonly string[]): Promise<void> {
  const queues = names.map((name) => engine.queue(name));
  await closeAll(queues.map((queue) => queue.obliterate({ force: true }).finally(() => queue.close())));
}
