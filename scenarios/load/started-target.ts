import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import type { Address } from "../contract.ts";
import type { Target } from "../definitions/target.ts";
import { accepts, untilTrue } from "../lib/accepting.ts";
import { placeOf } from "../lib/addresses.ts";
import { excerpt } from "../lib/errors.ts";
import { ProgramEnd, startProgram, untilReady } from "../lib/external-program.ts";
import { boundUdpPorts, listeningPorts } from "../system/listening-ports.ts";
import { processGroupUsage, type ProcessUsage } from "../system/process-usage.ts";
import { processesWith } from "../system/program-usage.ts";

/** Variable by which processes are found that have left the group of their command. */
const mark = "TRANSPORT_BENCH_TRIAL";
/** Milliseconds for which a UDP port must have been bound where nothing accepts TCP connections at its number. */
const udpGraceMs = 500;

/** Milliseconds in which nothing accepts any more at the address of a server that was killed. */
const killMs = 1_000;

/** A server that is none of ours, on this machine, as the server process of a trial measures it. */
export interface TargetServer {
  /** Undefined where the system does not report it. */
  usage(): ProcessUsage | undefined;
  /** Rejects with a sentence when the server ends before `close`; otherwise stays pending. */
  ended: Promise<never>;
  /** Ends what was started here. Resolves when it has ended. */
  close(): Promise<void>;
}

/**
 * Starts a server by a shell command and waits, for 10 s at most, until every address accepts. It is ended with SIGTERM
 * and, 2 s later, SIGKILL, together with all that it has started. Rejects with one sentence where something listens
 * there before, and where the command ends or does not accept.
 */
export async function startTarget(
  { addresses, folder = process.cwd() }: Pick<Target, "addresses" | "folder">,
  command: string,
  limitMs?: number,
): Promise<TargetServer> {
  for (const address of addresses) await assertFree(address);
  const portsBefore = listeningPorts();
  const isAccepting = acceptingProbe();
  const id = randomUUID();
  const removeRest = restOf(`${mark}=${id}`, addresses);
  const program = startProgram({
    commandLine: ["sh", "-c", command],
    name: `"${excerpt(command)}"`,
    folder,
    environment: { ...process.env, [mark]: id },
  });
  const where = addresses.map(placeOf).join(", ");
  const late = (within: string): string =>
    `${program.name} has not accepted connections at ${where} ${within}${program.lastOutput()}. ${elsewhere(portsBefore)}.`;
  const ready = (signal: AbortSignal): Promise<unknown> =>
    Promise.all(addresses.map((address) => untilTrue(() => isAccepting(address), signal)));
  await untilReady(program, ready, late, limitMs).catch(async (error: unknown) => {
    await removeRest();
    throw withAdvice(error, folder, `It must accept connections at ${where} until it is ended: try it in a shell`);
  });
  const ended = program.ended.catch((error: unknown) => {
    throw withAdvice(error, folder);
  });
  ended.catch(() => undefined);
  async function close(): Promise<void> {
    await program.stop();
    await removeRest();
  }
  return { usage: () => processGroupUsage(program.group), ended, close };
}

/**
 * What a command leaves behind when its group has ended, to be called then: kills processes that have left the group,
 * waits until nothing accepts, and removes the files of Unix sockets that were not there before. A server that is killed
 * leaves its file, and the next one could not listen.
 */
function restOf(variable: string, addresses: readonly Address[]): () => Promise<void> {
  const paths = addresses.flatMap(({ socketPath }) => socketPath ?? []).filter((path) => !existsSync(path));
  return async () => {
    for (const pid of processesWith(variable)) killProcess(pid);
    const limit = AbortSignal.timeout(killMs);
    for (const address of addresses) await untilTrue(async () => !(await accepts(address)), limit);
    for (const path of paths) rmSync(path, { force: true });
  };
}

/** Throws where something else listens at the address. */
async function assertFree(address: Address): Promise<void> {
  const taken = address.protocol === "udp" ? boundUdpPorts()?.has(address.port) : await accepts(address);
  if (taken)
    throw new Error(
      `something already listens at ${placeOf(address)}, and --start would measure that: end it, or take another port in --start and in --target.`,
    );
}

/**
 * A test whether a server accepts at an address. A UDP server cannot be asked: its port must be bound, and nothing may
 * accept TCP connections there for a while. Where the system does not tell, the while alone counts.
 */
function acceptingProbe(): (address: Address) => Promise<boolean> {
  const udpBefore = boundUdpPorts();
  const boundSinceMs = new Map<Address, number>();
  return async (address) => {
    if (address.protocol !== "udp" && (await accepts(address))) return true;
    const ports = boundUdpPorts();
    const bound = ports ? ports.has(address.port) && !udpBefore?.has(address.port) : address.protocol === "udp";
    if (!bound || address.socketPath !== undefined) return false;
    if (!boundSinceMs.has(address)) boundSinceMs.set(address, performance.now());
    return performance.now() - boundSinceMs.get(address)! >= udpGraceMs;
  };
}

/** A sentence about the ports at which programs listen that did not before, with a remedy. */
function elsewhere(before: ReadonlySet<number> | undefined): string {
  const ports = [...(listeningPorts() ?? [])].filter((port) => !before?.has(port));
  if (ports.length > 0 && before)
    return `It listens at port ${ports.join(", ")}: write the same address in --start and in --target`;
  return "It listens at no other port: try it in a shell";
}

/** Adds a remedy to the end of a command, by the exit codes of a POSIX shell. `otherwise` is that of the others. */
function withAdvice(error: unknown, folder: string, otherwise?: string): unknown {
  if (!(error instanceof ProgramEnd)) return error;
  const advice: Record<number, string> = {
    0: "It must stay in the foreground until it is ended: leave out the & and the option that makes it a daemon",
    126: "It is no program, or chmod +x has to make it executable",
    127: `Is the program installed, or its path right from ${folder}?`,
  };
  const text = advice[error.code ?? -1] ?? otherwise;
  if (text === undefined) return error;
  return new Error(`${error.message.replace(/\.$/, "")}. ${text}${text.endsWith("?") ? "" : "."}`, { cause: error });
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
