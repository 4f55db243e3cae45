import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { until } from "../lib/until.ts";
import { openTarget, watchProcess } from "./target-server.ts";

const running: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of running.splice(0)) {
    try {
      process.kill(-pid!, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
});

function node(code: string): ChildProcess {
  const child = spawn(process.execPath, ["-e", code], { detached: true, stdio: "ignore" });
  running.push(child);
  return child;
}

const spin = "while (process.cpuUsage().user < 400_000); setInterval(() => {}, 1000);";

it.runIf(existsSync("/proc"))(
  "the process of a target is measured with its children, and goes on afterwards",
  async () => {
    const fork = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(spin)}])`;
    const { pid, exitCode } = node(`${fork}; ${fork}; setInterval(() => {}, 1000);`);
    const target = await openTarget({ title: "it", addresses: [], pid: pid! });
    await until(() => target.usage()!.cpuUs >= 700_000, "the CPU time of both workers is counted");
    expect(target.usage()!.rssBytes).toBeGreaterThan(3 * 20 * 2 ** 20);
    await target.close();
    expect([exitCode, process.kill(pid!, 0)]).toEqual([null, true]);
  },
);

it.runIf(existsSync("/proc"))("the end of the process is a sentence that says what to do", async () => {
  const child = node("setInterval(() => {}, 1000)");
  const { ended } = watchProcess(child.pid!);
  child.kill("SIGKILL");
  await expect(ended).rejects.toThrow(/^the process \d+ has ended: start the server again, and give its new number/);
});

it.runIf(existsSync("/proc"))("a process that does not exist is refused in one sentence", async () => {
  await expect(openTarget({ title: "it", addresses: [], pid: 2 ** 22 })).rejects.toThrow(/there is no such process/);
});
