import type { Address } from "../contract.ts";
import { isLoopback } from "../lib/addresses.ts";

/**
 * A server that is measured although it is none of ours. Plain data: it crosses a process border. It holds what was
 * given in confidence, so it is never written to a file as it is (see `describeTarget`).
 */
export interface Target {
  /** The URL as rows and messages show it: without a user, a password or the values of the query. */
  title: string;
  /** Name of the rows in place of the transport's. Default: the transport's name. */
  label?: string;
  /** Addresses at which clients connect in turn. Names have been looked up. */
  addresses: readonly Address[];
  /** Shell command that starts the server for each trial. Default: it runs already. */
  start?: string;
  /** Folder to start it in. Default: that of this process. */
  folder?: string;
  /** Process of this machine that is the server. Its CPU time and memory are measured, and its descendants'. Default: unknown. */
  pid?: number;
}

/** True if every trial starts the target, at addresses that it has also in a network of its own. */
export function startsInside({ start, addresses }: Target): boolean {
  return start !== undefined && addresses.every((each) => each.socketPath !== undefined || isLoopback(each));
}

/** True if every trial starts the target, and its clients connect over loopback, as those of our own servers do. */
export function startsOnLoopback({ start, addresses }: Target): boolean {
  return start !== undefined && addresses.every(isLoopback);
}

/** What a record of a run may say of a target: nothing that was given in confidence. */
export function describeTarget({ title, label, addresses, start, pid }: Target): object {
  return {
    title,
    ...(label !== undefined && { label }),
    addresses: addresses.map(({ host, port, socketPath }) => socketPath ?? `${host}:${port}`),
    ...(start !== undefined && { start }),
    ...(pid !== undefined && { pid }),
  };
}
