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
