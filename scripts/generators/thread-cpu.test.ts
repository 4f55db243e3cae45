import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { readThreadCpu, sessionOf, usedCpuUs } from "./thread-cpu.ts";
import { until } from "../../scenarios/lib/until.ts";

it("reads the session of a program whose name contains spaces and parentheses", () => {
  expect(sessionOf("123 (a) b (c)) S 1 122 77 0 -1 4194560 1 2 3")).toBe(77);
});

it("adds the CPU time of all threads between two readings, with new threads and without ended ones", () => {
  const before = new Map([
    ["1", 100],
    ["2", 50],
  ]);
  const after = new Map([
    ["1", 130],
    ["3", 7],
  ]);
  expect(usedCpuUs(before, after)).toBe(37);
});

it.skipIf(process.platform !== "linux")("reads the CPU time of the processes of one session only", async () => {
  const busy = spawn("sh", ["-c", `"${process.execPath}" -e "for (;;);"; true`], { detached: true, stdio: "ignore" });
  try {
    const before = readThreadCpu(busy.pid!);
    await until(() => usedCpuUs(before, readThreadCpu(busy.pid!)) > 50_000, "the grandchild has used 50 ms");
    expect(readThreadCpu(busy.pid!).has(String(process.pid))).toBe(false);
  } finally {
    process.kill(-busy.pid!, "SIGKILL");
    await once(busy, "exit");
  }
});
