import { readProc } from "../../scenarios/lib/processes.ts";

/** Number of open connections to a server, and how many of them wait in the kernel until the server accepts them. */
export interface AcceptState {
  open: number;
  waiting: number;
}

/** Socket states in /proc/net/tcp. */
const [established, listening] = ["01", "0A"];

/** Reads the connections to a port in the network namespace of a process (Linux). None where the process has ended. */
export function connectionsTo(port: number, pid: number): AcceptState {
  return countConnections(port, readProc(`/proc/${pid}/net/tcp`) ?? "");
}

/**
 * Counts the connections to a port in the text of /proc/net/tcp. The receive queue of a listening socket is its number
 * of waiting connections. Exported for its tests.
 */
export function countConnections(port: number, table: string): AcceptState {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  let [open, waiting] = [0, 0];
  for (const line of table.split("\n").slice(1)) {
    const [, local, , state, queues] = line.trim().split(/\s+/);
    if (!local?.endsWith(`:${hexPort}`)) continue;
    if (state === established) open++;
    else if (state === listening) waiting += Number.parseInt(queues!.split(":")[1]!, 16);
  }
  return { open, waiting };
}
