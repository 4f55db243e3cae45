import { spawn } from "node:child_process";
import { createServer, type AddressInfo, type Server as NetServer } from "node:net";
import type { Address, Options, Serve, Server } from "../../../scenarios/contract.ts";
import { accepts, untilTrue } from "../../../scenarios/lib/accepting.ts";
import { authority } from "../../../scenarios/lib/addresses.ts";
import { startProgram, untilReady } from "../../../scenarios/lib/external-program.ts";
import { cannotListen, placesOf } from "../hosting/listen.ts";

/** Parameters for the command line of an external server. */
export interface StartParameters {
  /** Addresses to listen on. Each has a port that was free a moment ago. */
  addresses: readonly Address[];
  /** Name of the application to host: "echo", "chat" or "sink". */
  app: string;
  options: Options;
}

/**
 * The server half of a transport whose server is a program in any language. The program is started for each trial and
 * must accept TCP connections at every address within 10 s. It is ended with SIGTERM and, 2 s later, SIGKILL to its
 * whole process group. Rejects with its last line of output when it does not start.
 */
export function serveExternalProcess(commandLine: (parameters: StartParameters) => readonly string[]): Serve {
  return async function serve(_app, options, app): Promise<Server> {
    if (app === undefined) throw new Error("an external server hosts only applications that have a name");
    const addresses = await freeAddresses(options);
    const program = startProgram({ commandLine: commandLine({ addresses, app, options }) });
    const where = addresses.map(authority).join(", ");
    const accepting = (signal: AbortSignal): Promise<unknown> =>
      Promise.all(addresses.map((address) => untilTrue(() => accepts(address), signal)));
    const late = (within: string): string =>
      `${program.name} has not accepted connections at ${where} ${within}${program.lastOutput()}`;
    await untilReady(program, accepting, late);
    return {
      addresses,
      traffic: () => undefined,
      program: { group: program.group, ended: program.ended },
      close: program.stop,
    };
  };
}

/**
 * Finds a free port at each host of the options, or checks the port that they name. Rejects with one sentence when it
 * is not free.
 */
async function freeAddresses(options: Options): Promise<Address[]> {
  const places = placesOf(options);
  const listeners: NetServer[] = [];
  try {
    for (const { host, port } of places) {
      const listener = createServer();
      await new Promise<void>((resolve, reject) => {
        listener.once("error", (error) => reject(cannotListen(error, host, port))).listen(port, host, resolve);
      });
      listeners.push(listener);
    }
    return listeners.map((listener, i) => ({ host: places[i]!.host, port: (listener.address() as AddressInfo).port }));
  } finally {
    await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  }
}

/** True if a program can be started with these arguments and ends with code 0. */
export function runsSuccessfully(program: string, ...args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
