import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startChild, type Child } from "../../scenarios/system/ipc.ts";
import type { Address } from "../../scenarios/contract.ts";
import { RunError } from "../../scenarios/lib/errors.ts";
import {
  failureReason,
  runSubprocess,
  signalProcessGroup,
  type SubprocessExit,
} from "../../scenarios/system/subprocess.ts";
import { openNamespace } from "../../scenarios/system/network-namespace.ts";
import type { ServerCalls, ServerState } from "../../scenarios/load/server-process.ts";
import { connectionsTo, type AcceptState } from "./accepted-connections.ts";
import { machineCpuUs, threadsOf, usedUs, type Threads } from "./thread-cpu.ts";
import type { Generator, GeneratorLoad } from "./generator.ts";
import type { ComparedTool } from "./groups.ts";
import { loadTransport, optionsFor, transportLabel } from "../../scenarios/transports/load-transport.ts";

/** What a peer used for what it did. */
export interface ToolCost {
  roundTrips: number;
  seconds: number;
  /** CPU time of the generator, user and system, of all its processes. */
  cpuUs: number;
  serverCpuUs: number;
  /** CPU time that others used: other programs, and what the host of a virtual machine took. */
  foreignCpuUs: number;
}

/** How hard, and for how long it is looked at. */
export type ToolLoad = Pick<GeneratorLoad, "connections" | "ratePerS"> & { windowS: number };

/** From the first answer to when all connections are open, at most, unless a generator is known to take longer. */
const openS = 5;
/** How long a generator goes on between two stops of which each lasts until the server has accepted all that wait. */
const goingMs = 100;
/** From then to the window: by then what is compiled on the way has been. */
const warmupS = 3;
/** From the end of the window to the end of the generator, so that its end is never in it. */
const restS = 1;
/** How long a generator may take to begin, and to end after it should have. */
const timeoutMs = 20_000;
/**
 * Runs one generator against a server process of its own, both in one network namespace where that can be had, and reads, twice, the CPU
 * time of all threads of the generator and the server's own count: the first time when it is warm, the second `windowS` later. So every
 * generator is judged by the same clock and the same count, and none by what it says of itself; that is read only to see that it agrees.
 * Rejects with a RunError where the generator fails, opens fewer connections, says that it had errors, or says otherwise than the server.
 */
export async function measureTool(tool: ComparedTool, pressure: ToolLoad, signal: AbortSignal): Promise<ToolCost> {
  signal.throwIfAborted();
  const scratch = mkdtempSync(join(tmpdir(), "peers-"));
  const network = await openNamespace();
  const server = startChild<ServerCalls>(
    `the ${transportLabel(tool.hosts)} server`,
    new URL("../../scenarios/load/server-process.js", import.meta.url),
    network?.execPrefix,
  );
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  try {
    const options = optionsFor(await loadTransport(tool.hosts), { idleMs: 600_000, heartbeatMs: 600_000 });
    const [address] = await server.call("serve", { transport: tool.hosts, app: "echo", options });
    const enter = network?.execPrefix ?? [];
    const { opensWithinS = openS } = tool;
    const seconds = opensWithinS + warmupS + pressure.windowS + restS;
    const load = await loadOn(address!, tool, pressure, seconds, enter, until);
    for (const [name, text] of Object.entries(tool.files?.(load) ?? {})) writeFileSync(join(scratch, name), text);

    let leader = 0;
    const started = (pid: number): void => void (leader = pid);
    const ended = runSubprocess([...enter, ...tool.command(load)], scratch, until, { abortWith: "SIGKILL", started });
    const early = ended.then((end) => fail(`it ended before it was measured: ${failureReason(end)}`));
    const open = (): Promise<void> => haveAllAccepted(pressure.connections, load.port, leader, opensWithinS, until);
    const watched = watch(server, tool, open, () => threadsOf(leader), pressure.windowS);
    const cost = await firstOf([watched, early, server.ended]);
    const late = delay(timeoutMs, undefined, { signal: until }).then(() => fail("it does not end"));
    const end = await firstOf([ended, late, server.ended]);
    const { traffic } = await server.call("snapshot", undefined);
    checkExit(end, tool, traffic ? tool.messagesCounted(traffic) : NaN);
    if (tool.visits && traffic?.emptyPollBytes !== 0) fail("the server had nothing for some of its asks");
    return cost;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    over.abort();
    await server.kill();
    network?.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The load, with something to ask for where a polling server hosts. */
async function loadOn(
  { host, port }: Address,
  { visits }: ComparedTool,
  { connections, ratePerS }: ToolLoad,
  seconds: number,
  enter: readonly string[],
  until: AbortSignal,
): Promise<GeneratorLoad> {
  const load = { host, port, path: "/", connections, ratePerS, seconds };
  if (!visits) return load;
  const program = fileURLToPath(new URL("./seed-message.js", import.meta.url));
  const visited = await runSubprocess([...enter, process.execPath, program, JSON.stringify(load)], ".", until);
  if (visited.code !== 0) fail(`nothing could be put there for it to ask for: ${failureReason(visited)}`);
  return { ...load, path: visited.out };
}

/** A moment of both sides. The server is asked first: its answer comes a turn of its event loop late, in both moments alike. */
interface Moment {
  server: ServerState;
  threads: Threads;
  everybodysUs: number;
}

async function watch(
  server: Child<ServerCalls>,
  { roundTrips }: ComparedTool,
  open: () => Promise<void>,
  threads: () => Threads,
  windowS: number,
): Promise<ToolCost> {
  const moment = async (): Promise<Moment> => ({
    server: await server.call("snapshot", undefined),
    threads: threads(),
    everybodysUs: machineCpuUs(),
  });
  const seen = ({ server: { traffic } }: Moment): number => (traffic ? roundTrips(traffic) : NaN);
  const atFirst = seen(await moment());
  for (const giveUpMs = performance.now() + timeoutMs; seen(await moment()) === atFirst; await delay(50))
    if (performance.now() > giveUpMs) fail(`the server heard nothing from it in ${timeoutMs / 1000} s`);
  await open();
  await delay(warmupS * 1000);
  const before = await moment();
  await delay(windowS * 1000);
  const after = await moment();
  const cpuUs = usedUs(before.threads, after.threads);
  const serverCpuUs = after.server.usage!.cpuUs - before.server.usage!.cpuUs;
  return {
    roundTrips: seen(after) - seen(before),
    seconds: (after.server.usage!.atUs - before.server.usage!.atUs) / 1e6,
    cpuUs,
    serverCpuUs,
    foreignCpuUs: Math.max(0, after.everybodysUs - before.everybodysUs - cpuUs - serverCpuUs),
  };
}

/**
 * Resolves when the server has accepted so many connections. Node accepts one in a turn of its event loop (libuv 1.46), and where the first of
 * them load it, turns are long and the others wait for many seconds: so the generator, a group of processes, is stopped as long as there are
 * such, and the server has nothing to do but to accept them.
 */
async function haveAllAccepted(
  wanted: number,
  port: number,
  leader: number,
  withinS: number,
  signal: AbortSignal,
): Promise<void> {
  const opened = (): AcceptState => connectionsTo(port, leader);
  const giveUpMs = performance.now() + withinS * 1000;
  for (let now = opened(); now.open - now.waiting < wanted; now = opened()) {
    if (performance.now() > giveUpMs) fail(`only ${now.open - now.waiting} of its ${wanted} connections are open`);
    signalProcessGroup(leader, "SIGSTOP");
    while (opened().waiting > 0 && performance.now() < giveUpMs) await delay(10, undefined, { signal });
    signalProcessGroup(leader, "SIGCONT");
    await delay(goingMs, undefined, { signal });
  }
}

function fail(sentence: string): never {
  throw new RunError(sentence);
}

/** The one that settles first; of the others nobody has to know how they end. */
function firstOf<T>(promises: readonly Promise<T>[]): Promise<T> {
  for (const promise of promises) promise.catch(() => undefined);
  return Promise.race(promises);
}

/** Throws a RunError where the generator was not content, or where its count is not what the server counted. Exported for its tests. */
export function checkExit(
  end: SubprocessExit,
  { read, countsWithin = 0.1 }: Pick<Generator, "read" | "countsWithin">,
  counted: number,
): void {
  if (end.code !== 0) fail(`it ended with code ${end.code}: ${failureReason(end)}`);
  const { roundTrips, errors } = read(end.out);
  if (errors > 0) fail(`it counts ${errors} errors among ${roundTrips} round trips`);
  if (!(Math.abs(roundTrips - counted) <= countsWithin * counted))
    fail(`it counts ${roundTrips} round trips, but the server ${counted}`);
}
