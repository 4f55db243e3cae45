import { UserError } from "../../scenarios/lib/errors.ts";
import { serveCalls } from "../../scenarios/system/ipc.ts";
import type { FitResult } from "../../scenarios/system/clock-fit.ts";
import { redisTime, sampleClock, type ClockSampler } from "../../scenarios/system/clock-sampler.ts";

/** Calls that a process with a clock of its own answers. */
export interface ClockCalls {
  /** Begins to compare its clock with that of the Redis server at this host and port. */
  begin(server: { host: string; port: number }): Promise<void>;
  fit(): FitResult;
}

/** The part of ioredis that is used. The package is optional, so its own types may be absent. */
interface RedisClient {
  time(): Promise<[string, string]>;
}

async function openRedis(server: { host: string; port: number }): Promise<RedisClient> {
  const name: string = "ioredis";
  try {
    const { Redis } = (await import(name)) as { Redis: new (options: object) => RedisClient };
    return new Redis({ ...server, noDelay: true });
  } catch (error) {
    throw new UserError("This needs the package ioredis: npm install --no-save ioredis@5.11.1 installs it.", {
      cause: error,
    });
  }
}

let sampler: ClockSampler | undefined;
serveCalls({
  async begin(server) {
    const client = await openRedis(server);
    await client.time();
    sampler = sampleClock(redisTime({ time: () => client.time() }));
  },
  fit: () => sampler?.fit() ?? { state: "too short", spanUs: 0 },
} satisfies ClockCalls);
