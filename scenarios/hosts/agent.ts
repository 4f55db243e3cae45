import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { redisTime, sampleClock, type ClockSampler } from "../system/clock-sampler.ts";
import { UserError } from "../lib/errors.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { describeAgent, type AgentDescription } from "./description.ts";
import { closeAll, keyPrefix, openEngine, type Engine } from "./engine.ts";
import { startLocal } from "./host.ts";
import { leaseQueue, presenceKey, type LeaseJob, type Presence } from "./jobs.ts";
import { lend } from "./lent.ts";

/** Milliseconds for which a sign of presence holds, and between two signs. */
const [presentMs, signMs] = [3_000, 1_000];

/** How an agent differs from a plain one. */
export interface AgentParts {
  /** Folder from which it loads modules of transports. Default: it loads none. */
  modules?: string | undefined;
  /** Starts a process of a trial. Default: a process of this machine. */
  start?: typeof startLocal;
  /** Says what it is. Default: this process and its machine. */
  describe?: typeof describeAgent;
}

/**
 * Runs an agent until `signal` aborts: it takes one lease after the other. `say` tells a person what happens. Throws a
 * UserError where the broker cannot be used, or another agent has the name.
 */
export async function runAgent(
  address: BrokerAddress,
  named: Pick<AgentDescription, "name" | "address" | "role">,
  signal: AbortSignal,
  say: (sentence: string) => void,
  { modules, start = startLocal, describe = describeAgent }: AgentParts = {},
): Promise<void> {
  const engine = await openEngine(address);
  const own = describe(named);
  const sampler = sampleClock(redisTime({ time: () => engine.client.time() }));
  const presence = await announce(engine, own, () => clockErrorOf(sampler));
  const worker = engine.worker<LeaseJob>(leaseQueue, async (job) => {
    const { run } = job.data;
    presence.set(run);
    say(`Lent to run ${run}.`);
    try {
      await job.updateProgress(describe(named));
      const reason = await lend({ engine, sampler, modules, start }, job.id, run, signal);
      say(`Idle again: ${reason}.`);
    } finally {
      presence.set(null);
    }
  });
  say(
    `Agent ${own.name} at ${own.address} is idle: ${own.limits.cores} cores, build ${own.build}, Node ${own.environment.node}, broker ${engine.broker}.`,
  );
  if (!signal.aborted) await once(signal, "abort");
  sampler.stop();
  await closeAll([worker.close(false), presence.end()]);
  engine.close();
}

/** Error of the agent's clock against that of the broker in microseconds; null while it is not known. */
function clockErrorOf(sampler: ClockSampler): number | null {
  const found = sampler.fit();
  return found.state === "fitted" ? Math.ceil(found.errorUs) : null;
}

/** Shows that an agent is there, once a second. Throws a UserError where another one has its name. */
async function announce(
  { client }: Engine,
  own: AgentDescription,
  readClockErrorUs: () => number | null,
): Promise<{ set(run: string | null): void; end(): Promise<unknown> }> {
  const key = presenceKey(keyPrefix, own.name);
  const mine: Presence = {
    id: randomUUID(),
    name: own.name,
    address: own.address,
    role: own.role,
    cores: own.limits.cores,
    descriptors: own.limits.descriptors,
    build: own.build,
    node: own.environment.node,
    clockErrorUs: null,
    run: null,
  };
  const deadlineMs = performance.now() + presentMs + signMs;
  while ((await client.set(key, JSON.stringify(mine), "PX", presentMs, "NX")) === null) {
    if (performance.now() > deadlineMs)
      throw new UserError(`There is an agent called ${own.name} already: end it, or give another --name.`);
    await delay(250);
  }
  const sign = (): void => {
    mine.clockErrorUs = readClockErrorUs();
    client.set(key, JSON.stringify(mine), "PX", presentMs).catch(() => undefined);
  };
  const timer = setInterval(sign, signMs);
  return {
    set(run) {
      mine.run = run;
      sign();
    },
    end() {
      clearInterval(timer);
      return client.del(key);
    },
  };
}

/** The agents that are there, by name. */
export async function presentAgents({ client }: Engine): Promise<Presence[]> {
  const keys = new Set<string>();
  let cursor = "0";
  do {
    const [next, found] = await client.scan(cursor, "MATCH", presenceKey(keyPrefix, "*"), "COUNT", 1_000);
    cursor = next;
    for (const key of found) keys.add(key);
  } while (cursor !== "0");
  const texts = keys.size > 0 ? await client.mget(...keys) : [];
  return texts
    .flatMap((text) => (text === null ? [] : [JSON.parse(text) as Presence]))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
