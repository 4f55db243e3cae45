import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startChild, type Child } from "../../scenarios/system/ipc.ts";
import type { Address } from "../../scenarios/contract.ts";
import { RunError } from "../../scenarios/lib/errors.ts";
import { machineCpu } from "../../scenarios/system/procfs.ts";
import {
  failureReason,
  runSubprocess,
  signalProcessGroup,
  type SubprocessExit,
} from "../../scenarios/system/subprocess.ts";
import { openNamespace } from "../../scenarios/system/network-namespace.ts";
import type { ServerCalls, ServerState } from "../../scenarios/load/server-process.ts";
import { connectionsTo, type AcceptState } from "./accepted-connections.ts";
import { readThreadCpu, usedCpuUs, type ThreadCpu } from "./thread-cpu.ts";
import type { Generator, GeneratorLoad } from "./generator.ts";
import type { ComparedTool } from "./groups.ts";
import { loadTransport, optionsFor, transportLabel } from "../../scenarios/transports/load-transport.ts";

/** CPU time of a tool in the measured window, and the round trips that it made. */
export interface ToolCost {
  roundTrips: number;
  seconds: number;
  /** CPU time of the generator, user and system, of all its processes. */
  cpuUs: number;
  serverCpuUs: number;
  /** CPU time of all other programs, and time that the host of a virtual machine took. */
  otherCpuUs: number;
}

/** Load of a measurement. `windowS` is the length of the measured window in seconds. */
export type ToolLoad = Pick<GeneratorLoad, "connections" | "ratePerS"> & { windowS: number };

/** Seconds from the first response until all connections must be open, unless the generator has its own limit. */
const defaultConnectTimeoutS = 5;
/** Milliseconds that a generator runs between two stops while its connections are accepted. */
const runBetweenStopsMs = 100;
/** Seconds of warm-up before the window: then the generator's hot code is compiled. */
const warmupS = 3;
/** Seconds that the generator runs after the window, so that its end is not part of it. */
const cooldownS = 1;
/** Longest time in milliseconds that a generator may take to begin, and to end after its time is up. */
const timeoutMs = 20_000;

/**
 * Runs one generator against a server process of its own, both in one network namespace where the system allows it.
 * Reads the CPU time of all threads of the generator, and the server's counters, at both edges of a window. So the same
 * clock and the same counter measure every generator; its own counts are only checked. Rejects with a RunError where
 * the generator fails, opens too few connections, reports errors, or counts differently from the server.
 */
export async function measureTool(tool: ComparedTool, toolLoad: ToolLoad, signal: AbortSignal): Promise<ToolCost> {
  signal.throwIfAborted();
  const scratch = mkdtempSync(join(tmpdir(), "generators-"));
  const network = await openNamespace();
  const execPrefix = network?.execPrefix ?? [];
  const server = startChild<ServerCalls>(
    `the ${transportLabel(tool.serverTransport)} server`,
    new URL("../../scenarios/load/server-process.js", import.meta.url),
    network?.execPrefix,
  );
  const finished = new AbortController();
  const abort = AbortSignal.any([signal, finished.signal]);
  try {
    const options = optionsFor(await loadTransport(tool.serverTransport), {
      idleMs: 600_000,
      heartbeatMs: 600_000,
    });
    const [address] = await server.call("serve", { transport: tool.serverTransport, app: "echo", options });
    const connectTimeoutS = tool.connectTimeoutS ?? defaultConnectTimeoutS;
    const seconds = connectTimeoutS + warmupS + toolLoad.windowS + cooldownS;
    const load = await createLoad(address!, tool, toolLoad, seconds, execPrefix, abort);
    for (const [name, text] of Object.entries(tool.files?.(load) ?? {})) writeFileSync(join(scratch, name), text);

    let leader = 0;
    const started = (pid: number): void => void (leader = pid);
    const exit = runSubprocess([...execPrefix, ...tool.command(load)], scratch, abort, {
      abortWith: "SIGKILL",
      started,
    });
    const earlyExit = exit.then((end) => failWith(`it ended before it was measured: ${failureReason(end)}`));
    const waitForConnections = (): Promise<void> =>
      waitUntilAccepted(toolLoad.connections, load.port, leader, connectTimeoutS, abort);
    const measured = measureWindow(server, tool, waitForConnections, () => readThreadCpu(leader), toolLoad.windowS);
    const cost = await raceQuietly([measured, earlyExit, server.ended]);
    const lateExit = delay(timeoutMs, undefined, { signal: abort }).then(() =>
      failWith(`it did not end within ${timeoutMs / 1000} s after its time was up`),
    );
    const end = await raceQuietly([exit, lateExit, server.ended]);
    const { traffic } = await server.call("snapshot", undefined);
    checkExit(end, tool, traffic ? tool.messagesCounted(traffic) : NaN);
    if (tool.needsSeedMessage && traffic?.emptyPollBytes !== 0)
      failWith("the server had no message for some of its polls");
    return cost;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    finished.abort();
    await server.kill();
    network?.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Load of the generator. Where a polling server needs a message for its polls, this puts one there and takes the path
 * of its poll.
 */
async function createLoad(
  { host, port }: Address,
  { needsSeedMessage }: ComparedTool,
  { connections, ratePerS }: ToolLoad,
  seconds: number,
  execPrefix: readonly string[],
  abort: AbortSignal,
): Promise<GeneratorLoad> {
  const load = { host, port, path: "/", connections, ratePerS, seconds };
  if (!needsSeedMessage) return load;
  const program = fileURLToPath(new URL("./seed-message.js", import.meta.url));
  const seeded = await runSubprocess([...execPrefix, process.execPath, program, JSON.stringify(load)], ".", abort);
  if (seeded.code !== 0) failWith(`the server got no message for its polls: ${failureReason(seeded)}`);
  return { ...load, path: seeded.out };
}

/**
 * State of both sides at a moment. The server is read first: its response comes one tick of its event loop late in
 * every snapshot.
 */
interface Snapshot {
  server: ServerState;
  threads: ThreadCpu;
  programsUs: number;
}

async function measureWindow(
  server: Child<ServerCalls>,
  { roundTrips }: ComparedTool,
  waitForConnections: () => Promise<void>,
  readThreads: () => ThreadCpu,
  windowS: number,
): Promise<ToolCost> {
  const takeSnapshot = async (): Promise<Snapshot> => ({
    server: await server.call("snapshot", undefined),
    threads: readThreads(),
    programsUs: machineCpu()?.programsUs ?? NaN,
  });
  const roundTripsIn = ({ server: { traffic } }: Snapshot): number => (traffic ? roundTrips(traffic) : NaN);
  const atStart = roundTripsIn(await takeSnapshot());
  for (const endMs = performance.now() + timeoutMs; roundTripsIn(await takeSnapshot()) === atStart; await delay(50))
    if (performance.now() > endMs) failWith(`the server received nothing from it within ${timeoutMs / 1000} s`);
  await waitForConnections();
  await delay(warmupS * 1000);
  const before = await takeSnapshot();
  await delay(windowS * 1000);
  const after = await takeSnapshot();
  const cpuUs = usedCpuUs(before.threads, after.threads);
  const serverCpuUs = after.server.usage!.cpuUs - before.server.usage!.cpuUs;
  return {
    roundTrips: roundTripsIn(after) - roundTripsIn(before),
    seconds: (after.server.usage!.atUs - before.server.usage!.atUs) / 1e6,
    cpuUs,
    serverCpuUs,
    otherCpuUs: Math.max(0, after.programsUs - before.programsUs - cpuUs - serverCpuUs),
  };
}

/**
 * Resolves when the server has accepted this many connections. Node accepts one connection in a tick of its event loop
 * (libuv 1.46). The first connections make the ticks long, so the others would wait for many seconds. Therefore the
 * generator's process group is stopped while connections wait: then the server has nothing to do but to accept them.
 */
async function waitUntilAccepted(
  connections: number,
  port: number,
  leader: number,
  timeoutS: number,
  signal: AbortSignal,
): Promise<void> {
  const readState = (): AcceptState => connectionsTo(port, leader);
  const endMs = performance.now() + timeoutS * 1000;
  for (let state = readState(); state.open - state.waiting < connections; state = readState()) {
    if (performance.now() > endMs)
      failWith(`only ${state.open - state.waiting} of its ${connections} connections are open`);
    signalProcessGroup(leader, "SIGSTOP");
    while (readState().waiting > 0 && performance.now() < endMs) await delay(10, undefined, { signal });
    signalProcessGroup(leader, "SIGCONT");
    await delay(runBetweenStopsMs, undefined, { signal });
  }
}

function failWith(sentence: string): never {
  throw new RunError(sentence);
}

/** The promise that settles first. Rejections of the others are ignored. */
function raceQuietly<T>(promises: readonly Promise<T>[]): Promise<T> {
  for (const promise of promises) promise.catch(() => undefined);
  return Promise.race(promises);
}

/**
 * Throws a RunError where the generator failed or reported errors, or where its count is not the server's. Exported for
 * its tests.
 */
export function checkExit(
  end: SubprocessExit,
  { readOutput, countTolerance = 0.1 }: Pick<Generator, "readOutput" | "countTolerance">,
  serverCount: number,
): void {
  if (end.code !== 0) failWith(`it ended with code ${end.code}: ${failureReason(end)}`);
  const { roundTrips, errors } = readOutput(end.out);
  if (errors > 0) failWith(`it reported ${errors} errors among ${roundTrips} round trips`);
  if (!(Math.abs(roundTrips - serverCount) <= countTolerance * serverCount))
    failWith(`it counted ${roundTrips} round trips, but the server counted ${serverCount}`);
}
