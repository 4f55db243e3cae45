import { expect, it } from "vitest";
import { environmentDiff } from "./environment-diff.ts";
import { runRecordOf } from "../testing/runs.ts";
import { settingsDiff } from "./settings-diff.ts";

const place = (changes: Parameters<typeof runRecordOf>[1] = {}) => runRecordOf({}, changes).environment;

it("nothing is said of two runs in one place under one load", () => {
  expect(environmentDiff(place(), place({ load_average: [1, 1, 1] }))).toEqual([]);
});

it.each([
  [{ cpu: "Other" }, "The CPU: Pretend CPU before, Other after; times and CPU are those of two machines."],
  [{ cores: 2 }, /^The number of cores: 4 before, 2 after;/],
  [{ memory_mib: 1024 }, /^The memory \(MiB\): 8192 before, 1024 after;/],
  [{ os: "Linux 6.2" }, /^The system: Linux 6\.1 x64 before, Linux 6\.2 x64 after;/],
  [{ node: "v22.1.0" }, /^The version of Node: v20\.19\.0 before, v22\.1\.0 after;/],
  [
    { node_options: "--max-semi-space-size=64" },
    /^The set of Node's options: none before, --max-semi-space-size=64 after;/,
  ],
  [{ bufferutil: true }, /package bufferutil: not there before, there after;/],
  [{ congestion_control: null }, /congestion control: cubic before, not known after;/],
  [{ descriptor_limit: 4096 }, /descriptor limit: 1024 before, 4096 after;/],
  [
    { harness: { version: "0.2.0", commit: "fedcba9876", changed: true } },
    /harness: 0\.1\.0 0123abc before, 0\.2\.0 fedcba9\+ after;/,
  ],
  [{ libraries: { ws: "9.0.0" } }, "Libraries: ws 8.18.0 to 9.0.0, undici 7.0.0 to none; their shifts may be theirs."],
  [{ load_average: [1.2, 0, 0] }, /load average at the start: 0\.1 before, 1\.2 after;/],
  [{ load_average: [2.1, 0, 0] }, /load average/],
])("one sentence says that %j differs, and what it may mean", (changes, sentence) => {
  const said = environmentDiff(place(), place(changes));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(sentence);
});

it("a load of more than half of the cores is told even where it was there on both sides", () => {
  const busy = place({ load_average: [2.5, 0, 0] });
  expect(environmentDiff(busy, busy)).toEqual([expect.stringMatching(/2\.5 before, 2\.5 after; something else/)]);
});

const trials = (...settings: Record<string, unknown>[]) =>
  runRecordOf({
    trials: settings.map((changes) => ({
      transport: "ws",
      repeat: 1,
      settings: { workers: 1, warmupMs: 1000, seed: 1, precise: true, ...changes },
    })),
  });

it("a setting that no match column holds is told, once, and not one that a match column holds", () => {
  const said = settingsDiff(trials({ clients: 1 }, {}), trials({ clients: 2, workers: 2 }, { workers: 2 }), []);
  expect(said).toEqual([expect.stringMatching(/^The setting workers: 1 before, 2 after; a crowd in fewer processes/)]);
  expect(settingsDiff(trials({}), trials({ novel: true }), [])).toEqual([
    "The setting novel: not set before, true after; it may be in the shifts.",
  ]);
});

it("another first seed is told, more repeats with further seeds are not", () => {
  expect(settingsDiff(trials({ seed: 1 }), trials({ seed: 1 }, { seed: 2 }), [])).toEqual([]);
  expect(settingsDiff(trials({ seed: 1 }), trials({ seed: 5 }), [])[0]).toMatch(/seed: 1 before, 5 after/);
});

it("an option is told once for all transports that have it, and of those that are set against each other", () => {
  const options = (queueBytes: number) => runRecordOf({ options: { ws: { queueBytes }, "/x/tcp.js": { queueBytes } } });
  expect(settingsDiff(options(1), options(2), [])).toEqual([
    "The option queueBytes of ws, tcp: 1 before, 2 after; another option is another transport.",
  ]);
  const polls = runRecordOf({ options: { poll: { pollIntervalMs: 1000 }, fast: { pollIntervalMs: 500 } } });
  expect(settingsDiff(polls, polls, [])).toEqual([]);
  expect(settingsDiff(polls, polls, [["poll", "fast"]])).toEqual([
    expect.stringMatching(/^The option pollIntervalMs of poll: 1000 before, 500 after/),
  ]);
});
