import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measureNoise, readNoiseFloor } from "./noise-floor.ts";
import { runRecordOf, runRows, runSide } from "../testing/runs.ts";

const run = (seed: number, factor: number) =>
  runSide(runRows({ seed, slower: { latency_p50_us: factor } }), `${seed}.csv`, runRecordOf());

describe("a measured noise floor", () => {
  it("is the largest shift between any two runs, whatever its sign, in percent, rounded up to a tenth", () => {
    const { columns } = measureNoise([run(1, 1), run(2, 1.1), run(3, 0.8)]);
    // The largest is from the second run to the third: 1.1 to 0.8.
    expect(columns.latency_p50_us).toBeGreaterThan(25);
    expect(columns.latency_p50_us).toBeLessThan(30);
    expect(columns.latency_p50_us! * 10).toBeCloseTo(Math.round(columns.latency_p50_us! * 10), 6);
    expect(columns.latency_p99_us).toBeLessThan(3);
    expect(columns).not.toHaveProperty("overhead_bytes_per_send");
  });

  it("is rounded up, never down: a smaller shift than the floor was seen", () => {
    const constant = (seed: number, cpu: number) =>
      runSide(runRows({ seed, changes: { server_cpu_us_per_delivery: cpu } }), `${seed}.csv`, runRecordOf());
    const floorOf = (one: number, other: number) =>
      measureNoise([constant(1, one), constant(2, other)]).columns.server_cpu_us_per_delivery;
    expect(floorOf(100, 101.01)).toBe(1.1);
    expect(floorOf(100, 101.09)).toBe(1.1);
    expect(floorOf(100, 98.99)).toBe(1.1);
    expect(floorOf(100, 100)).toBe(0);
  });

  it("is 0 for a metric that was 0 in the earlier run, of which no percentage can be told", () => {
    const zero = (seed: number, cpu: number) =>
      runSide(runRows({ seed, changes: { server_cpu_us_per_delivery: cpu } }), `${seed}.csv`, runRecordOf());
    for (const later of [0, 5])
      expect(measureNoise([zero(1, 0), zero(2, later)]).columns.server_cpu_us_per_delivery).toBe(0);
  });

  it("has the machine and the commands that it was measured with", () => {
    expect(measureNoise([run(1, 1), run(2, 1)])).toMatchObject({
      measured_on: "2025-01-02",
      cpu: "Pretend CPU",
      runs: 2,
      command: "--scenario chat-100",
    });
    const [one, other] = [run(1, 1), run(2, 1)];
    const record = runRecordOf({ command: ["--seed", "2", "--out", "/somewhere/else.csv"] });
    expect(measureNoise([one, { ...other, record }]).command).toBe("--scenario chat-100; --seed 2");
  });

  it("needs two separate runs that share a trial", () => {
    expect(() => measureNoise([run(1, 1)])).toThrow(/needs two or more separate runs/);
    expect(() => measureNoise([run(1, 1), run(1, 1)])).toThrow(/two or more separate runs/);
    const other = runSide(runRows({ seed: 2, changes: { transport: "tcp" } }));
    expect(() => measureNoise([run(1, 1), other])).toThrow(/share no trial/);
  });
});

describe("a noise floor that is read", () => {
  it("is the built-in one, with a figure for every primary column, where no file is named", () => {
    for (const column of ["latency_p50_us", "latency_p99_us", "server_cpu_us_per_delivery"] as const)
      expect(readNoiseFloor().columns[column]).toBeGreaterThan(0);
  });

  it.each([
    ["no JSON", /^Cannot read the noise floor in .*: Unexpected token/],
    [`{"columns":{}}`, /measured_on: /],
    [`{"measured_on":"","cpu":"","runs":2,"command":"","columns":{"lost":3}}`, /columns/],
  ])("is refused as %j, in one sentence", (text, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), "noise-"));
    try {
      writeFileSync(join(folder, "noise.json"), text);
      expect(() => readNoiseFloor(join(folder, "noise.json"))).toThrow(sentence);
      expect(() => readNoiseFloor(join(folder, "none.json"))).toThrow(/ENOENT.*--measure-noise\.$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
