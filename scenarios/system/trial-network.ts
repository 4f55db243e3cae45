import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { errorMessage } from "../lib/errors.ts";
import {
  clientHost,
  clientRange,
  probeClient,
  serverRange,
  type NetworkBackend,
  type NetworkConditions,
} from "../lib/network-conditions.ts";
import type { EmulatorCalls, EmulatorState } from "./emulator-process.ts";
import { startChild, type Child } from "./ipc.ts";
import { openNamespace, type NetworkNamespace } from "./network-namespace.ts";
import { readProc } from "../lib/processes.ts";
import { pathDevice } from "./tun-device.ts";

/** The network of a trial: where its servers and its clients run, and the path between them. */
export interface TrialNetwork {
  servers: NetworkNamespace;
  clients: NetworkNamespace;
  /** The process that is the path. Its death ends the trial. */
  emulator: Child<EmulatorCalls>;
  /** State of the path now, with the packets that its devices lost on their own. */
  state(): Promise<PathState>;
  close(): Promise<void>;
}

/** State of the path at a moment. */
export interface PathState extends EmulatorState {
  /** Packets that waited for the emulator in vain, since it was too slow. */
  overrun: number;
}

/** What a trial asks of its network. */
export interface NetworkRequest {
  conditions: NetworkConditions;
  by: NetworkBackend;
  /** Seed of everything that is drawn. */
  seed: number;
}

/** Packets that may wait for the emulator at one end. */
const deviceQueue = 100_000;

const run = promisify(execFile);

/** Runs shell commands inside a namespace. Throws with what they printed. */
async function runInside({ execPrefix: [program, ...words] }: NetworkNamespace, commands: string): Promise<string> {
  try {
    return (await run(program!, [...words, "sh", "-ec", commands])).stdout;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`cannot set up the network of the trial: ${(stderr ?? errorMessage(error)).trim()}`, {
      cause: error,
    });
  }
}

/**
 * Routes of one side. Every address of `own` is this host's without being listed (AnyIP), and what goes to `other` takes
 * the path. Segments leave one by one: a path that loses a large one at once would lose more than was asked.
 */
function endCommands(own: string, other: string, source: string, { congestionControl }: NetworkConditions): string {
  return [
    `ip link set ${pathDevice} mtu 1500 txqueuelen ${deviceQueue} gso_max_segs 1 up`,
    `ip route add local ${own} dev lo`,
    `ip route add ${other} dev ${pathDevice} src ${source}`,
    `echo ${congestionControl} > /proc/sys/net/ipv4/tcp_congestion_control`,
  ].join("\n");
}

/**
 * Lets the emulator run before all other programs (SCHED_RR, sched(7)), where this user may. Otherwise it runs like them,
 * and the row says how late it was.
 */
async function prefer(pid: number): Promise<void> {
  await run("chrt", ["--rr", "--pid", "1", String(pid)]).catch(() => undefined);
}

/** Opens two namespaces with a path between them. Rejects where the system does not allow it. */
export async function openNetwork({ conditions, seed }: NetworkRequest): Promise<TrialNetwork> {
  const servers = await openNamespace();
  const clients = servers && (await openNamespace(servers));
  if (!clients) {
    servers?.close();
    throw new Error("this system allows no network namespaces");
  }
  const emulator = startChild<EmulatorCalls>(
    "the network emulator",
    new URL("emulator-process.js", import.meta.url),
    servers.execPrefix,
  );
  async function close(): Promise<void> {
    await emulator.kill();
    servers!.close();
    clients!.close();
  }
  try {
    await Promise.race([emulator.call("open", { clientNamespace: clients.pid, conditions, seed }), emulator.ended]);
    await prefer(emulator.pid);
    await runInside(servers, endCommands(serverRange, clientRange, "10.77.0.1", conditions));
    await runInside(clients, endCommands(clientRange, serverRange, clientHost(probeClient), conditions));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    servers,
    clients,
    emulator,
    async state() {
      const overrun = [servers, clients].reduce((sum, { pid }) => sum + deviceDrops(pid), 0);
      return { ...(await emulator.call("state", undefined)), overrun };
    },
    close,
  };
}

/** Packets that the path's device in the namespace of this process dropped before anybody read them. */
function deviceDrops(pid: number): number {
  const line = readProc(`/proc/${pid}/net/dev`)
    ?.split("\n")
    .find((each) => each.trim().startsWith(`${pathDevice}:`));
  return Number(line?.trim().split(/\s+/)[12] ?? 0);
}
