import { setTimeout as delay } from "node:timers/promises";
import { errorMessage } from "../lib/errors.ts";
import type { ClockSampler } from "../system/clock-sampler.ts";
import type { Child } from "../system/ipc.ts";
import { isModulePath } from "../transports/load-transport.ts";
import { closeAll, keyPrefix, type Engine, type EngineJob } from "./engine.ts";
import { startLocal } from "./host.ts";
import { lentQueue, runJobId, runQueue, type CallJob, type ChildJob, type SignalJob } from "./jobs.ts";

/** Milliseconds between two looks whether the run still lives. */
const lookMs = 500;
/** Milliseconds without an answer of the broker after which a lease has ended. */
const silenceMs = 3_000;
/** Jobs of a lease at a time: a child job for each process, and the calls to each. */
const concurrency = 10_000;

type LentChild = Child<Record<string, (argument: unknown) => unknown>>;
type LentJob = EngineJob<ChildJob & CallJob & SignalJob>;

/**
 * Lends this host to a run until the run gives it back, the run is gone, the broker is silent or `signal` aborts.
 * Resolves to the reason when every process has ended.
 */
export async function lend(
  { engine, sampler }: { engine: Engine; sampler: Pick<ClockSampler, "fit"> },
  lease: string,
  run: string,
  signal: AbortSignal,
): Promise<string> {
  const children = new Map<string, LentChild>();
  let release!: (reason: string) => void;
  const ended = new Promise<string>((resolve) => (release = resolve));
  const jobs: Record<string, (job: LentJob) => Promise<unknown>> = {
    child: (job) => runChild(job, children),
    call: ({ data }) => answer(engine, data, children),
    signal: ({ data }) => send(data, children),
    clock: () => Promise.resolve(engine.pack(sampler.fit())),
    release: () => Promise.resolve(release("given back")),
  };
  const worker = engine.worker<LentJob["data"]>(lentQueue(lease), (job) => jobs[job.name]!(job), {
    concurrency,
  });
  worker.on("lockRenewalFailed", () => release("its lease was lost"));
  let refused = 0;
  worker.on("error", ({ message }) => {
    if (/^Missing (lock|key)/.test(message)) refused++;
  });
  const watching = new AbortController();
  watchRun(engine, run, watching.signal).then(release, release);
  signal.addEventListener("abort", () => release("the agent was stopped"), { once: true });
  const reason = await ended;
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
async function runChild(job: LentJob, children: Map<string, LentChild>): Promise<string> {
  const { child: id, title, kind, clock } = job.data;
  const child: LentChild = startLocal(title, kind, { clock });
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
    children.delete(id);
  }
}

async function answer(
  engine: Engine,
  { child, name, argument }: CallJob,
  children: Map<string, LentChild>,
): Promise<string> {
  const called = children.get(child);
  if (!called) throw new Error("the process has ended");
  const given = engine.unpack(argument);
  assertHarmless(name, given);
  return engine.pack(await called.call(name, given));
}

async function send({ child, signal }: SignalJob, children: Map<string, LentChild>): Promise<void> {
  const meant = children.get(child);
  if (signal === "SIGKILL") await meant?.kill();
  else meant?.signal(signal);
}

/**
 * Throws where a call would load code from a path or start a program: whoever may write to the broker may run load
 * between agents, and nothing else.
 */
export function assertHarmless(name: string, argument: unknown): void {
  const { transport, target } = (argument ?? {}) as { transport?: unknown; target?: unknown };
  if (typeof transport === "string" && isModulePath(transport)) throw new Error("an agent loads no module by its path");
  if (name === "serve" && target !== undefined) throw new Error("an agent starts no program of a target");
}

/** Removes what a run that is gone has left on the broker. */
async function removeQueues(engine: Engine, names: readonly string[]): Promise<void> {
  const queues = names.map((name) => engine.queue(name));
  await closeAll(queues.map((queue) => queue.obliterate({ force: true }).finally(() => queue.close())));
}
