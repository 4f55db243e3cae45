import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { machineCpuUs, sessionOf, threadsOf, usedUs } from "./thread-cpu.ts";
import { until } from "../../scenarios/lib/until.ts";

it("reads the session from a line whose program has a name with spaces and parentheses", () => {
  expect(sessionOf("123 (a) b (c)) S 1 122 77 0 -1 4194560 1 2 3")).toBe(77);
});

it("counts user, nice, system and stolen time of all cores, and no idle or interrupt time", () => {
  expect(machineCpuUs("cpu  1 20 300 9 9 9 9 4000 9 9\ncpu0 7 7 7")).toBe(4_321 * 10_000);
});

it("adds up what threads have used between two readings, new ones included and ended ones not", () => {
  const before = new Map([
    ["1", 100],
    ["2", 50],
  ]);
  const after = new Map([
    ["1", 130],
    ["3", 7],
  ]);
  expect(usedUs(before, after)).toBe(37);
});

it.skipIf(process.platform !== "linux")("sees the CPU time of a session's processes, and of no other", async () => {
  const busy = spawn("sh", ["-c", `"${process.execPath}" -e "for (;;);"; true`], { detached: true, stdio: "ignore" });
  try {
    const before = threadsOf(busy.pid!);
    await until(() => usedUs(before, threadsOf(busy.pid!)) > 50_000, "the grandchild has used 50 ms");
    expect(threadsOf(busy.pid!).has(String(process.pid))).toBe(false);
  } finally {
    process.kill(-busy.pid!, "SIGKILL");
    await once(busy, "exit");
  }
});
