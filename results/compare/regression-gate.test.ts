import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { compare } from "./compare.ts";
import { parseBounds, checkBounds } from "./regression-gate.ts";
import { readNoiseFloor, type NoiseFloor } from "./noise-floor.ts";
import { runRows, runSide } from "../testing/runs.ts";

const noNoise: NoiseFloor = { ...readNoiseFloor(), columns: {} };
const check = (bounds: string, before: Row[], after: Row[], noiseFloor = noNoise) =>
  checkBounds([compare(runSide(before), runSide(after), { renames: [], noiseFloor })], parseBounds(bounds));
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

  it("is not exceeded by a change of exactly its size", () => {
    const bytes = (overhead_bytes_per_send: number) => runRows({ changes: { overhead_bytes_per_send } });
    expect(check("overhead_bytes_per_send=5%", bytes(40), bytes(42)).exceeded).toEqual([]);
    expect(check("overhead_bytes_per_send=4.9%", bytes(40), bytes(42)).exceeded).toHaveLength(1);
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
    ["sent=5%", /^--max-regression "sent" is not a tested metric\./],
    ["exact=5%", /^--max-regression "exact" is not a tested metric\./],
  ])("is refused as %j", (text, sentence) => expect(() => parseBounds(text)).toThrow(sentence));
});

describe("trials that ran before and do not after exceed every bound:", () => {
  const tcp = (status: string, seed: number) =>
    runRows({ repeats: 2, seed, changes: { transport: "tcp", status, error: "Connection refused.", reasons: "" } });

  it.each(["99%", "exact", "latency_p50_us=99%"])("with %s", (bounds) => {
    const before = [...runRows(), ...tcp("valid", 1)];
    const [same, failed] = [runRows({ seed: 2 }), tcp("failed", 2)];
    expect(check(bounds, before, same).exceeded).toEqual([
      "tcp, chat-100: repeats 2 before, 0 after (not measured after).",
    ]);
    expect(check(bounds, before, [...same, ...failed]).exceeded).toEqual([
      "tcp, chat-100: failed repeats 0 before, 2 after (Connection refused).",
    ]);
    expect(check(bounds, before, [...same, ...tcp("valid", 3), ...failed.slice(1)]).exceeded).toHaveLength(1);
    expect(check(bounds, before, [...same, ...tcp("invalid", 2)]).exceeded).toEqual([
      "tcp, chat-100: invalid repeats 0 before, 2 after.",
    ]);
  });
});

describe("exact bounds", () => {
  const one = (seed: number, changes: Row = {}) => runRows({ repeats: 1, seed, changes });

  it("decide bytes and deliveries with one repeat, and nothing else", () => {
    expect(check("exact", one(1), one(2, { latency_p50_us: 999_999 }))).toEqual({ exceeded: [], undecidable: [] });
    for (const column of ["overhead_bytes_per_send", "connect_bytes_out", "duplicated", "corrupted"])
      expect(check("exact", one(1), one(2, { [column]: 999 })).exceeded).toHaveLength(1);
  });

  it("leave out bytes that depend on chance, and report exact ones that differ among the repeats after", () => {
    const polls = (value: number) => ({ polls_answered: 10, overhead_bytes_per_delivery: value });
    expect(check("exact", one(1, polls(30)), one(2, polls(40)))).toEqual({ exceeded: [], undecidable: [] });
    const varying = runRows({ repeats: 2, seed: 2 }).map((row, i) => ({ ...row, overhead_bytes_per_send: 40 + i }));
    expect(check("exact", runRows({ repeats: 2 }), varying).undecidable).toEqual([
      expect.stringMatching(
        /^--max-regression could not check overhead_bytes_per_send of ws, chat-100: too few repeats/,
      ),
    ]);
  });

  it("can be given with others", () => {
    const before = runRows();
    expect(check("exact,server_cpu_us_per_delivery=10%", before, slow).exceeded).toHaveLength(1);
    expect(check("exact,server_cpu_us_per_delivery=30%", before, slow).exceeded).toEqual([]);
    expect(check("lost=100%", one(1, { lost: 5 }), one(2, { lost: 9 })).exceeded).toEqual([]);
  });
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
      expect.stringMatching(
        /so few repeats show a change of 0\.5% in less than 80 % of cases: measure with --repeat \d\d\d? or so, or give a larger bound\.$/,
      ),
    ]);
    expect(check("latency_p50_us=20%", runRows(), runRows({ seed: 2 })).undecidable).toEqual([]);
  });

  it("repeats of which a bound of half the size needs four times as many", () => {
    const advised = (bound: string): number => {
      const { undecidable } = check(`latency_p50_us=${bound}`, runRows(), runRows({ seed: 2 }));
      return Number(/--repeat (\d+) or so/.exec(undecidable.join())?.[1]);
    };
    expect(advised("0.1%") / advised("0.2%")).toBeCloseTo(4, 1);
    expect(check("latency_p50_us=0%", runRows(), runRows({ seed: 2 })).undecidable).toEqual([
      expect.stringMatching(/so few repeats show a change of 0% in less than 80 % of cases: give a bound above 0%\.$/),
    ]);
  });

  it("repeats, of which the side with fewer counts: more on the other side make the advice smaller", () => {
    const advised = (after: number): number => {
      const { undecidable } = check("latency_p50_us=0.1%", runRows(), runRows({ repeats: after, seed: 2 }));
      return Number(/--repeat (\d+) or so/.exec(undecidable.join())?.[1]);
    };
    expect(advised(12)).toBeLessThan(advised(6));
  });

  it("a noise floor above the bound", () => {
    const noiseFloor = { ...noNoise, columns: { latency_p50_us: 8 } };
    expect(check("latency_p50_us=5%", runRows(), runRows({ seed: 2 }), noiseFloor).undecidable).toEqual([
      expect.stringMatching(/the noise floor is above 5%: measure both builds in one run, with bench --baseline\.$/),
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
    expect(check("20%", has, runRows({ seed: 2 })).undecidable).toEqual([]);
  });

  it("a percentile that neither side has, named or not; nothing of a run and itself", () => {
    const without = (seed: number) => runRows({ seed }).map(({ latency_p99_us: _none, ...rest }) => rest);
    expect(check("20%", without(1), without(2)).undecidable).toEqual([
      "--max-regression could not check latency_p99_us of ws, chat-100: not measured on either side (too few messages for this percentile).",
    ]);
    expect(check("0%", without(1), without(1))).toEqual({ exceeded: [], undecidable: [] });
  });

  it("trials of another load; not those that were measured after only", () => {
    const more = runRows({ changes: { transport: "tcp" } });
    const other = runRows({ changes: { transport: "tcp", clients: 99 } });
    expect(check("20%", [...runRows(), ...more], [...slow, ...other]).undecidable).toEqual([
      "--max-regression could not check tcp, chat-100: clients 10 before, 99 after.",
    ]);
    expect(check("25%", runRows(), [...slow, ...more]).undecidable).toEqual([]);
  });

  it("trials that are mostly suspect after and were valid before, but not of exact bounds", () => {
    const doubted = (count: number, seed: number) =>
      runRows({ seed }).map((row, i) => ({ ...row, status: i < count ? "suspect" : "valid" }));
    expect(check("20%", runRows(), doubted(4, 2)).undecidable).toEqual([
      "--max-regression could not check ws, chat-100: 4 of 6 repeats after are suspect.",
    ]);
    for (const [bounds, before, after] of [
      ["exact", runRows(), doubted(4, 2)],
      ["20%", doubted(4, 1), doubted(4, 2)],
      ["20%", runRows(), doubted(3, 2)],
    ] as const)
      expect(check(bounds, before, after)).toEqual({ exceeded: [], undecidable: [] });
  });
});
