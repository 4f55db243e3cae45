import { cpus } from "node:os";
import type { Request } from "autocannon";
import { batchTypes } from "../../servers/protocols/batch.ts";
import { runClosedLoopHttp, joinSessions } from "./closed-loop-http.ts";
import { startChild, type Child } from "../../scenarios/system/ipc.ts";
import { machineBusyUs } from "../../scenarios/system/procfs.ts";
import type { ServerCalls } from "../../scenarios/load/server-process.ts";
import { type transports } from "../../scenarios/transports.ts";
import { processUsage, type ProcessUsage } from "../../scenarios/system/process-usage.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { formatCursor } from "../../servers/protocols/cursor.ts";

/** A request whose ceiling is of interest, and the transport whose server half answers it. */
export interface HttpLoad {
  transport: keyof typeof transports;
  title: string;
  /** The request of the session with that path, the same again and again; the right answer to it is 204. */
  request(path: string): Request;
}

/** Bytes of one message that is sent. */
const payloadBytes = 128;

const ask: HttpLoad["request"] = (path) => ({ method: "GET", path: `${path}?after=${formatCursor(0)}` });
const send: HttpLoad["request"] = (path) => ({
  method: "POST",
  path,
  headers: { "content-type": batchTypes.text },
  body: "x".repeat(payloadBytes),
});

/** What there is of HTTP requests that are answered at once; the ask of a long poll is not. */
export const httpLoads = [
  { transport: "short-poll", title: "empty ask", request: ask },
  { transport: "short-poll", title: "send", request: send },
  { transport: "long-poll", title: "send", request: send },
] as const satisfies HttpLoad[];

/** How many connections ask again as soon as they have their answer, and for how long that is measured. */
export interface HttpPressure {
  connections: number;
  durationMs: number;
}

/** What a server half could do at most. CPU is in percent of one core, over the measured time. */
export interface HttpThroughput {
  requestsPerS: number;
  /** Requests that were answered with 2xx. */
  answered: number;
  /** Requests that were answered otherwise, or not at all. */
  refused: number;
  serverCpuUsPerRequest: number | undefined;
  serverCpuPercent: number;
  clientCpuPercent: number;
  /**
   * Who used a core, or nearly: the server, or autocannon, which then is what was measured. `machine`: neither could have one, because
   * other programs had it or there are too few, so that the number is too low.
   */
  limitedBy: "server" | "autocannon" | "machine" | "nothing";
}

/** Share of a core, or of the time, from which on a process counts as at its limit: its one thread has none left. */
const fullPercent = 90;
/** Load before the measured time, so that code is compiled: a share of it, and the most that is needed. */
const warmup = { share: 0.4, mostMs: 2_000 };

/**
 * The closed-loop ceiling of one request, by autocannon from this process against the server half in its own. **Throughput only**:
 * autocannon rounds latencies to whole milliseconds, and its correction for a given rate is wrong, so none are read; and in a closed loop
 * they would say how many connections there are, not how fast the server is. Rejects with a sentence when the server dies or `signal`
 * aborts; the server has ended either way.
 */
export async function measureHttpThroughput(
  load: HttpLoad,
  pressure: HttpPressure,
  signal: AbortSignal,
): Promise<HttpThroughput> {
  signal.throwIfAborted();
  const server = startChild<ServerCalls>(
    `the ${load.transport} server`,
    new URL("../../scenarios/load/server-process.js", import.meta.url),
  );
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const aborted = new Promise<never>((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
  try {
    return await Promise.race([press(server, load, pressure, until), aborted, server.ended, server.failed]);
  } finally {
    over.abort();
    await server.kill();
  }
}

async function press(
  server: Child<ServerCalls>,
  load: HttpLoad,
  { connections, durationMs }: HttpPressure,
  until: AbortSignal,
): Promise<HttpThroughput> {
  const warmupMs = Math.min(durationMs * warmup.share, warmup.mostMs);
  // A session that only sends must not count as gone before the end.
  const options = optionsFor(await loadTransport(load.transport), { idleMs: warmupMs + durationMs + 60_000 });
  const order = { transport: load.transport, app: "sink", options } as const;
  const [address] = await server.call("serve", order);
  const paths = await joinSessions(address!, connections, options);
  const requests = paths.map((path) => load.request(path));

  await runClosedLoopHttp(address!, requests, warmupMs, until);
  const before = await moment(server);
  const fired = await runClosedLoopHttp(address!, requests, durationMs, until);
  const after = await moment(server);

  const answered = fired["2xx"];
  const [serverUse, clientUse] = [use(before.server, after.server), use(before.client, after.client)];
  const allBusyUs = (after.client.atUs - before.client.atUs) * cpus().length;
  const machineUs = after.machineUs - before.machineUs;
  return {
    requestsPerS: answered / ((fired.finish.getTime() - fired.start.getTime()) / 1000),
    answered,
    refused: fired.non2xx + fired.errors,
    serverCpuUsPerRequest: answered > 0 ? (after.server.cpuUs - before.server.cpuUs) / answered : undefined,
    serverCpuPercent: serverUse.cpuPercent,
    clientCpuPercent: clientUse.cpuPercent,
    limitedBy: bottleneckOf(serverUse, clientUse, (100 * machineUs) / allBusyUs),
  };
}

/** What was used up to now: by both processes, and of the machine by whomever, NaN where the system does not say. */
async function moment(
  server: Child<ServerCalls>,
): Promise<{ server: ProcessUsage; client: ProcessUsage; machineUs: number }> {
  const state = await server.call("snapshot", undefined);
  return { server: state.usage!, client: processUsage(), machineUs: machineBusyUs() ?? NaN };
}

/** What a process had of a core, and how much of the time it was not waiting. */
interface Use {
  cpuPercent: number;
  busyPercent: number;
}

function use(before: ProcessUsage, after: ProcessUsage): Use {
  const active = after.loop.active - before.loop.active;
  const idle = after.loop.idle - before.loop.idle;
  return {
    cpuPercent: (100 * (after.cpuUs - before.cpuUs)) / (after.atUs - before.atUs),
    busyPercent: (100 * active) / (active + idle),
  };
}

/** Names the limit; `machinePercent` is of all cores. Exported for its tests. */
export function bottleneckOf(server: Use, client: Use, machinePercent: number): HttpThroughput["limitedBy"] {
  if (server.cpuPercent >= fullPercent) return "server";
  if (client.cpuPercent >= fullPercent) return "autocannon";
  const machine = Math.max(server.busyPercent, client.busyPercent, machinePercent || 0);
  return machine >= fullPercent ? "machine" : "nothing";
}
