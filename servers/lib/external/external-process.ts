import { spawn } from "node:child_process";
import { connect, createServer, type AddressInfo, type Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, Options, Serve, Server } from "../../../scenarios/contract.ts";
import { cannotListen } from "../hosting/listen.ts";

/** What a server that is a program of its own is told as it is started. */
export interface StartParameters {
  /** Where it is to listen: each has a port that was free a moment ago. */
  addresses: readonly Address[];
  /** The name of the application that it is to host: "echo", "chat" or "sink". */
  app: string;
  options: Options;
}

/** How long a program may take until it accepts connections at every address. */
const startMs = 10_000;
/** How long a program may take to end after SIGTERM; then it is killed. */
const stopMs = 2_000;
/** So much of what a program says last is kept. */
const keptCharacters = 4_096;

/**
 * Kills a process group as soon as its standard input ends, which it does when whoever started it is gone, however that went. It is in a
 * group of its own.
 */
const watcher = (group: number): string => `trap "" TERM INT HUP; read -r _; kill -s KILL -- -${group}`;

/**
 * The server half of a transport whose server is another program, in any language: `words` makes the command line. The program is started for
 * each trial, has to accept TCP connections at every address within 10 s, and is ended with SIGTERM and, 2 s later, SIGKILL, together with
 * all that it started in its process group. Rejects with its last words where it does not come up.
 */
export function serveByCommand(words: (order: StartParameters) => readonly string[]): Serve {
  return async function serve(_app, options, app): Promise<Server> {
    if (app === undefined) throw new Error("a server that is another program hosts only applications that have a name");
    const addresses = await freeAddresses(options);
    const program = start(words({ addresses, app, options }));
    const patience = new AbortController();
    const accepting = Promise.all(addresses.map((address) => accepts(address, patience.signal)));
    const tooLate = delay(startMs, undefined, { signal: patience.signal }).then(() => {
      const where = addresses.map(({ host, port }) => `${host}:${port}`).join(", ");
      throw new Error(
        `${program.name} has not accepted connections at ${where} within ${startMs / 1000} s${program.lastWords()}`,
      );
    });
    try {
      await Promise.race([accepting, program.ended, tooLate]);
    } catch (error) {
      await program.kill();
      throw error;
    } finally {
      patience.abort();
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

/** A program that runs. */
interface Program {
  name: string;
  /** Its process group. */
  group: number;
  /** Rejects with a sentence when it ends before it is stopped; otherwise it stays pending. */
  ended: Promise<never>;
  /** The last line that names an error, or the last line, to end a sentence with; empty where it said nothing. */
  lastWords(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

function start(words: readonly string[]): Program {
  const [name = "", ...args] = words;
  const child = spawn(name, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const group = child.pid ?? 0;
  const over: Promise<unknown>[] = [new Promise((resolve) => child.once("close", resolve).once("error", resolve))];
  let kill = (): void => undefined;
  if (group > 0) {
    const guard = spawn("sh", ["-c", watcher(group)], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    over.push(new Promise((resolve) => guard.once("close", resolve).once("error", resolve)));
    guard.stdin.on("error", () => undefined);
    kill = () => void guard.stdin.destroy();
  }

  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (said = `${said}${String(chunk)}`.slice(-keptCharacters)));
  const lastWords = (): string => {
    const lines = said.trim().split("\n");
    const last = lines.findLast((line) => /^\S*(Error|Exception)\b/.test(line)) ?? lines.at(-1)!;
    return last && `: ${last.trim()}`;
  };

  let stopping = false;
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
    child.once("exit", () => kill()); // with what it has started
    child.once("close", (code, signal) => {
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
      if (!stopping) reject(new Error(`${words.join(" ")} ${how}${lastWords()}`));
    });
  });
  ended.catch(() => undefined);

  return {
    name: words.join(" "),
    group,
    ended,
    lastWords,
    async stop() {
      stopping = true;
      if (group > 0 && child.exitCode === null && child.signalCode === null) process.kill(-group, "SIGTERM");
      const timer = setTimeout(kill, stopMs);
      await Promise.all(over);
      clearTimeout(timer);
    },
    async kill() {
      stopping = true;
      kill();
      await Promise.all(over);
    },
  };
}

/** A free port at each address that the options name, or the port that they name. Rejects with one sentence where it cannot be had. */
async function freeAddresses({ host, additionalHosts = [], port }: Options): Promise<Address[]> {
  const hosts = [host, ...additionalHosts];
  const listeners: NetServer[] = [];
  try {
    for (const each of hosts) {
      const listener = createServer();
      await new Promise<void>((resolve, reject) => {
        listener.once("error", (error) => reject(cannotListen(error, each, port))).listen(port, each, resolve);
      });
      listeners.push(listener);
    }
    return listeners.map((listener, i) => ({ host: hosts[i]!, port: (listener.address() as AddressInfo).port }));
  } finally {
    await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  }
}

/** Resolves when somebody accepts a connection there, or `signal` aborts. */
async function accepts(address: Address, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await tries(address))) await delay(20);
}

function tries({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.resume().end().unref(); // as a client that leaves, not with a reset
      resolve(true);
    });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on("error", () => resolve(false));
  });
}

/** Whether a program can be run with these arguments, and ends well. */
export function runsSuccessfully(program: string, ...args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
