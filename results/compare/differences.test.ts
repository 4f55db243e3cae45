import { expect, it } from "vitest";
import { environmentDiff } from "./environment-diff.ts";
import { runRecordOf } from "../testing/runs.ts";
import { settingsDiff } from "./settings-diff.ts";

const environment = (changes: Parameters<typeof runRecordOf>[1] = {}) => runRecordOf({}, changes).environment;

it("two runs in one environment under one load have no differences", () => {
  expect(environmentDiff(environment(), environment({ load_average: [1, 1, 1] }))).toEqual([]);
});

it.each([
  [{ cpu: "Other" }, "CPU: Pretend CPU before, Other after. Times and CPU use are those of two machines."],
  [{ cores: 2 }, /^CPU cores: 4 before, 2 after\. /],
  [{ memory_mib: 1024 }, /^Memory \(MiB\): 8192 before, 1024 after\. /],
  [{ os: "Linux 6.2" }, /^Operating system: Linux 6\.1 x64 before, Linux 6\.2 x64 after\. /],
  [{ node: "v22.1.0" }, /^Node version: v20\.19\.0 before, v22\.1\.0 after\. /],
  [{ node_options: "--max-semi-space-size=64" }, /^Node options: none before, --max-semi-space-size=64 after\. /],
  [{ bufferutil: true }, /^Package bufferutil: not installed before, installed after\. /],
  [{ congestion_control: null }, /^TCP congestion control: cubic before, not known after\. /],
  [{ descriptor_limit: 4096 }, /^Descriptor limit: 1024 before, 4096 after\. /],
  [
    { harness: { version: "0.2.0", commit: "fedcba9876", changed: true } },
    /^Harness: 0\.1\.0 0123abc before, 0\.2\.0 fedcba9\+ after\. /,
  ],
  [{ libraries: { ws: "9.0.0" } }, "Libraries: ws 8.18.0 to 9.0.0, undici 7.0.0 to none. A shift may come from them."],
  [{ load_average: [1.2, 0, 0] }, /^Load average at the start: 0\.1 before, 1\.2 after\. /],
  [{ load_average: [2.1, 0, 0] }, /^Load average/],
])("one sentence has the difference %j and its consequence", (changes, sentence) => {
  const sentences = environmentDiff(environment(), environment(changes));
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toMatch(sentence);
});

it("a load of more than half of the cores is reported even where both sides have it", () => {
  const busy = environment({ load_average: [2.5, 0, 0] });
  expect(environmentDiff(busy, busy)).toEqual([expect.stringMatching(/2\.5 before, 2\.5 after\. Other programs/)]);
});

const trials = (...settings: Record<string, unknown>[]) =>
  runRecordOf({
    trials: settings.map((changes) => ({
      transport: "ws",
      repeat: 1,
      settings: { workers: 1, warmupMs: 1000, seed: 1, precise: true, ...changes },
    })),
  });

it("a setting that differs is reported once, unless a match column holds it", () => {
  const sentences = settingsDiff(trials({ clients: 1 }, {}), trials({ clients: 2, workers: 2 }, { workers: 2 }), []);
  expect(sentences).toEqual([
    expect.stringMatching(/^Setting workers: 1 before, 2 after\. Receivers in fewer processes/),
  ]);
  expect(settingsDiff(trials({}), trials({ thresholds: [], abortOnThreshold: true }), [])).toEqual([]);
  expect(settingsDiff(trials({}), trials({ novel: true }), [])).toEqual([
    "Setting novel: not set before, true after. A shift may come from it.",
  ]);
});

it("settings with the same consequence share a sentence", () => {
  expect(settingsDiff(trials({}), trials({ warmupMs: 500, maxWarmupMs: 500 }), [])).toEqual([
    "Setting warmupMs: 1000 before, 500 after; maxWarmupMs: not set before, 500 after. After a shorter warm-up, more code is compiled within the window.",
  ]);
});

it("another first seed is reported, the further seeds of more repeats are not", () => {
  expect(settingsDiff(trials({ seed: 1 }), trials({ seed: 1 }, { seed: 2 }), [])).toEqual([]);
  expect(settingsDiff(trials({ seed: 1 }), trials({ seed: 5 }), [])[0]).toMatch(/seed: 1 before, 5 after/);
});

it("an option is reported once for all transports that have it, also between two transports that are compared", () => {
  const options = (queueBytes: number) => runRecordOf({ options: { ws: { queueBytes }, "/x/tcp.js": { queueBytes } } });
  expect(settingsDiff(options(1), options(2), [])).toEqual([
    "Option queueBytes of ws and tcp: 1 before, 2 after. A transport with other options is another transport.",
  ]);
  const polls = runRecordOf({ options: { poll: { pollIntervalMs: 1000 }, fast: { pollIntervalMs: 500 } } });
  expect(settingsDiff(polls, polls, [])).toEqual([]);
  expect(settingsDiff(polls, polls, [["poll", "fast"]])).toEqual([
    expect.stringMatching(/^Option pollIntervalMs of poll: 1000 before, 500 after/),
  ]);
});
