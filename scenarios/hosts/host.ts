import { chainClocks, clockEnvironment, clockIn, type LinearClock } from "../lib/clock.ts";
import { withoutProxies } from "../lib/proxies.ts";
import { startChild, type Child } from "../system/ipc.ts";
import type { NetworkNamespace } from "../system/network-namespace.ts";

/** The two kinds of process that take part in a trial. */
export type ProcessKind = "server" | "worker";

/** A machine that can run processes of a trial. */
export interface Host {
  /** "local", or what the agent is called. */
  name: string;
  /** Where clients of other hosts reach servers that listen there. Undefined: servers listen on loopback. */
  address: string | undefined;
  /** Starts a process. `title` names it in errors, such as "the ws server". */
  start<C extends object>(title: string, kind: ProcessKind): Child<C>;
}

const modules = { server: "../load/server-process.js", worker: "../load/worker-process.js" };

/**
 * Starts a process of a trial on this machine. Workers take no proxy. `clock` is that of the bench over the clock of this
 * process; default: they are one and the same.
 */
export function startLocal<C extends object>(
  title: string,
  kind: ProcessKind,
  { namespace, clock }: { namespace?: NetworkNamespace | undefined; clock?: LinearClock | undefined },
): Child<C> {
  const own = kind === "worker" ? withoutProxies(process.env) : process.env;
  const environment = clock ? { ...own, ...clockEnvironment(chainClocks(clockIn(own), clock)) } : own;
  return startChild<C>(title, new URL(modules[kind], import.meta.url), namespace?.execPrefix, environment);
}

/** This machine, with the processes in a network namespace where one is given. */
export function localHost(namespace?: NetworkNamespace): Host {
  return { name: "local", address: undefined, start: (title, kind) => startLocal(title, kind, { namespace }) };
}
