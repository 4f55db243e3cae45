import { setTimeout as delay } from "node:timers/promises";
import { RunError, UserError } from "../lib/errors.ts";
import { rejectable } from "../system/ipc.ts";
import { AgentHost, lostSentence } from "./agent-host.ts";
import { brokerSentence, type BrokerAddress } from "./broker-address.ts";
import { assertSameBuild, type AgentDescription, type OwnBuild } from "./description.ts";
import {
  closeAll,
  jobOptions,
  keyPrefix,
  openEngine,
  type Engine,
  type EngineEvents,
  type EngineQueue,
  type EngineWorker,
} from "./engine.ts";
import { GangClocks } from "./gang-clocks.ts";
import { leaseQueue, runJobId, runQueue, type LeaseJob } from "./jobs.ts";
import { placeOnHosts } from "./placement.ts";

/** Agents that work for one run, all of them or none. */
export interface Gang {
  /** Host and port of the broker. */
  broker: string;
  /** The agents that the run has now. */
  hosts: readonly AgentHost[];
  /** Waits until lost agents are replaced. Rejects with a RunError where too few come. */
  refill(): Promise<void>;
  /**
   * Finds how the clock of each host relates to that of this process, and lets its processes use the result. It takes
   * 10 s where they differ, since a clock must be watched for so long. Rejects with a sentence where a clock is not in order.
   */
  setClocks(signal: AbortSignal): Promise<void>;
  /**
   * Most by which a time from one host to another can be wrong `laterUs` after `setClocks`. 0 where all have one clock.
   */
  clockErrorUs(laterUs: number): number;
  /**
   * The clocks in a window that is over, from samples that go through all of it. Undefined where all processes had one
   * clock. Rejects with a sentence where a clock was set since `setClocks`.
   */
  clocksOf(
    window: { t0Us: number; t1Us: number },
    signal: AbortSignal,
  ): Promise<{ hosts: number; errorUs: number } | undefined>;
  /** Gives every agent back. */
  close(): Promise<void>;
}

/** A gang to wait for. */
export interface GangRequest {
  run: string;
  agents: number;
  waitMs: number;
  own: OwnBuild;
}

/** Milliseconds that a coordinator may be silent before the agents end its processes. It merges and plans in between. */
const runLockMs = 3_500;
/** Milliseconds without an answer of the broker after which a run cannot go on. */
const silenceMs = 4_000;

/**
 * Asks for so many agents and waits until all are there. Throws a UserError that says who came where they are too few, or
 * one of them runs other code; the others are then free again.
 */
export async function openGang(address: BrokerAddress, request: GangRequest, signal: AbortSignal): Promise<Gang> {
  const engine = await openEngine(address);
  const gang = new Coordinator(engine, request);
  const aborted = rejectable();
  signal.addEventListener("abort", () => aborted.reject(signal.reason as Error), { once: true });
  try {
    await Promise.race([aborted.promise, gang.begin()]);
    await Promise.race([aborted.promise, gang.fill((message) => new UserError(message))]);
    placeOnHosts(gang.hosts);
    return gang;
  } catch (error) {
    await gang.close();
    throw error instanceof UserError || signal.aborted
      ? error
      : new UserError(brokerSentence(engine.broker, error), { cause: error });
  }
}

class Coordinator implements Gang {
  readonly broker: string;
  private readonly leases = new Map<string, AgentHost | undefined>();
  private arrived: (() => void)[] = [];
  private refused: Error | undefined;
  /** Rejects when the broker is silent or refuses to write: nothing more can be agreed on. */
  private readonly brokerLost = rejectable();
  private placed = 0;
  private queue!: EngineQueue;
  private events!: EngineEvents;
  private runJobs!: EngineQueue;
  private workers: EngineWorker[] = [];
  private readonly clocks: GangClocks;
  private endRun: () => void = () => undefined;
  private readonly watching = new AbortController();

  private readonly engine: Engine;
  private readonly request: GangRequest;

  constructor(engine: Engine, request: GangRequest) {
    this.engine = engine;
    this.request = request;
    this.broker = engine.broker;
    this.clocks = new GangClocks(engine);
  }

  get hosts(): readonly AgentHost[] {
    return [...this.leases.values()].filter((host) => host !== undefined);
  }

  /** Holds the run job, whose lock tells agents that this process lives, and listens to what happens to leases. */
  async begin(): Promise<void> {
    const { engine, request } = this;
    this.queue = engine.queue(leaseQueue);
    this.events = await engine.events(leaseQueue, true);
    this.listen();
    const checker = engine.worker(leaseQueue, undefined);
    await checker.startStalledCheckTimer();
    this.runJobs = engine.queue(runQueue(request.run));
    const ended = new Promise<void>((resolve) => (this.endRun = resolve));
    let begun!: () => void;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const holder = engine.worker(
      runQueue(request.run),
      () => {
        begun();
        return ended;
      },
      { lockDuration: runLockMs },
    );
    this.workers = [checker, holder];
    await this.runJobs.add("run", {}, { ...jobOptions, jobId: runJobId });
    await running;
    void this.watchBroker();
  }

  /** Asks for the agents that are missing, and waits for them. Rejects where the broker is lost. */
  fill(mistake: (message: string) => Error): Promise<void> {
    return Promise.race([this.brokerLost.promise, this.ask(mistake)]);
  }

  private async ask(mistake: (message: string) => Error): Promise<void> {
    const { agents, waitMs, run } = this.request;
    for (const [lease, host] of this.leases) if (host && host.lostBecause !== undefined) await this.drop(lease, host);
    const missing = agents - this.leases.size;
    for (let i = 0; i < missing; i++) {
      const lease = `${run}-${this.placed++}`;
      this.leases.set(lease, undefined);
      await this.queue.add("lease", { run } satisfies LeaseJob, { ...jobOptions, jobId: lease });
    }
    const deadlineMs = performance.now() + waitMs;
    while (this.hosts.length < agents && performance.now() < deadlineMs && !this.refused) {
      const news = new Promise<void>((resolve) => this.arrived.push(resolve));
      await Promise.race([news, delay(deadlineMs - performance.now(), undefined, { ref: false })]);
    }
    if (this.refused) throw this.refused;
    if (this.hosts.length === agents) return;
    const came = this.hosts.map(({ name }) => name).toSorted();
    for (const [lease, host] of this.leases) if (!host) await this.withdraw(lease);
    throw mistake(
      `${came.length} of ${agents} agents came within ${Math.round(waitMs / 1000)} s${came.length > 0 ? ` (${came.join(", ")})` : ""}: ` +
        "start more with npm run agent, look who is there with npm run agents, or give a longer --agents-wait.",
    );
  }

  async refill(): Promise<void> {
    if (this.hosts.length === this.request.agents && this.hosts.every(({ lostBecause }) => lostBecause === undefined))
      return;
    try {
      await this.fill((message) => new RunError(message));
    } catch (error) {
      const isOwn = error instanceof RunError || error instanceof UserError;
      const reason = isOwn ? error.message : brokerSentence(this.broker, error);
      throw new RunError(`The run ends here, with the rows it has. ${reason}`, { cause: error });
    }
  }

  setClocks(signal: AbortSignal): Promise<void> {
    return this.clocks.set(this.hosts, signal);
  }

  clockErrorUs(laterUs: number): number {
    return this.clocks.errorUs(this.hosts, laterUs);
  }

  clocksOf(window: { t0Us: number; t1Us: number }, signal: AbortSignal): ReturnType<Gang["clocksOf"]> {
    return this.clocks.ofWindow(this.hosts, window, signal);
  }

  async close(): Promise<void> {
    this.clocks.stop();
    this.watching.abort();
    for (const [lease, host] of this.leases) if (!host) await this.withdraw(lease);
    await Promise.all(this.hosts.map((host) => host.close()));
    this.endRun();
    await closeAll(this.workers.map((worker) => worker.close(true)));
    const runJobs = this.runJobs as EngineQueue | undefined;
    await closeAll([
      (this.events as EngineEvents | undefined)?.close() ?? Promise.resolve(),
      (this.queue as EngineQueue | undefined)?.close() ?? Promise.resolve(),
      runJobs?.obliterate({ force: true }).finally(() => runJobs.close()) ?? Promise.resolve(),
    ]);
    this.engine.close();
  }

  private listen(): void {
    const ofLease = (jobId: string): AgentHost | undefined => this.leases.get(jobId);
    this.events.on("progress", ({ jobId, data }) => {
      if (this.leases.has(jobId) && !ofLease(jobId)) void this.take(jobId, data as AgentDescription);
    });
    this.events.on("stalled", ({ jobId }) => ofLease(jobId)?.lose(lostSentence(ofLease(jobId)!.name)));
    this.events.on("failed", ({ jobId, failedReason }) =>
      ofLease(jobId)?.lose(`agent ${ofLease(jobId)!.name} gave up: ${failedReason}`),
    );
    this.events.on("completed", ({ jobId }) => ofLease(jobId)?.lose(`agent ${ofLease(jobId)!.name} was stopped`));
  }

  private async take(lease: string, description: AgentDescription): Promise<void> {
    try {
      assertSameBuild(description, this.request.own);
      this.leases.set(lease, await AgentHost.open(this.engine, lease, description));
    } catch (error) {
      this.refused ??= error as Error;
      this.leases.set(lease, await AgentHost.open(this.engine, lease, description)); // to be given back
    }
    for (const tell of this.arrived.splice(0)) tell();
  }

  private async drop(lease: string, host: AgentHost): Promise<void> {
    this.leases.delete(lease);
    await this.queue.remove(lease).catch(() => undefined);
    await host.close();
  }

  private async withdraw(lease: string): Promise<void> {
    this.leases.delete(lease);
    await Promise.race([this.queue.remove(lease).catch(() => undefined), delay(1_000)]);
  }

  /** Writes to the broker twice a second. Loses every host where the broker refuses that or is silent. */
  private async watchBroker(): Promise<void> {
    const { signal } = this.watching;
    const key = `${keyPrefix}:alive:${this.request.run}`;
    let answeredMs = performance.now();
    while (!signal.aborted) {
      const writing = this.engine.client.set(key, "x".repeat(100), "PX", 2 * silenceMs).then(
        () => true,
        (error: unknown) => error,
      );
      const written = await Promise.race([writing, delay(500, false, { ref: false })]);
      if (signal.aborted) return;
      if (written === true) answeredMs = performance.now();
      else if (written !== false) this.loseBroker(brokerSentence(this.broker, written));
      else if (performance.now() - answeredMs > silenceMs)
        this.loseBroker(`the broker at ${this.broker} has not answered for ${silenceMs / 1000} s`);
      await delay(500, undefined, { ref: false });
    }
  }

  private loseBroker(reason: string): void {
    this.brokerLost.reject(new RunError(reason));
    for (const host of this.hosts) host.lose(reason);
  }
}
