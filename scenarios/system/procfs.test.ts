import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { backlogDropsIn, machineCpu, readGroupUsage } from "./procfs.ts";
import { until } from "../lib/until.ts";

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
