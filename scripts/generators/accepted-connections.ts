import { readFileSync } from "node:fs";

/** Connections to a server: those that are open, and those of them that the kernel holds until the server accepts them. */
export interface AcceptState {
  open: number;
  waiting: number;
}

/** States of a socket in the kernel's table. */
const [established, listening] = ["01", "0A"];

/** Connections to a port in the network of a process (Linux); none where the process has ended. */
export function connectionsTo(port: number, pid: number): AcceptState {
  try {
    return countConnections(port, readFileSync(`/proc/${pid}/net/tcp`, "latin1"));
  } catch {
    return { open: 0, waiting: 0 };
  }
}

/** The same of a table as it is in /proc/net/tcp, where what a listening socket has received is what waits for it. Exported for its tests. */
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
