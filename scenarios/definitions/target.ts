import type { Address } from "../contract.ts";
import type { Dialect } from "../lib/dialect.ts";
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
  /** Name to look up at the beginning of each trial. Default: the addresses are numbers, or a socket's path. */
  hostname?: string;
  /** Addresses of this machine to connect from, in turn. Default: the system chooses. */
  from?: readonly string[];
  /** Addresses at which clients connect in turn. */
  addresses: readonly Address[];
  /** Conversation of the server. Default: ours. */
  dialect?: Dialect;
  /** What TLS negotiated with the server: version, cipher and key exchange. Default: there is none, or it is not known. */
  negotiated?: string;
  /** For each client a line of --data, by the names of its columns. Default: none. */
  data?: readonly Readonly<Record<string, string>>[];
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
export function describeTarget({ title, label, addresses, start, pid, dialect, negotiated }: Target): object {
  const { headers = {}, subprotocol, tls } = addresses[0]!;
  return {
    title,
    ...(dialect && { dialect: dialect.name }),
    ...(Object.keys(headers).length > 0 && { headers: Object.keys(headers) }),
    ...(subprotocol !== undefined && { subprotocol }),
    ...(tls && { tls: { servername: tls.servername, insecure: tls.insecure ?? false, negotiated } }),
    ...(label !== undefined && { label }),
    addresses: addresses.map(({ host, port, socketPath }) => socketPath ?? `${host}:${port}`),
    ...(start !== undefined && { start }),
    ...(pid !== undefined && { pid }),
  };
}
