import { cpus } from "node:os";
import { availableCores } from "../../results/model/cores.ts";
import type { Request } from "autocannon";
import { batchTypes } from "../../servers/protocols/batch.ts";
import { runClosedLoopHttp, joinSessions } from "./closed-loop-http.ts";
import type { ProcessLoad } from "../../results/model/measurement.ts";
import { loadBetween } from "../../scenarios/runner/server-snapshot.ts";
import { startChild, type Child } from "../../scenarios/system/ipc.ts";
import { machineBusyUs } from "../../scenarios/system/procfs.ts";
import type { ServerCalls } from "../../scenarios/load/server-process.ts";
import { type transports } from "../../scenarios/transports.ts";
import { processUsage, type ProcessUsage } from "../../scenarios/system/process-usage.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { formatCursor } from "../../servers/protocols/cursor.ts";

/** A type of request to measure, and the transport whose server half responds to it. */
export interface HttpLoad {
  transport: keyof typeof transports;
  title: string;
  /** Request of the session with this path. It is repeated, and each response must be 204. */
  request(path: string): Request;
}

/** Bytes of each message that is sent. */
const payloadBytes = 128;

const pollRequest: HttpLoad["request"] = (path) => ({ method: "GET", path: `${path}?after=${formatCursor(0)}` });
const sendRequest: HttpLoad["request"] = (path) => ({
  method: "POST",
  path,
  headers: { "content-type": batchTypes.text },
  body: "x".repeat(payloadBytes),
});

/** All requests with an immediate response. A long poll is not one of them: the server holds it. */
export const httpLoads = [
  { transport: "short-poll", title: "empty poll", request: pollRequest },
  { transport: "short-poll", title: "send", request: sendRequest },
  { transport: "long-poll", title: "send", request: sendRequest },
] as const satisfies HttpLoad[];

/** Number of connections in the closed loop, and how long it is measured. */
export interface ClosedLoopLoad {
  connections: number;
  durationMs: number;
}

/** Highest throughput of a server half. CPU is in percent of one core, over the measured time. */
export interface HttpThroughput {
  requestsPerS: number;
  /** Responses with a status of 2xx. */
  successful: number;
  /** Responses with another status, and requests without a response. */
  failed: number;
  /** Undefined without a successful response. */
  serverCpuUsPerRequest: number | undefined;
  serverCpuPercent: number;
  clientCpuPercent: number;
  /**
   * The process that used about a full core. `autocannon`: the result is autocannon's limit, not the server's.
   * `machine`: neither process got a full core, because other programs run or the machine has too few cores, so the
   * result is too low.
   */
  bottleneck: "server" | "autocannon" | "machine" | "nothing";
}

/** Percent of a core, or of the time, from which on a single-threaded process counts as saturated. */
const saturatedPercent = 90;
/** Load before the measured time, so that hot code is compiled: a share of the measured time, and its upper limit. */
const warmup = { share: 0.4, maxMs: 2_000 };

/**
 * Measures the closed-loop throughput of one request type: autocannon in this process against the server half in its
 * own process. **Throughput only.** autocannon rounds latencies to milliseconds, its correction for a given rate is
 * wrong, and in a closed loop a latency depends on the number of connections, so no latency is read. Rejects when the
 * server dies or `signal` aborts. The server has ended in every case.
 */
export async function measureHttpThroughput(
  load: HttpLoad,
  closedLoop: ClosedLoopLoad,
  signal: AbortSignal,
): Promise<HttpThroughput> {
  signal.throwIfAborted();
  const server = startChild<ServerCalls>(
    `the ${load.transport} server`,
    new URL("../../scenarios/load/server-process.js", import.meta.url),
  );
  const finished = new AbortController();
  const stop = AbortSignal.any([signal, finished.signal]);
  const aborted = new Promise<never>((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
  try {
    return await Promise.race([measureUnderLoad(server, load, closedLoop, stop), aborted, server.ended, server.failed]);
  } finally {
    finished.abort();
    await server.kill();
  }
}

async function measureUnderLoad(
  server: Child<ServerCalls>,
  load: HttpLoad,
  { connections, durationMs }: ClosedLoopLoad,
  stop: AbortSignal,
): Promise<HttpThroughput> {
  const warmupMs = Math.min(durationMs * warmup.share, warmup.maxMs);
  // A session that only sends must not time out before the end.
  const options = optionsFor(await loadTransport(load.transport), { idleMs: warmupMs + durationMs + 60_000 });
  const [address] = await server.call("serve", { transport: load.transport, app: "sink", options });
  const paths = await joinSessions(address!, connections, options);
  const requests = paths.map((path) => load.request(path));

  await runClosedLoopHttp(address!, requests, warmupMs, stop);
  const before = await readUsage(server);
  const result = await runClosedLoopHttp(address!, requests, durationMs, stop);
  const after = await readUsage(server);

  const successful = result["2xx"];
  const [serverLoad, clientLoad] = [loadBetween(before.server, after.server), loadBetween(before.client, after.client)];
  const machineTimeUs = (after.client.atUs - before.client.atUs) * cpus().length;
  const machinePercent = (100 * (after.machineUs - before.machineUs)) / machineTimeUs;
  const ownPercent = (serverLoad.cpuPercent + clientLoad.cpuPercent) / availableCores();
  return {
    requestsPerS: successful / ((result.finish.getTime() - result.start.getTime()) / 1000),
    successful,
    failed: result.non2xx + result.errors,
    serverCpuUsPerRequest: successful > 0 ? serverLoad.cpuUs / successful : undefined,
    serverCpuPercent: serverLoad.cpuPercent,
    clientCpuPercent: clientLoad.cpuPercent,
    bottleneck: bottleneckOf(serverLoad, clientLoad, Math.max(machinePercent, ownPercent)),
  };
}

/** Reads the usage of both processes and of the machine. `machineUs` is NaN off Linux. */
async function readUsage(
  server: Child<ServerCalls>,
): Promise<{ server: ProcessUsage; client: ProcessUsage; machineUs: number }> {
  const state = await server.call("snapshot", undefined);
  return { server: state.usage!, client: processUsage(), machineUs: machineBusyUs() ?? NaN };
}

/** What decides whether a process is the bottleneck. */
type CpuAndLoop = Pick<ProcessLoad, "cpuPercent" | "elu">;

/** Names the bottleneck. `machinePercent` is the used share of all cores, or NaN. Exported for its tests. */
export function bottleneckOf(
  server: CpuAndLoop,
  client: CpuAndLoop,
  machinePercent: number,
): HttpThroughput["bottleneck"] {
  if (server.cpuPercent >= saturatedPercent) return "server";
  if (client.cpuPercent >= saturatedPercent) return "autocannon";
  const busiest = Math.max(100 * server.elu, 100 * client.elu, machinePercent || 0);
  return busiest >= saturatedPercent ? "machine" : "nothing";
}
