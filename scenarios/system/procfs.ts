import { readdirSync, readFileSync } from "node:fs";

/** What the kernel counted in this process's network namespace. Undefined off Linux. */
export interface NetCounters {
  /** TCP segments sent by either end, first time and again. */
  segments: number;
  retransmissions: number;
  /** Bytes of IP packets sent, headers included. */
  octets: number;
  /** Connections that found the accept queue full. */
  listenOverflows: number;
  /** Packets that found a CPU's queue of incoming packets full and were lost; on loopback those are what somebody sent. Of the machine. */
  netdevBacklogDrops: number;
}

/** Reads the counters of this process's network namespace (/proc/self/net): about 60 us. */
export function netCounters(): NetCounters | undefined {
  const snmp = readProc("/proc/self/net/snmp");
  const netstat = readProc("/proc/self/net/netstat");
  if (snmp === undefined || netstat === undefined) return undefined;
  const tcp = counters(snmp, "Tcp");
  return {
    segments: tcp("OutSegs") + tcp("RetransSegs"),
    retransmissions: tcp("RetransSegs"),
    octets: counters(netstat, "IpExt")("OutOctets"),
    listenOverflows: counters(netstat, "TcpExt")("ListenOverflows"),
    netdevBacklogDrops: backlogDropsIn(readProc("/proc/self/net/softnet_stat") ?? ""),
  };
}

/** Packets that the queues of all CPUs had no place for, in the text of softnet_stat: the second hexadecimal number of each line. */
export function backlogDropsIn(softnet: string): number {
  const lines = softnet.trim().split("\n");
  return lines.reduce((sum, line) => sum + Number.parseInt(line.split(" ")[1] ?? "0", 16), 0);
}

/** Microseconds that this process's main thread was ready to run and had no CPU (schedstat); undefined off Linux. */
export function runDelayUs(): number | undefined {
  const text = readProc("/proc/self/schedstat");
  return text === undefined ? undefined : Number(text.split(" ")[1]) / 1000;
}

/**
 * What the processes of a group have used together: CPU time, to 10 ms, with that of children they have waited for, and resident memory.
 * Undefined off Linux, and where there are none.
 */
export function readGroupUsage(group: number): { cpuUs: number; rssBytes: number } | undefined {
  let used: { cpuUs: number; rssBytes: number } | undefined;
  for (const pid of numericEntries("/proc")) {
    const [, , itsGroup, ...rest] = statFields(readProc(`/proc/${pid}/stat`) ?? "");
    if (Number(itsGroup) !== group) continue;
    const ticks = rest.slice(8, 12).reduce((sum, each) => sum + Number(each), 0);
    const residentKib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? "")?.[1] ?? 0);
    used = { cpuUs: (used?.cpuUs ?? 0) + ticks * tickUs, rssBytes: (used?.rssBytes ?? 0) + residentKib * 1024 };
  }
  return used;
}

/** Fields of /proc/PID/stat after the program's name, the state first. The name may contain blanks and brackets (proc_pid_stat(5)). */
export function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Numeric names in a folder of /proc: process ids or thread ids. None off Linux, and none where the process has ended. */
export function numericEntries(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Length of the kernel's accounting tick in microseconds: USER_HZ is 100 on every Linux that Node runs on. */
const tickUs = 10_000;

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

/** Ports that the kernel gives to connections to one address and port: ip_local_port_range; null off Linux. */
export function portsPerAddress(): number | null {
  const [first, last] = readProc("/proc/sys/net/ipv4/ip_local_port_range")?.trim().split(/\s+/).map(Number) ?? [];
  return first === undefined || last === undefined ? null : last - first + 1;
}

/** Length of TIME_WAIT on Linux: TCP_TIMEWAIT_LEN, which cannot be changed. */
const linuxTimeWaitMs = 60_000;
/** After so long a connection to the same address may take the port, where the system allows it: tcp_tw_reuse_delay, or its only value before. */
const reuseMs = 1_000;

/**
 * Milliseconds for which the port of a loopback connection that its own side has closed first is not taken again: net.ipv4.tcp_tw_reuse, which
 * is 2, for loopback only, unless somebody has set it. Undefined off Linux.
 */
export function timeWaitMs(): number | undefined {
  const reuse = readProc("/proc/sys/net/ipv4/tcp_tw_reuse")?.trim();
  if (reuse === undefined) return undefined;
  return reuse === "0" ? linuxTimeWaitMs : Number(readProc("/proc/sys/net/ipv4/tcp_tw_reuse_delay")?.trim() ?? reuseMs);
}

/** A lookup in one of the two-line tables of /proc/net: names on the first line, values on the second. */
function counters(text: string, table: string): (name: string) => number {
  const [names, values] = text.split("\n").filter((line) => line.startsWith(`${table}:`));
  const at = names?.split(" ") ?? [];
  const numbers = values?.split(" ") ?? [];
  return (name) => Number(numbers[at.indexOf(name)] ?? NaN);
}

/** Text of a file of the kernel. Undefined where there is none: off Linux, or the process has ended. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
