import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { compare } from "./compare.ts";
import { parseBounds, checkThresholds } from "./regression-gate.ts";
import { readNoiseFloor, type NoiseFloor } from "./noise-floor.ts";
import { runRows, runSide } from "../testing/runs.ts";

const noNoise: NoiseFloor = { ...readNoiseFloor(), columns: {} };
const check = (bounds: string, before: Row[], after: Row[], noiseFloor = noNoise) =>
  checkThresholds([compare(runSide(before), runSide(after), { renames: [], noiseFloor })], parseBounds(bounds));
const slow = runRows({ seed: 2, slower: { server_cpu_us_per_delivery: 1.2 } });

describe("a bound", () => {
  it("is exceeded by a metric that got worse by more, in one sentence with its size", () => {
    expect(check("server_cpu_us_per_delivery=10%", runRows(), slow).exceeded).toEqual([
      expect.stringMatching(
        /^ws, chat-100: server_cpu_us_per_delivery got worse, \+\d\d\.\d% \(server us\/dlv: 1\d\.\d\d to 1\d\.\d\d\), more than 10%\.$/,
      ),
    ]);
  });

  it("is not exceeded by a metric that got worse by less, got better or is not named", () => {
    expect(check("server_cpu_us_per_delivery=30%", runRows(), slow).exceeded).toEqual([]);
    expect(check("0%", slow, runRows()).exceeded).toEqual([]);
    expect(check("latency_p99_us=0%", runRows(), slow).exceeded).toEqual([]);
  });

  it("without a name is for every tested metric, and a named bound replaces it", () => {
    expect(check("10%", runRows(), slow).exceeded).toHaveLength(1);
    expect(check("10%,server_cpu_us_per_delivery=30%", runRows(), slow).exceeded).toEqual([]);
    const bytes = runRows({ seed: 2, changes: { overhead_bytes_per_send: 44 } });
    expect(check("5%", runRows(), bytes).exceeded).toEqual([
      expect.stringMatching(/overhead_bytes_per_send.*\+10\.0%/),
    ]);
  });

  it("of a metric that was 0 is exceeded by any increase", () => {
    const bytes = (overhead_bytes_per_send: number) => runRows({ changes: { overhead_bytes_per_send } });
    expect(check("500%", bytes(0), bytes(1)).exceeded).toEqual([expect.stringMatching(/got worse, from 0 /)]);
  });

  it.each([
    ["5", /^--max-regression "5" is not a bound\. Write 5%/],
    ["", /is not a bound/],
    ["latency_p99_us=x%", /is not a bound/],
    ["latency_p99_us", /is not a bound/],
    ["-5%", /is not a bound/],
    ["latency_p99=5%", /is not a tested metric\. Did you mean "latency_p99_us"\? The choices are: /],
    ["lost=5%", /^--max-regression "lost" is not a tested metric\./],
  ])("is refused as %j", (text, sentence) => expect(() => parseBounds(text)).toThrow(sentence));
});

describe("a bound that could have been exceeded unnoticed is reported:", () => {
  const few = (seed: number, changes: Row = {}) => runRows({ repeats: 2, seed, changes });

  it("too few repeats", () => {
    expect(check("latency_p50_us=5%,latency_p99_us=5%", few(1), few(2))).toEqual({
      exceeded: [],
      undecidable: [
        "--max-regression could not check latency_p50_us and latency_p99_us of ws, chat-100: too few repeats, measure with --repeat 5 or more.",
      ],
    });
  });

  it("repeats whose spread hides so small a change", () => {
    expect(check("latency_p50_us=0.5%", runRows(), runRows({ seed: 2 })).undecidable).toEqual([
      expect.stringMatching(/so few repeats show a change of 0\.5% in less than 80 % of cases/),
    ]);
    expect(check("latency_p50_us=20%", runRows(), runRows({ seed: 2 })).undecidable).toEqual([]);
  });

  it("a noise floor above the bound", () => {
    const noiseFloor = { ...noNoise, columns: { latency_p50_us: 8 } };
    expect(check("latency_p50_us=5%", runRows(), runRows({ seed: 2 }), noiseFloor).undecidable).toEqual([
      expect.stringMatching(/the noise floor is above 5%, measure both builds in one run\.$/),
    ]);
  });

  it("a named metric that one side or both lack", () => {
    const without = (rows: Row[]): Row[] => rows.map(({ latency_p99_us: _none, ...rest }) => rest);
    const [has, lacks] = [runRows(), without(runRows({ seed: 2 }))];
    expect(check("latency_p99_us=20%", has, lacks).undecidable).toEqual([
      expect.stringMatching(/: not measured after/),
    ]);
    expect(check("latency_p99_us=20%", without(has), lacks).undecidable).toEqual([
      expect.stringMatching(/not measured on either side/),
    ]);
    expect(check("idle_bytes_per_client_s=5%", has, lacks).undecidable).toEqual([
      "--max-regression could not check idle_bytes_per_client_s of ws, chat-100: neither side has measured it.",
    ]);
    expect(check("20%", without(has), lacks).undecidable).toEqual([]);
  });

  it("trials that have no partner", () => {
    const more = runRows({ changes: { transport: "tcp" } });
    expect(check("20%", [...runRows(), ...more], slow).undecidable).toEqual([
      "--max-regression could not check tcp, chat-100: not measured after.",
    ]);
  });
});
