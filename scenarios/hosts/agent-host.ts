import { setTimeout as delay } from "node:timers/promises";
import type { ClockFit } from "../system/clock-fit.ts";
import { relate, sameClock, type ClockRelation } from "../system/clock-relation.ts";
import type { SampledFit } from "../system/clock-sampler.ts";
import { rejectable, type CallArgument, type CallResult, type Child } from "../system/ipc.ts";
import { moduleOf, type FoundModule } from "./agent-modules.ts";
import { brokerSentence } from "./broker-address.ts";
import type { AgentDescription } from "./description.ts";
import {
  closeAll,
  jobOptions,
  lockMs,
  type Engine,
  type EngineEvents,
  type EngineQueue,
  type EngineWorker,
} from "./engine.ts";
import type { Host, ProcessKind } from "./host.ts";
import {
  lentQueue,
  type CallJob,
  type ChildJob,
  type ChildProgress,
  type ClockJob,
  type ModuleJob,
  type SignalJob,
} from "./jobs.ts";

/** Milliseconds that an agent has to end a process, or to give a lease back. */
const endMs = 3_000;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  progress?(report: ChildProgress): void;
}

/** The coordinator's ends of a lease. `checker` looks for jobs whose lock was not renewed. */
interface LeaseParts {
  queue: EngineQueue;
  events: EngineEvents;
  checker: EngineWorker;
}

/** A host that an agent lends to this run. */
export class AgentHost implements Host {
  readonly name: string;
  readonly address: string;
  /** Why the host is lost; undefined while it is not. */
  lostBecause: string | undefined;
  /** The clock of the bench over that of the host, for the processes that start from now on. */
  clock: ClockRelation = sameClock;
  /** The fit behind `clock`; undefined while that is the clock of the bench. */
  clockFit: ClockFit | undefined;
  private readonly pending = new Map<string, Pending>();
  private readonly ended = new Map<string, (error: Error) => void>();
  private jobs = 0;
  /** What the agent said of itself when it took the lease. */
  readonly description: AgentDescription;
  private readonly engine: Engine;
  private readonly parts: LeaseParts;

  private constructor(description: AgentDescription, engine: Engine, parts: LeaseParts) {
    this.description = description;
    this.engine = engine;
    this.parts = parts;
    this.name = description.name;
    this.address = description.address;
    this.listen();
  }

  /** The host of a lease that an agent has taken. */
  static async open(engine: Engine, lease: string, description: AgentDescription): Promise<AgentHost> {
    const name = lentQueue(lease);
    const checker = engine.worker(name, undefined);
    await checker.startStalledCheckTimer();
    const events = await engine.events(name);
    return new AgentHost(description, engine, { queue: engine.queue(name), events, checker });
  }

  start<C extends object>(title: string, kind: ProcessKind): Child<C> {
    const id = `${kind}-${this.jobs}`;
    const failed = rejectable();
    const ended = rejectable();
    let isKilled = false;
    this.ended.set(id, ended.reject);
    const whole = `${title} on ${this.name}`;
    let started!: () => void;
    const running = new Promise<void>((resolve) => (started = resolve));
    const progress = ({ pid, failure }: ChildProgress): void => {
      if (pid !== undefined) {
        child.pid = pid;
        started();
      }
      if (failure !== undefined) failed.reject(new Error(failure));
    };
    const life = this.place(
      "child",
      { child: id, title: whole, kind, ...(this.clock !== sameClock && { clock: this.clock }) } satisfies ChildJob,
      progress,
    );
    const over = life.then(
      () => isKilled || ended.reject(new Error(`${whole} has ended`)),
      (error: Error) => isKilled || ended.reject(error),
    );
    const child: Child<C> = {
      pid: 0,
      failed: failed.promise,
      ended: ended.promise,
      call: async <K extends keyof C & string>(name: K, argument: CallArgument<C, K>) => {
        await Promise.race([running, ended.promise]);
        const module = moduleOf((argument as { transport?: unknown } | undefined)?.transport);
        const job: CallJob = { child: id, name, argument: this.engine.pack(argument), ...(module && { module }) };
        const answer = await Promise.race([this.place("call", job), ended.promise]);
        return this.engine.unpack(answer as string) as CallResult<C, K>;
      },
      signal: (signal) => void this.place("signal", { child: id, signal } satisfies SignalJob).catch(() => undefined),
      kill: async () => {
        isKilled = true;
        this.ended.delete(id);
        const killing = this.place("signal", { child: id, signal: "SIGKILL" } satisfies SignalJob).then(() => over);
        await Promise.race([killing.catch(() => undefined), delay(endMs, undefined, { ref: false })]);
      },
    };
    return child;
  }

  /** Lets the processes that start from now on use the clock of the bench, by these fits to the clock of the broker. */
  useClock(fit: ClockFit, bench: ClockFit): void {
    this.clockFit = fit;
    this.clock = relate(fit, bench);
  }

  /** The fit of the host's clock to that of the broker, as it is now. */
  async readClock(job: ClockJob = {}): Promise<SampledFit> {
    return this.engine.unpack((await this.place("clock", job)) as string) as SampledFit;
  }

  /** What the host has of a module of this name. */
  async findModule(name: string): Promise<FoundModule> {
    return (await this.place("module", { name } satisfies ModuleJob)) as FoundModule;
  }

  /** The agent is gone: its processes have ended as far as this run is concerned. */
  lose(reason: string): void {
    if (this.lostBecause !== undefined) return;
    this.lostBecause = reason;
    const error = new Error(reason);
    for (const reject of this.ended.values()) reject(error);
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }

  /** Gives the host back, and removes what the lease has left on the broker. */
  async close(): Promise<void> {
    const { queue, events, checker } = this.parts;
    const given = this.place("release", {}).catch(() => undefined);
    await Promise.race([given, delay(endMs, undefined, { ref: false })]);
    await closeAll([checker.close(true), events.close()]);
    await closeAll([queue.obliterate({ force: true }).finally(() => queue.close())]);
  }

  /** Places a job. Resolves to its result; rejects with its reason, or the reason why the host is lost. */
  private place(name: string, data: object, progress?: (report: ChildProgress) => void): Promise<unknown> {
    const jobId = `job-${this.jobs++}`;
    return new Promise((resolve, reject) => {
      if (this.lostBecause !== undefined) return reject(new Error(this.lostBecause));
      this.pending.set(jobId, { resolve, reject, ...(progress && { progress }) });
      this.parts.queue.add(name, data, { ...jobOptions, jobId }).catch((error: unknown) => {
        this.pending.delete(jobId);
        reject(new Error(brokerSentence(this.engine.broker, error)));
      });
    });
  }

  private listen(): void {
    const { events } = this.parts;
    const settle = (jobId: string): Pending | undefined => {
      const found = this.pending.get(jobId);
      this.pending.delete(jobId);
      return found;
    };
    events.on("progress", ({ jobId, data }) => this.pending.get(jobId)?.progress?.(data as ChildProgress));
    events.on("completed", ({ jobId, returnvalue }) => settle(jobId)?.resolve(returnvalue));
    events.on("failed", ({ jobId, failedReason }) => settle(jobId)?.reject(new Error(failedReason)));
    events.on("stalled", () => this.lose(lostSentence(this.name)));
  }
}

/** One sentence for an agent that does not renew its jobs. */
export function lostSentence(name: string): string {
  return `agent ${name} was lost: its lease was not renewed for ${lockMs / 1000} s`;
}
