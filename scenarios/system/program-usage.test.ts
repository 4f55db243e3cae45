import { spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { until } from "../lib/until.ts";
import { processesWith, readGroupUsage, readTreeUsage, startOfProcess, unreadableProcess } from "./program-usage.ts";
import { proc, writeProc } from "../testing/fake-proc.ts";

/** The stat of a process of this group: ticks of its own, and of its ended children, each user then system. */
const statOf = (group: number, own: string, children: string, { parent = 1, state = "S", start = 555 } = {}): string =>
  `9 (a (b) c) ${state} ${parent} ${group} 77 0 -1 4194560 1000 2000 3000 4000 ${own} ${children} 20 0 1 0 ${start} 0`;

/** A process with 10 ms of CPU time and 1 KiB of memory for each unit of `size`. */
function addProcess(pid: number, parent: number, size: number, group = 1): void {
  writeProc(`${pid}/stat`, statOf(group, `${size} 0`, "0 0", { parent }));
  writeProc(`${pid}/status`, `VmRSS:\t     ${size} kB\n`);
}

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

it("the CPU time of running threads is exact, and ended threads and children count in ticks of 10 ms", () => {
  writeProc("11/stat", statOf(7, "1 1", "2 0"));
  for (const [thread, ns] of [
    [11, 15_000_400],
    [12, 9_000_000],
  ] as const)
    writeProc(`11/task/${thread}/schedstat`, `${ns} 77 5\n`);
  expect(readGroupUsage(7, proc)!.cpuUs).toBeCloseTo(24_000.4 + 20_000, 6);
  writeProc("11/stat", statOf(7, "100 1", "2 0"));
  expect(readGroupUsage(7, proc)!.cpuUs).toBe(1_010_000 + 20_000);
});

it("a process that ends while it is read has no memory, and an unknown group has no usage", () => {
  writeProc("11/stat", statOf(7, "1 1", "1 1"));
  mkdirSync(join(proc, "12"));
  expect(readGroupUsage(7, proc)).toEqual({ cpuUs: 40_000, rssBytes: 0 });
  expect(readGroupUsage(6, proc)).toBeUndefined();
});

it("the usage of a process includes its descendants, whatever their groups, and nobody else's", () => {
  addProcess(20, 1, 1);
  addProcess(21, 20, 10, 21);
  addProcess(5, 21, 100, 5); // numbers of processes begin anew, so a child may have a lower one
  addProcess(22, 20, 1_000);
  addProcess(30, 1, 10_000, 20);
  addProcess(31, 30, 100_000, 20);
  expect(readTreeUsage(20, proc)).toEqual({ cpuUs: 1_111 * 10_000, rssBytes: 1_111 * 1024 });
  expect(readTreeUsage(21, proc)).toEqual({ cpuUs: 110 * 10_000, rssBytes: 110 * 1024 });
  expect(readTreeUsage(99, proc)).toBeUndefined();
});

it("the CPU time of a child is counted once, before its end and after it", () => {
  addProcess(20, 1, 3);
  addProcess(21, 20, 40);
  expect(readTreeUsage(20, proc)!.cpuUs).toBe(430_000);
  rmSync(join(proc, "21"), { recursive: true });
  writeProc("20/stat", statOf(1, "3 0", "40 0"));
  expect(readTreeUsage(20, proc)!.cpuUs).toBe(430_000);
});

it("a process is the same while its number and its start are the same, until it ends", () => {
  writeProc("20/stat", statOf(1, "1 1", "0 0", { start: 777 }));
  expect(startOfProcess(20, proc)).toBe(777);
  for (const state of ["Z", "X"]) {
    writeProc("20/stat", statOf(1, "1 1", "0 0", { start: 777, state }));
    expect(startOfProcess(20, proc)).toBeUndefined();
  }
  expect(startOfProcess(21, proc)).toBeUndefined();
});

it("says in one sentence why a process cannot be read", () => {
  expect(unreadableProcess(20, proc)).toMatch(/^--target-pid reads .* only Linux has: leave it out/);
  writeProc("stat", "cpu 1 2 3");
  expect(unreadableProcess(20, proc)).toMatch(/^--target-pid 20: there is no such process: give the number/);
  mkdirSync(join(proc, "20"));
  expect(unreadableProcess(20, proc)).toMatch(
    /^--target-pid 20: this user may not read that process: run the bench as/,
  );
  writeProc("20/stat", statOf(1, "1 1", "0 0", { state: "Z" }));
  expect(unreadableProcess(20, proc)).toMatch(/no such process/);
  addProcess(20, 1, 1);
  expect(unreadableProcess(20, proc)).toBeUndefined();
});

it("finds the processes that have a variable with exactly this value in their environment", () => {
  writeProc("20/environ", "A=1\0TRIAL=x\0B=2");
  writeProc("21/environ", "TRIAL=xy\0A=TRIAL=x\0");
  writeProc("22/environ", "TRIAL=x\0");
  mkdirSync(join(proc, "23"));
  expect(new Set(processesWith("TRIAL=x", proc))).toEqual(new Set([20, 22]));
});
