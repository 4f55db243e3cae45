import { readProc } from "../lib/processes.ts";

/** State of a TCP socket that listens, as /proc/net/tcp writes it. */
const listening = "0A";

/**
 * Ports at which programs accept TCP connections in the network namespace of this process, or of the one with this id.
 * Undefined on systems other than Linux. `proc` is the kernel's folder, for tests.
 */
export function listeningPorts(proc = "/proc", pid: number | "self" = "self"): ReadonlySet<number> | undefined {
  return portsIn("tcp", (state) => state === listening, proc, pid);
}

/** Ports to which UDP sockets of this network namespace are bound. Undefined on systems other than Linux. */
export function boundUdpPorts(proc = "/proc"): ReadonlySet<number> | undefined {
  return portsIn("udp", () => true, proc, "self");
}

/**
 * Local ports in the tables of IPv4 and IPv6. A line is `0: 0100007F:1F90 00000000:0000 0A ...`: number, local address
 * and port, remote ones, state, in hexadecimal.
 */
function portsIn(
  protocol: "tcp" | "udp",
  counts: (state: string) => boolean,
  proc: string,
  pid: number | "self",
): ReadonlySet<number> | undefined {
  const tables = [protocol, `${protocol}6`].map((name) => readProc(`${proc}/${pid}/net/${name}`));
  if (tables.every((table) => table === undefined)) return undefined;
  const lines = tables.flatMap((table = "") => table.trim().split("\n").slice(1));
  const sockets = lines.map((line) => line.trim().split(/\s+/));
  return new Set(
    sockets
      .filter(([, , , state = ""]) => counts(state))
      .map(([, local = ""]) => Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16)),
  );
}
