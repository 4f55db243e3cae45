import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { setTimeout as delay } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { beforeAll, expect, it } from "vitest";
import { nowUs } from "../lib/clock.ts";
import { until } from "../lib/until.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import {
  monitorProcess,
  processGroupUsage,
  processUsage,
  readUsage,
  snapshotsAt,
  windowEdges,
  withMachine,
  type ProcessUsage,
  type UsageSources,
} from "./process-usage.ts";

/** The garbage collections of this process, as the test itself counts them. */
const collected = { times: 0, ms: 0 };

beforeAll(() => {
  monitorProcess();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      collected.times++;
      collected.ms += duration;
    }
  }).observe({ entryTypes: ["gc"] });
});

/** A delay monitor with these values in milliseconds, as Node counts them: with its sampling interval of 10 ms. */
const monitor = (maxMs: number, p99Ms = 0) => ({
  max: maxMs * 1e6,
  percentile: (percent: number) => (percent === 99 ? p99Ms * 1e6 : NaN),
  reset: (): void => undefined,
});

const sources = (changes: Partial<UsageSources> = {}): UsageSources => ({
  nowUs: () => 5_000_000,
  cpuUsage: () => ({ user: 300, system: 20 }),
  loopUsage: () => ({ idle: 70, active: 30 }),
  rssBytes: () => 4_096,
  gcUs: () => 12,
  runDelayUs: () => 34,
  loopDelay: monitor(17, 13),
  recentDelay: monitor(11.5),
  ...changes,
});

it("each counter of a process comes from its own source, in microseconds", () => {
  expect(readUsage(sources())).toEqual({
    atUs: 5_000_000,
    cpuUs: 320,
    loop: { idle: 70, active: 30 },
    rssBytes: 4_096,
    gcUs: 12,
    runDelayUs: 34,
    loopDelayP99Us: 3_000,
    loopDelayMaxUs: 7_000,
    lateDelayUs: 1_500,
  });
});

it("a delay below the sampling interval, as before the first sample, is 0", () => {
  const { loopDelayP99Us, loopDelayMaxUs, lateDelayUs } = readUsage(
    sources({ loopDelay: monitor(9.9, 0), recentDelay: monitor(0) }),
  );
  expect([loopDelayP99Us, loopDelayMaxUs, lateDelayUs]).toEqual([0, 0, 0]);
});

it("the late delay is since the previous reading: its monitor is reset after it was read", () => {
  const recentDelay = { max: 15e6, reset: () => void (recentDelay.max = 0) };
  expect(readUsage(sources({ recentDelay }), false).lateDelayUs).toBe(5_000); // this reading does not reset it
  expect(readUsage(sources({ recentDelay })).lateDelayUs).toBe(5_000);
  expect(readUsage(sources({ recentDelay })).lateDelayUs).toBe(0);
});

it("this process reads its own counters: time, CPU time, memory and use of the event loop", () => {
  const before = processUsage();
  const [fromUs, cpu] = [nowUs(), process.cpuUsage()];
  for (let { user, system } = cpu; user + system < cpu.user + cpu.system + 20_000;)
    ({ user, system } = process.cpuUsage());
  const after = processUsage();
  const toUs = nowUs();
  const afterCpu = process.cpuUsage();
  expect(after.atUs).toBeGreaterThanOrEqual(fromUs);
  expect(after.atUs).toBeLessThanOrEqual(toUs);
  expect(before.cpuUs).toBeLessThanOrEqual(cpu.user + cpu.system);
  expect(after.cpuUs - before.cpuUs).toBeGreaterThanOrEqual(20_000);
  expect(after.cpuUs).toBeLessThanOrEqual(afterCpu.user + afterCpu.system);
  expect(after.rssBytes / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  expect(after.loop.active + after.loop.idle).toBeGreaterThan(before.loop.active + before.loop.idle);
});

it("the time of each garbage collection of this process is added up, in microseconds", async () => {
  const before = collected.times;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) collect();
  await until(() => collected.times >= before + 3, "the collections are reported");
  expect(processUsage().gcUs).toBeCloseTo(collected.ms * 1000, 3);
  expect(collected.ms).toBeGreaterThan(0);
});

it("both delay monitors of this process run: they find that it was busy, and one forgets it with the reading", async () => {
  let usage: ProcessUsage;
  do {
    await delay(40); // a monitor that was reset needs a sample to start from
    const endMs = performance.now() + 60;
    while (performance.now() < endMs);
    await delay(20);
    usage = processUsage();
  } while (usage.lateDelayUs < 40_000 || usage.loopDelayMaxUs < 40_000);
  let later: ProcessUsage;
  do {
    await delay(40);
    later = processUsage();
  } while (later.lateDelayUs >= 40_000);
  expect(later.loopDelayMaxUs).toBeGreaterThanOrEqual(usage.loopDelayMaxUs);
});

it("a snapshot is taken at each time, in order and never early", async () => {
  const clock = virtualClock(1_000);
  const taken: [timeUs: number, atUs: number][] = [];
  const snapshots = await snapshotsAt(
    [3_000, 5_000, 5_500].map((timeUs) => ({ timeUs })),
    ({ timeUs }) => {
      taken.push([timeUs, clock.nowUs()]);
      return `snapshot ${timeUs}`;
    },
    clock,
  );
  expect(snapshots).toEqual(["snapshot 3000", "snapshot 5000", "snapshot 5500"]);
  expect(taken).toEqual([
    [3_000, 3_000],
    [5_000, 5_000],
    [5_500, 6_000],
  ]);
});

it("the delay of the event loop counts from the first snapshot: its monitor is reset once, after that one", async () => {
  const events: string[] = [];
  const loopDelay = { reset: () => void events.push("reset") };
  const edges = [1, 2, 3].map((name) => ({ name, timeUs: 1_000 * name }));
  await snapshotsAt(edges, ({ name }) => events.push(`snapshot ${name}`), virtualClock(), loopDelay);
  expect(events).toEqual(["snapshot 1", "reset", "snapshot 2", "snapshot 3"]);
});

it("without a time there is no snapshot, and no monitor is reset", async () => {
  const loopDelay = {
    reset() {
      throw new Error("reset");
    },
  };
  expect(await snapshotsAt([], () => 1, virtualClock(), loopDelay)).toEqual([]);
});

it("another program has the CPU time and the memory of its process group, and NaN for what only Node counts", () => {
  const proc = mkdtempSync(join(tmpdir(), "proc-"));
  try {
    mkdirSync(join(proc, "12"));
    writeFileSync(join(proc, "12", "stat"), "12 (lines.py) S 1 7 7 0 -1 0 0 0 0 0 5 6 0 0 20 0");
    writeFileSync(join(proc, "12", "status"), "Name:\tlines.py\nVmRSS:\t     8 kB\n");
    const fromUs = nowUs();
    const usage = processGroupUsage(7, proc)!;
    expect(usage).toEqual({
      atUs: expect.any(Number),
      cpuUs: 110_000,
      rssBytes: 8_192,
      loop: { idle: NaN, active: NaN },
      gcUs: NaN,
      runDelayUs: undefined,
      loopDelayP99Us: NaN,
      loopDelayMaxUs: NaN,
      lateDelayUs: NaN,
    });
    expect(usage.atUs).toBeGreaterThanOrEqual(fromUs);
    expect(usage.atUs).toBeLessThanOrEqual(nowUs());
    expect(processGroupUsage(8, proc)).toBeUndefined();
  } finally {
    rmSync(proc, { recursive: true });
  }
});

it("the machine is read at the first and at the last edge of a window", () => {
  expect(withMachine(windowEdges(0, 3e6, 1)).map(({ machine }) => machine)).toEqual([true, undefined, undefined, true]);
});
