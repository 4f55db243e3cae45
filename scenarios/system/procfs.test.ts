import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { backlogDropsIn, machineCpu, netCounters, readGroupUsage, runDelayUs } from "./procfs.ts";
import { until } from "../lib/until.ts";

/** A folder in the place of /proc. */
let proc: string;

beforeEach(() => (proc = mkdtempSync(join(tmpdir(), "proc-"))));
afterEach(() => rmSync(proc, { recursive: true }));

function writeProc(path: string, text: string): void {
  mkdirSync(dirname(join(proc, path)), { recursive: true });
  writeFileSync(join(proc, path), text);
}

/** The stat of a process of this group: ticks of its own, and of its ended children, each user then system. */
const statOf = (group: number, own: string, children: string): string =>
  `9 (a (b) c) S 1 ${group} 77 0 -1 4194560 1000 2000 3000 4000 ${own} ${children} 20 0 1 0 555`;

it("adds up the dropped packets of all CPUs", () => {
  expect(backlogDropsIn("01dfaa13 0008aad3 00000041 00000000\n01e0298f 0000000a 0000003b 00000000\n")).toBe(
    0x8aad3 + 10,
  );
  expect(backlogDropsIn("")).toBe(0);
});

it.runIf(existsSync("/proc"))(
  "reads the usage of a process group with its ended children, until the group has no process",
  async () => {
    const spin = "for (const end = Date.now() + 200; Date.now() < end;);";
    const text = `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(spin)}]); setInterval(() => {}, 1000)`;
    const leader = spawn(process.execPath, ["-e", text], { detached: true, stdio: "ignore" });
    const group = leader.pid!;
    try {
      await until(() => (readGroupUsage(group)?.cpuUs ?? 0) >= 150_000, "the CPU time of the ended child is counted");
      expect(readGroupUsage(group)!.rssBytes).toBeGreaterThan(10 * 2 ** 20);
    } finally {
      process.kill(-group, "SIGKILL");
    }
    await until(() => readGroupUsage(group) === undefined, "the process group is empty");
  },
);

it("adds user, nice, system and stolen time of all CPUs to the time of programs, and counts interrupts apart", () => {
  const stat = "cpu  1 20 300 9 9 50 6 4000 9 9\ncpu0 7 7 7";
  expect(machineCpu(stat)).toEqual({ programsUs: 4_321 * 10_000, interruptsUs: 56 * 10_000 });
});

it("the CPU time of a process group is user and system time of all its processes and their ended children, in ticks of 10 ms", () => {
  writeProc("11/stat", statOf(7, "1 20", "300 4000"));
  writeProc("11/status", "VmPeak:\t  999 kB\nVmRSS:\t    100 kB\nRssAnon:\t 1 kB\n");
  writeProc("12/stat", statOf(7, "5 0", "0 0"));
  writeProc("12/status", "VmRSS:\t     20 kB\n");
  writeProc("13/stat", statOf(8, "9 9", "9 9"));
  writeProc("13/status", "VmRSS:\t    777 kB\n");
  writeProc("self/stat", statOf(7, "9 9", "9 9"));
  expect(readGroupUsage(7, proc)).toEqual({ cpuUs: 4_326 * 10_000, rssBytes: 120 * 1024 });
});

it("a process that ends while it is read has no memory, and an unknown group has no usage", () => {
  writeProc("11/stat", statOf(7, "1 1", "1 1"));
  mkdirSync(join(proc, "12"));
  expect(readGroupUsage(7, proc)).toEqual({ cpuUs: 40_000, rssBytes: 0 });
  expect(readGroupUsage(6, proc)).toBeUndefined();
});

it("the wait of the main thread for a CPU is the second number of schedstat, from nanoseconds to microseconds", () => {
  expect(runDelayUs(proc)).toBeUndefined();
  writeProc("self/schedstat", "111000 5500 333\n");
  expect(runDelayUs(proc)).toBe(5.5);
});

it("the kernel's counters are found by their names", () => {
  writeProc("self/net/snmp", "Ip: A B\nIp: 1 2\nTcp: InSegs OutSegs RetransSegs\nTcp: 1000 200 30\n");
  expect(netCounters(proc)).toBeUndefined();
  writeProc(
    "self/net/netstat",
    "TcpExt: X ListenOverflows\nTcpExt: 5 6\nIpExt: InOctets OutOctets\nIpExt: 70000 8000\n",
  );
  writeProc("self/net/softnet_stat", "0000000f 00000002 00000000\n");
  expect(netCounters(proc)).toEqual({
    segments: 230,
    retransmissions: 30,
    octets: 8_000,
    listenOverflows: 6,
    netdevBacklogDrops: 2,
  });
});
