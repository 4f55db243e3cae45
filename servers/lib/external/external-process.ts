import { spawn } from "node:child_process";
import { connect, createServer, type AddressInfo, type Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, Options, Serve, Server } from "../../../scenarios/contract.ts";
import { watchGroup } from "../../../scenarios/lib/group-watchdog.ts";
import { cannotListen } from "../hosting/listen.ts";

/** Parameters for the command line of an external server. */
export interface StartParameters {
  /** Addresses to listen on. Each has a port that was free a moment ago. */
  addresses: readonly Address[];
  /** Name of the application to host: "echo", "chat" or "sink". */
  app: string;
  options: Options;
}

/** Milliseconds until a program must accept connections at every address. */
const startMs = 10_000;
/** Milliseconds from SIGTERM until a program is killed. */
const stopMs = 2_000;
/** Characters of a program's output that are kept, the last ones. */
const maxOutputCharacters = 4_096;

/**
 * The server half of a transport whose server is a program in any language. The program is started for each trial and
 * must accept TCP connections at every address within 10 s. It is ended with SIGTERM and, 2 s later, SIGKILL to its
 * whole process group. Rejects with its last line of output when it does not start.
 */
export function serveExternalProcess(commandLine: (parameters: StartParameters) => readonly string[]): Serve {
  return async function serve(_app, options, app): Promise<Server> {
    if (app === undefined) throw new Error("an external server hosts only applications that have a name");
    const addresses = await freeAddresses(options);
    const program = start(commandLine({ addresses, app, options }));
    const starting = new AbortController();
    const accepting = Promise.all(addresses.map((address) => untilAccepting(address, starting.signal)));
    const tooLate = delay(startMs, undefined, { signal: starting.signal }).then(() => {
      const where = addresses.map(({ host, port }) => `${host}:${port}`).join(", ");
      throw new Error(
        `${program.name} has not accepted connections at ${where} within ${startMs / 1000} s${program.lastOutput()}`,
      );
    });
    try {
      await Promise.race([accepting, program.ended, tooLate]);
    } catch (error) {
      await program.kill();
      throw error;
    } finally {
      starting.abort();
      tooLate.catch(() => undefined);
    }
    return {
      addresses,
      traffic: () => undefined,
      program: { group: program.group, ended: program.ended },
      close: program.stop,
    };
  };
}

/** A running program. */
interface Program {
  name: string;
  /** Id of its process group. */
  group: number;
  /** Rejects with a sentence when the program ends before it is stopped; otherwise stays pending. */
  ended: Promise<never>;
  /**
   * End of a sentence: a colon and the last line of output that names an error, or the last line. Empty where there is
   * no output.
   */
  lastOutput(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

function start(commandLine: readonly string[]): Program {
  const [name = "", ...args] = commandLine;
  const child = spawn(name, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const group = child.pid ?? 0;
  const ends: Promise<unknown>[] = [new Promise((resolve) => child.once("close", resolve).once("error", resolve))];
  let kill = (): void => undefined;
  if (group > 0) {
    const watchdog = watchGroup(group);
    ends.push(watchdog.ended);
    kill = watchdog.kill;
  }

  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (output = `${output}${String(chunk)}`.slice(-maxOutputCharacters)));
  const lastOutput = (): string => {
    const lines = output.trim().split("\n");
    const last = lines.findLast((line) => /^\S*(Error|Exception)\b/.test(line)) ?? lines.at(-1)!;
    return last && `: ${last.trim()}`;
  };

  let stopping = false;
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
    child.once("exit", () => kill()); // also the processes that it has started
    child.once("close", (code, signal) => {
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
      if (!stopping) reject(new Error(`${commandLine.join(" ")} ${how}${lastOutput()}`));
    });
  });
  ended.catch(() => undefined);

  return {
    name: commandLine.join(" "),
    group,
    ended,
    lastOutput,
    async stop() {
      stopping = true;
      if (group > 0 && child.exitCode === null && child.signalCode === null) process.kill(-group, "SIGTERM");
      const timer = setTimeout(kill, stopMs);
      await Promise.all(ends);
      clearTimeout(timer);
    },
    async kill() {
      stopping = true;
      kill();
      await Promise.all(ends);
    },
  };
}

/**
 * Finds a free port at each host of the options, or checks the port that they name. Rejects with one sentence when it
 * is not free.
 */
async function freeAddresses({ host, additionalHosts = [], port }: Options): Promise<Address[]> {
  const hosts = [host, ...additionalHosts];
  const listeners: NetServer[] = [];
  try {
    for (const address of hosts) {
      const listener = createServer();
      await new Promise<void>((resolve, reject) => {
        listener.once("error", (error) => reject(cannotListen(error, address, port))).listen(port, address, resolve);
      });
      listeners.push(listener);
    }
    return listeners.map((listener, i) => ({ host: hosts[i]!, port: (listener.address() as AddressInfo).port }));
  } finally {
    await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  }
}

/** Resolves when a connection to the address is accepted, or `signal` aborts. */
async function untilAccepting(address: Address, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await canConnect(address))) await delay(20);
}

function canConnect({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.resume().end().unref(); // end with a FIN, as a client does, not with a reset
      resolve(true);
    });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on("error", () => resolve(false));
  });
}

/** True if a program can be started with these arguments and ends with code 0. */
export function runsSuccessfully(program: string, ...args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
