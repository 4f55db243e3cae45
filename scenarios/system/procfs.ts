import { readProc, tickUs } from "../lib/processes.ts";

/** Counters of the kernel for this process's network namespace. */
export interface NetCounters {
  /** TCP segments sent by both ends, retransmissions included. */
  segments: number;
  retransmissions: number;
  /** Bytes of IP packets sent, headers included. */
  octets: number;
  /** Connections that met a full accept queue. */
  listenOverflows: number;
  /**
   * Packets dropped since a CPU's queue of incoming packets was full, which on loopback are packets of a sender here.
   * Counts the whole machine.
   */
  netdevBacklogDrops: number;
}

/**
 * Reads /proc/self/net, which takes about 60 us. Undefined on systems other than Linux. `proc` is the kernel's folder,
 * for tests. `of`: a process in another network namespace, in place of this one.
 */
export function netCounters(proc = "/proc", of: number | "self" = "self"): NetCounters | undefined {
  const snmp = readProc(`${proc}/${of}/net/snmp`);
  const netstat = readProc(`${proc}/${of}/net/netstat`);
  if (snmp === undefined || netstat === undefined) return undefined;
  const tcp = counters(snmp, "Tcp");
  return {
    segments: tcp("OutSegs") + tcp("RetransSegs"),
    retransmissions: tcp("RetransSegs"),
    octets: counters(netstat, "IpExt")("OutOctets"),
    listenOverflows: counters(netstat, "TcpExt")("ListenOverflows"),
    netdevBacklogDrops: backlogDropsIn(readProc(`${proc}/${of}/net/softnet_stat`) ?? ""),
  };
}

/** Counters of two namespaces together, except those of the whole machine. */
export function addNetCounters(one?: NetCounters, other?: NetCounters): NetCounters | undefined {
  if (!one || !other) return one;
  return {
    segments: one.segments + other.segments,
    retransmissions: one.retransmissions + other.retransmissions,
    octets: one.octets + other.octets,
    listenOverflows: one.listenOverflows + other.listenOverflows,
    netdevBacklogDrops: one.netdevBacklogDrops,
  };
}

/** Dropped packets of all CPUs in the text of softnet_stat: the second hexadecimal number of each line. */
export function backlogDropsIn(softnet: string): number {
  const lines = softnet.trim().split("\n");
  return lines.reduce((sum, line) => sum + Number.parseInt(line.split(" ")[1] ?? "0", 16), 0);
}

/**
 * Microseconds that this process's main thread was ready to run and had no CPU (schedstat). Undefined on systems other
 * than Linux. `proc` is the kernel's folder, for tests.
 */
export function runDelayUs(proc = "/proc"): number | undefined {
  const text = readProc(`${proc}/self/schedstat`);
  return text === undefined ? undefined : Number(text.split(" ")[1]) / 1000;
}

/** CPU time of all CPUs together since the machine started, in microseconds (proc_stat(5)). */
export interface MachineCpu {
  /** Time of programs (user, nice and system), and time that the host of a virtual machine took (steal). */
  programsUs: number;
  /** Time in interrupts, which belongs to no program (irq and softirq). */
  interruptsUs: number;
}

/** Reads the CPU time of the machine from /proc/stat. Undefined off Linux. `stat` is its text, for tests. */
export function machineCpu(stat = readProc("/proc/stat")): MachineCpu | undefined {
  if (stat === undefined) return undefined;
  const [user, nice, system, , , irq, softirq, steal] = stat
    .split("\n", 1)[0]!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { programsUs: (user! + nice! + system! + steal!) * tickUs, interruptsUs: (irq! + softirq!) * tickUs };
}

/** Microseconds for which all CPUs together were busy. Undefined off Linux. */
export function machineBusyUs(): number | undefined {
  const cpu = machineCpu();
  return cpu && cpu.programsUs + cpu.interruptsUs;
}

/** Congestion control that new connections of this machine have. "cubic" on systems other than Linux. */
export function usualCongestionControl(): string {
  return readProc("/proc/sys/net/ipv4/tcp_congestion_control")?.trim() ?? "cubic";
}

/** Congestion controls that the kernel has. Empty on systems other than Linux. */
export function congestionControls(): string[] {
  return readProc("/proc/sys/net/ipv4/tcp_available_congestion_control")?.trim().split(/\s+/) ?? [];
}

/** Local ports for connections to one address and port (ip_local_port_range). null on systems other than Linux. */
export function portsPerAddress(): number | null {
  const [first, last] = readProc("/proc/sys/net/ipv4/ip_local_port_range")?.trim().split(/\s+/).map(Number) ?? [];
  return first === undefined || last === undefined ? null : last - first + 1;
}

/** Length of TIME_WAIT on Linux: TCP_TIMEWAIT_LEN, a constant of the kernel. */
const linuxTimeWaitMs = 60_000;
/**
 * Milliseconds until a new connection may reuse a port in TIME_WAIT, if the system allows it: tcp_tw_reuse_delay, or
 * its fixed value in older kernels.
 */
const reuseMs = 1_000;

/**
 * Milliseconds until a port of a loopback connection can be used again after its own side has closed first. Depends on
 * net.ipv4.tcp_tw_reuse, whose default is 2 (loopback only). Undefined on systems other than Linux. `proc` is the
 * kernel's folder, for tests.
 */
export function timeWaitMs(proc = "/proc"): number | undefined {
  const reuse = readProc(`${proc}/sys/net/ipv4/tcp_tw_reuse`)?.trim();
  if (reuse === undefined) return undefined;
  return reuse === "0"
    ? linuxTimeWaitMs
    : Number(readProc(`${proc}/sys/net/ipv4/tcp_tw_reuse_delay`)?.trim() ?? reuseMs);
}

/** Looks up a counter in a two-line table of /proc/net, with names on the first line and values on the second. */
function counters(text: string, table: string): (name: string) => number {
  const [names, values] = text.split("\n").filter((line) => line.startsWith(`${table}:`));
  const columns = names?.split(" ") ?? [];
  const numbers = values?.split(" ") ?? [];
  return (name) => Number(numbers[columns.indexOf(name)] ?? NaN);
}
