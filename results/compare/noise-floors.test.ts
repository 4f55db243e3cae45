import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measureNoise, readNoiseFloors } from "./noise-floors.ts";
import { runRecordOf, runRows, runSide } from "../testing/runs.ts";

const run = (seed: number, factor: number) =>
  runSide(runRows({ seed, slower: { latency_p50_us: factor } }), `${seed}.csv`, runRecordOf());

describe("floors that runs of the same thing show", () => {
  it("are the largest shift between any two of them, whatever its sign, in percent, a tenth up", () => {
    const { columns } = measureNoise([run(1, 1), run(2, 1.1), run(3, 0.8)]);
    // The largest is from the second run to the third: 1.1 to 0.8.
    expect(columns.latency_p50_us).toBeGreaterThan(25);
    expect(columns.latency_p50_us).toBeLessThan(30);
    expect(columns.latency_p50_us! * 10).toBeCloseTo(Math.round(columns.latency_p50_us! * 10), 6);
    expect(columns.latency_p99_us).toBeLessThan(3);
    expect(columns).not.toHaveProperty("overhead_bytes_per_send");
  });

  it("say where and how they were measured", () => {
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

  it("need two runs, and trials that these share", () => {
    expect(() => measureNoise([run(1, 1)])).toThrow(/give two or more/);
    expect(() => measureNoise([run(1, 1), run(1, 1)])).toThrow(/separate runs/);
    const other = runSide(runRows({ seed: 2, changes: { transport: "tcp" } }));
    expect(() => measureNoise([run(1, 1), other])).toThrow(/share no trial/);
  });
});

describe("floors that are read", () => {
  it("are the built-in ones, with a figure for every primary column", () => {
    for (const column of ["latency_p50_us", "latency_p99_us", "server_cpu_us_per_delivery"] as const)
      expect(readNoiseFloors().columns[column]).toBeGreaterThan(0);
  });

  it.each([
    ["no JSON", /^Cannot read the floors in .*: Unexpected token/],
    [`{"columns":{}}`, /measured_on: /],
    [`{"measured_on":"","cpu":"","runs":2,"command":"","columns":{"lost":3}}`, /columns/],
  ])("are refused as %j, in one sentence", (text, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), "floors-"));
    try {
      writeFileSync(join(folder, "floors.json"), text);
      expect(() => readNoiseFloors(join(folder, "floors.json"))).toThrow(sentence);
      expect(() => readNoiseFloors(join(folder, "none.json"))).toThrow(/ENOENT.*--measure-noise\.$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
