import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { expect, it } from "vitest";
import { availableCores, cgroupCores } from "./cores.ts";

const cores = (files: Record<string, string>): number => cgroupCores((path) => files[path]);

it.each([
  ["nothing known", {}, Infinity],
  ["no limit", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000\n" }, Infinity],
  ["a container", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "150000 100000\n" }, 1.5],
  [
    "a group below a limited one",
    {
      "/proc/self/cgroup": "0::/system.slice/a.service\n",
      "/sys/fs/cgroup/system.slice/cpu.max": "50000 100000\n",
      "/sys/fs/cgroup/system.slice/a.service/cpu.max": "200000 100000\n",
    },
    0.5,
  ],
  [
    "version 1",
    {
      "/proc/self/cgroup": "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    },
    2,
  ],
  [
    "version 1 without a limit",
    {
      "/proc/self/cgroup": "4:cpu,cpuacct:/\n0::/\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    },
    Infinity,
  ],
])("reads the CPU time of a control group: %s", (_, files, expected) => {
  expect(cores(files as Record<string, string>)).toBe(expected);
});

it.runIf(process.platform === "linux")(
  "counts the cores that this process may run on, not those of the machine",
  () => {
    const module = JSON.stringify(new URL("./cores.js", import.meta.url).href);
    const script = `import(${module}).then((m) => console.log(m.availableCores()))`;
    const out = execFileSync("taskset", ["-c", "0", process.execPath, "-e", script], { encoding: "utf8" });
    expect(Number(out)).toBeLessThanOrEqual(1);
    expect(availableCores()).toBeLessThanOrEqual(cpus().length);
  },
);
