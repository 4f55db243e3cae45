import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { compare } from "./compare.ts";
import { parseBounds, checkThresholds } from "./regression-gate.ts";
import { readNoiseFloors, type NoiseFloors } from "./noise-floors.ts";
import { runRows, runSide } from "../testing/runs.ts";

const noFloors: NoiseFloors = { ...readNoiseFloors(), columns: {} };
const judged = (bounds: string, before: Row[], after: Row[], floors = noFloors) =>
  checkThresholds([compare(runSide(before), runSide(after), { renamed: [], floors })], parseBounds(bounds));
const slow = runRows({ seed: 2, slower: { server_cpu_us_per_delivery: 1.2 } });

describe("a bound", () => {
  it("is gone over by what got worse by more, in one sentence with its size", () => {
    expect(judged("server_cpu_us_per_delivery=10%", runRows(), slow).over).toEqual([
      expect.stringMatching(
        /^ws, chat-100: server_cpu_us_per_delivery got worse, \+\d\d\.\d% \(server us\/dlv: 1\d\.\d\d to 1\d\.\d\d\), over 10%\.$/,
      ),
    ]);
  });

  it("is not gone over by what got worse by less, what got better or what is not named", () => {
    expect(judged("server_cpu_us_per_delivery=30%", runRows(), slow).over).toEqual([]);
    expect(judged("0%", slow, runRows()).over).toEqual([]);
    expect(judged("latency_p99_us=0%", runRows(), slow).over).toEqual([]);
  });

  it("without a name is one for every metric that is decided, and a named one goes before it", () => {
    expect(judged("10%", runRows(), slow).over).toHaveLength(1);
    expect(judged("10%,server_cpu_us_per_delivery=30%", runRows(), slow).over).toEqual([]);
    const bytes = runRows({ seed: 2, changes: { overhead_bytes_per_send: 44 } });
    expect(judged("5%", runRows(), bytes).over).toEqual([expect.stringMatching(/overhead_bytes_per_send.*\+10\.0%/)]);
  });

  it("of what was 0 is gone over by anything", () => {
    const bytes = (overhead_bytes_per_send: number) => runRows({ changes: { overhead_bytes_per_send } });
    expect(judged("500%", bytes(0), bytes(1)).over).toEqual([expect.stringMatching(/got worse, from 0 /)]);
  });

  it.each([
    ["5", /^--max-regression "5" is not a bound: write 5%/],
    ["", /is not a bound/],
    ["latency_p99_us=x%", /is not a bound/],
    ["latency_p99_us", /is not a bound/],
    ["-5%", /is not a bound/],
    ["latency_p99=5%", /never decided.* Did you mean "latency_p99_us"\? The choices are: /],
    ["lost=5%", /^--max-regression "lost": this is never decided, so it cannot fail\./],
  ])("is refused as %j", (given, sentence) => expect(() => parseBounds(given)).toThrow(sentence));
});

describe("what could have gone over a bound unseen is told:", () => {
  const few = (seed: number, changes: Row = {}) => runRows({ repeats: 2, seed, changes });

  it("too few repeats", () => {
    expect(judged("latency_p50_us=5%,latency_p99_us=5%", few(1), few(2))).toEqual({
      over: [],
      blind: [
        "--max-regression could not judge latency_p50_us, latency_p99_us of ws, chat-100: needs 5 repeats a side.",
      ],
    });
  });

  it("a spread that hides so small a change", () => {
    expect(judged("latency_p50_us=0.5%", runRows(), runRows({ seed: 2 })).blind).toEqual([
      expect.stringMatching(/these repeats show a change of 0\.5% less than four times in five/),
    ]);
    expect(judged("latency_p50_us=20%", runRows(), runRows({ seed: 2 })).blind).toEqual([]);
  });

  it("a floor above the bound", () => {
    const floors = { ...noFloors, columns: { latency_p50_us: 8 } };
    expect(judged("latency_p50_us=5%", runRows(), runRows({ seed: 2 }), floors).blind).toEqual([
      expect.stringMatching(/two runs of the same thing differ by more than 5%; measure both builds in one run\.$/),
    ]);
  });

  it("a column that a side lacks, or both, where it is named", () => {
    const without = (rows: Row[]): Row[] => rows.map(({ latency_p99_us: _none, ...rest }) => rest);
    const [has, lacks] = [runRows(), without(runRows({ seed: 2 }))];
    expect(judged("latency_p99_us=20%", has, lacks).blind).toEqual([expect.stringMatching(/: empty after/)]);
    expect(judged("latency_p99_us=20%", without(has), lacks).blind).toEqual([expect.stringMatching(/empty on both/)]);
    expect(judged("idle_bytes_per_client_s=5%", has, lacks).blind).toEqual([
      "--max-regression could not judge idle_bytes_per_client_s of ws, chat-100: neither side has measured it.",
    ]);
    expect(judged("20%", without(has), lacks).blind).toEqual([]);
  });

  it("trials that have no partner", () => {
    const more = runRows({ changes: { transport: "tcp" } });
    expect(judged("20%", [...runRows(), ...more], slow).blind).toEqual([
      "--max-regression could not judge tcp, chat-100: there is no tcp after.",
    ]);
  });
});
