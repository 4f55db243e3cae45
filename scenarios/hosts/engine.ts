import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../lib/errors.ts";
import { brokerName, brokerSentence, type BrokerAddress } from "./broker-address.ts";

/*
 * The parts of BullMQ and ioredis that agents use. The packages are optional, so their own types may be absent when this
 * project is compiled.
 */

type Listener = (event: { jobId: string; data?: unknown; returnvalue?: unknown; failedReason?: string }) => void;

/** Options of every job: one attempt, and a bounded memory of what is done. */
export const jobOptions = { attempts: 1, removeOnComplete: { count: 1000 }, removeOnFail: { count: 1000 } };
/**
 * Milliseconds that a job is held without a renewal, between two renewals, and between two checks for jobs that are not
 * held. A supervisor that waits two seconds for a CPU is not taken for dead, and a dead one is found within 4 s.
 */
export const [lockMs, renewMs, stalledMs] = [3_000, 500, 1_000];

/** A job as its processor sees it. */
export interface EngineJob<D> {
  id: string;
  name: string;
  data: D;
  updateProgress(progress: object): Promise<void>;
}
/** Places jobs. */
export interface EngineQueue {
  add(name: string, data: object, options: object): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  obliterate(options: { force: true }): Promise<void>;
  close(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
}
/** Runs jobs, and holds the lock of each while it runs. */
export interface EngineWorker {
  startStalledCheckTimer(): Promise<void>;
  close(force: boolean): Promise<void>;
  disconnect(): Promise<void>;
  on(event: "lockRenewalFailed", listener: (ids: string[]) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
}
/** Hears what happens to jobs. */
export interface EngineEvents {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "progress" | "completed" | "failed" | "stalled" | "active", listener: Listener): void;
}
/** A plain connection to the broker. */
export interface EngineClient {
  connect(): Promise<void>;
  ping(): Promise<string>;
  time(): Promise<[string, string]>;
  set(key: string, value: string, ...options: (string | number)[]): Promise<string | null>;
  get(key: string): Promise<string | null>;
  del(...keys: string[]): Promise<number>;
  exists(key: string): Promise<number>;
  scan(cursor: string, ...options: (string | number)[]): Promise<[string, string[]]>;
  mget(...keys: string[]): Promise<(string | null)[]>;
  disconnect(): void;
  on(event: "error", listener: (error: Error) => void): void;
}

type Construct<T> = new (...parameters: unknown[]) => T;

/** What every key of ours begins with. */
export const keyPrefix = "tb";

/** The engine: queues on one broker, and the packages that make them. */
export interface Engine extends Codec {
  /** Host and port of the broker. */
  broker: string;
  client: EngineClient;
  queue(name: string): EngineQueue;
  /** `fromNow`: only what happens from now on. Default: everything since the queue began. */
  events(name: string, fromNow?: boolean): Promise<EngineEvents>;
  /** `work` runs each job; without it the worker only looks for jobs whose lock was not renewed. */
  worker<D>(
    name: string,
    work: ((job: EngineJob<D>) => Promise<unknown>) | undefined,
    options?: WorkerSettings,
  ): EngineWorker;
  close(): void;
}

/** Values of calls as text: what the structured clone of Node can carry, which is more than JSON. */
export interface Codec {
  pack(value: unknown): string;
  unpack(text: string): unknown;
}

/** Settings of a worker of the engine. */
export interface WorkerSettings {
  /** Jobs at a time. Default: 1. */
  concurrency?: number;
  /** Milliseconds that a job is held without a renewal. Default: 3 s. */
  lockDuration?: number;
}

const packages = ["bullmq", "ioredis", "msgpackr"] as const;

async function load(name: (typeof packages)[number]): Promise<Record<string, unknown>> {
  try {
    return (await import(name)) as Record<string, unknown>;
  } catch (error) {
    if (!String(error).includes("Cannot find")) throw error;
    throw new UserError(
      `Agents need the package ${name}, which is not installed: npm ci --include=optional installs it.`,
      { cause: error },
    );
  }
}

/** The codec. Throws a UserError where its package is missing. */
export async function openCodec(): Promise<Codec> {
  return codecOf(await load("msgpackr"));
}

function codecOf(msgpackr: Record<string, unknown>): Codec {
  const Packr = msgpackr["Packr"] as Construct<{ pack(value: unknown): Buffer; unpack(packed: Buffer): unknown }>;
  const packr = new Packr({ structuredClone: true, moreTypes: true, useRecords: true });
  return {
    pack: (value) => packr.pack(value).toString("base64"),
    unpack: (text) => packr.unpack(Buffer.from(text, "base64")),
  };
}

/** Milliseconds in which a broker must accept and answer. */
const answerMs = 5_000;

/**
 * Connects to a broker, and tries what agents need there. Throws a UserError, one sentence, where a package is missing
 * or the broker refuses, is full or does not answer.
 */
export async function openEngine(address: BrokerAddress): Promise<Engine> {
  const [bullmq, ioredis, msgpackr] = await Promise.all(packages.map(load));
  const Redis = ioredis!["Redis"] as Construct<EngineClient>;
  const broker = brokerName(address);
  const connection = {
    ...address,
    connectTimeout: answerMs,
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(1_000, 50 * times),
  };
  await probe(
    new Redis({ ...connection, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 }),
    broker,
  );
  const client = new Redis(connection);
  const quiet = <T extends { on(event: "error", listener: (error: Error) => void): void }>(each: T): T => {
    each.on("error", () => undefined); // the broker's absence is found by those who ask it
    return each;
  };
  quiet(client);
  const common = { connection, prefix: keyPrefix, skipVersionCheck: true };
  const Queue = bullmq!["Queue"] as Construct<EngineQueue>;
  const Worker = bullmq!["Worker"] as Construct<EngineWorker>;
  const QueueEvents = bullmq!["QueueEvents"] as Construct<EngineEvents>;
  const codec = codecOf(msgpackr!);
  const streams = { events: { maxLen: 2_000 } };
  return {
    broker,
    client,
    queue: (name) => quiet(new Queue(name, { ...common, streams })),
    async events(name, fromNow = false) {
      const [seconds, us] = fromNow ? await client.time() : ["0", "0"];
      const lastEventId = `${Number(seconds) * 1000 + Math.floor(Number(us) / 1000)}-0`;
      const events = quiet(new QueueEvents(name, { ...common, lastEventId }));
      await events.waitUntilReady();
      return events;
    },
    worker: (name, work, { concurrency = 1, lockDuration = lockMs } = {}) =>
      quiet(
        new Worker(name, work ?? null, {
          ...common,
          concurrency,
          lockDuration,
          lockRenewTime: renewMs,
          stalledInterval: stalledMs,
          maxStalledCount: 0,
          autorun: work !== undefined,
        }),
      ),
    ...codec,
    close: () => client.disconnect(),
  };
}

/** Writes, reads and deletes one key. Throws a UserError where that is not possible. */
async function probe(client: EngineClient, broker: string): Promise<void> {
  let reason: unknown;
  client.on("error", (error) => (reason = error));
  const key = `${keyPrefix}:probe`;
  const write = async (): Promise<void> => {
    await client.connect();
    await client.set(key, "x".repeat(1_000), "PX", 1_000);
    await client.del(key);
  };
  try {
    await Promise.race([write(), expire()]);
  } catch (error) {
    const cause = /Connection is closed/.test(String(error)) ? (reason ?? error) : error;
    throw new UserError(brokerSentence(broker, cause), { cause });
  } finally {
    client.disconnect();
  }
}

async function expire(): Promise<never> {
  await delay(answerMs, undefined, { ref: false });
  throw new Error("timed out");
}

/** Closes these parts. Waits a second at most, since a broker that is gone answers none of them. */
export async function closeAll(closing: readonly Promise<unknown>[]): Promise<void> {
  await Promise.race([Promise.allSettled(closing), delay(1_000)]);
}
