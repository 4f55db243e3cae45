import { clockEnvironment, nowUs } from "../../scenarios/lib/clock.ts";
import { offsetAt, type ClockFit } from "../../scenarios/system/clock-fit.ts";
import { relate } from "../../scenarios/system/clock-relation.ts";
import { startChild, type Child } from "../../scenarios/system/ipc.ts";
import { sleepUntil } from "../../scenarios/lib/pace.ts";
import type { ClockCalls } from "./clock-process.ts";
import type { RedisServer } from "./redis-server.ts";
import { openTimeNamespace } from "./time-namespace.ts";

/** A host whose clock is known to differ from this machine's. */
export interface KnownHost {
  title: string;
  /**
   * What its clock shows more than that of this machine. Its time namespace has the whole seconds, and the environment of
   * its process the rest.
   */
  offsetUs: number;
  /** By how much its clock is faster, put in by the same environment. */
  ppm: number;
  /** Words to put before its command line, such as for a network of its own. */
  execPrefix?: readonly string[];
  /** Where it reaches the Redis server. Default: where everybody does. */
  redis?: { host: string; port: number };
}

/** What was found about a host, beside the truth. */
export interface ClockFinding {
  title: string;
  offsetUs: number;
  ppm: number;
  /** By how much the estimate is wrong in the middle of the samples, and by how much it may be. */
  mistakeUs: number;
  errorUs: number;
  estimatedPpm: number;
  holds: boolean;
}

const module = new URL("./clock-process.js", import.meta.url);

/** Compares the clocks of all hosts with that of a Redis server for so long, and their estimates with the truth. */
export async function proveClocks(
  redis: RedisServer,
  hosts: readonly KnownHost[],
  durationMs: number,
): Promise<ClockFinding[]> {
  const opened: { close(): void }[] = [];
  const children: Child<ClockCalls>[] = [];
  const startUs = nowUs();
  const start = async ({
    title,
    offsetUs,
    ppm,
    execPrefix = [],
    redis: own,
  }: KnownHost): Promise<Child<ClockCalls>> => {
    const seconds = Math.trunc(offsetUs / 1e6);
    const namespace = seconds === 0 ? undefined : await openTimeNamespace(seconds);
    if (namespace) opened.push(namespace);
    const clock = clockEnvironment({ offsetUs: offsetUs - 1e6 * seconds, ppm, atUs: startUs + 1e6 * seconds });
    const prefix = [...execPrefix, ...(namespace?.execPrefix ?? [])];
    const child = startChild<ClockCalls>(title, module, prefix, { ...process.env, ...clock });
    children.push(child);
    await child.call("begin", own ?? { host: redis.host, port: redis.port });
    return child;
  };
  try {
    const bench = await start({ title: "the bench", offsetUs: 0, ppm: 0 });
    const started = [];
    for (const host of hosts) started.push(await start(host));
    await sleepUntil(nowUs() + 1000 * durationMs);
    const benchFit = await fitOf("the bench", bench);
    const findings: ClockFinding[] = [];
    for (const [i, host] of hosts.entries())
      findings.push(compare(host, startUs, await fitOf(host.title, started[i]!), benchFit));
    return findings;
  } finally {
    await Promise.all(children.map((child) => child.kill()));
    for (const namespace of opened) namespace.close();
  }
}

async function fitOf(title: string, host: Child<ClockCalls>): Promise<ClockFit> {
  const found = await Promise.race([host.call("fit", undefined), host.failed, host.ended]);
  if (found.state === "fitted") return found;
  throw new Error(`the clock of ${title} could not be fitted: ${JSON.stringify(found)}`);
}

/** The estimate against the truth: the clock of this machine, with the offset and the drift that were put in. */
function compare({ title, offsetUs, ppm }: KnownHost, startUs: number, host: ClockFit, bench: ClockFit): ClockFinding {
  const relation = relate(host, bench);
  const benchUs = bench.atUs;
  const hostUs = benchUs + offsetUs + ((benchUs - startUs) * ppm) / 1e6;
  const mistakeUs = Math.abs(hostUs + offsetAt(relation, hostUs) - benchUs);
  const { errorUs } = relation;
  return { title, offsetUs, ppm, mistakeUs, errorUs, estimatedPpm: -relation.ppm, holds: mistakeUs <= errorUs };
}
