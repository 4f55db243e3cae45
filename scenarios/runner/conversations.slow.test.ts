import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { buildRow } from "../../results/rows/row.ts";
import { rowKeys, type RunContext } from "./run-metadata.ts";
import { loadScenario } from "../definitions/scenario-file.ts";
import { planSchedule } from "../workload/schedule.ts";
import { faults } from "../testing/faulty.ts";
import { lostOneIn } from "../testing/lossy.ts";
import { runTrial } from "./run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type SettingsOverrides, type Settings } from "../definitions/settings.ts";
import { assignClients } from "../workload/assignment.ts";

const pretend = (name: string): string => fileURLToPath(new URL(`../testing/${name}.js`, import.meta.url));
const place: RunContext = {
  runId: "test",
  environment: { harness: { commit: null, changed: null, version: "0" } } as never,
};
const small = { clients: 24, warmupMs: 300, durationMs: 1_500 };
const sound = { lost: 0, duplicated: 0, reordered: 0, corrupted: 0, unexpected: 0 };
const smaller = (name: keyof typeof scenarios, changes: SettingsOverrides = {}): Settings =>
  resolveSettings(name, scenarios[name], { ...small, ...changes });

async function rowOf(transport: string, settings: Settings) {
  const trial = { transport, repeat: 1, settings };
  const signal = new AbortController().signal;
  return buildRow(await rowKeys(trial, place, new Date()), await runTrial(trial, signal, () => undefined));
}

/** Scenarios, each with the number of receivers of a message. */
const conversations: { name: keyof typeof scenarios; changes?: SettingsOverrides; each: number }[] = [
  { name: "ticker", each: 24 },
  { name: "notify", each: 2 },
  { name: "telemetry", each: 1 },
  { name: "full-duplex", each: 1 },
  { name: "half-duplex", each: 1 },
  { name: "tokens", changes: { ratePerS: 400 }, each: 1 },
  { name: "burst", each: 24 },
  { name: "payload-sizes", changes: { payloadBytes: 2 ** 20, payloadKind: "binary" }, each: 1 },
];

for (const transport of ["tcp", "long-poll"])
  it.each(conversations)(
    `delivers every message of $name over ${transport}`,
    async ({ name, changes, each }) => {
      const settings = smaller(name, changes);
      const found = await rowOf(transport, settings);
      const sent = Math.round(settings.ratePerS * 1.5);
      expect(found).toMatchObject({ sent, expected: sent * each, delivered: sent * each, ...sound });
      expect(found.server_cpu_us_per_delivery).toBeGreaterThan(0);
      expect(found.latency_min_us).toBeGreaterThan(0);
    },
    60_000,
  );

it("rooms, and the messages that the server sends and receives in them, are spread over several servers", async () => {
  const found = await rowOf("tcp", { ...smaller("full-duplex", { ratePerS: 200 }), servers: 3, workers: 2 });
  expect(found).toMatchObject({ sent: 300, expected: 300, delivered: 300, server_processes: 3, ...sound });
}, 60_000);

it("a message that is due in the slot of the other side waits for its own, and only the latency includes that wait", async () => {
  const settings = { ...smaller("half-duplex", { ratePerS: 200, durationMs: 2_000 }), halfDuplexSlotMs: 1_000 };
  const { latency_max_us: latency, send_lag_p50_us: lag, service_p50_us: service } = await rowOf("tcp", settings);
  expect(latency).toBeGreaterThan(900_000);
  for (const us of [lag, service]) expect(us).toBeLessThan(400_000);
}, 60_000);

it("every fault of messages that the server sends is counted exactly", async () => {
  const settings = smaller("ticker", { ratePerS: 100 });
  const { seq, sender, warmupCount } = planSchedule(settings, [], assignClients(settings).serverSenders);
  const measured = [...seq.keys()].filter((message) => message >= warmupCount);
  const among = (messages: number[], digit: number): number => messages.filter((k) => seq[k]! % 10 === digit).length;
  const last = seq.at(-1)! % 10 === faults.heldBack ? 1 : 0;
  const lost = among(measured, faults.lost) + among(measured, faults.corrupted) + last;
  expect(new Set(sender)).toEqual(new Set([24]));
  expect(await rowOf(pretend("faulty"), settings)).toMatchObject({
    sent: 150,
    expected: 24 * 150,
    lost: 24 * lost,
    corrupted: 24 * among([...seq.keys()], faults.corrupted),
    duplicated: 24 * among([...seq.keys()], faults.duplicated),
    unexpected: 0,
  });
}, 60_000);

it("every message that did not reach the server is counted as lost", async () => {
  const found = await rowOf(pretend("lossy"), smaller("telemetry"));
  expect(found).toMatchObject({ ...sound, sent: 300, expected: 300, lost: 300 - found.delivered! });
  expect(Math.abs(found.lost! - 300 / lostOneIn)).toBeLessThanOrEqual(1);
}, 60_000);

it("a trace is replayed to its rooms, also to clients that only receive", async () => {
  const folder = mkdtempSync(join(tmpdir(), "replay-"));
  const lines = Array.from({ length: 40 }, (_, i) => `${i / 4},${i % 3 ? "big" : "small"},s${i % 5},"line ${i}, ähem"`);
  writeFileSync(join(folder, "day.csv"), ["time,room,sender,text", ...lines].join("\n"));
  writeFileSync(join(folder, "day.yaml"), "trace: day.csv\nspeed: 10\nlisteners: 3\nwarmup: 300ms");
  const { name, scenario } = loadScenario("day.yaml", undefined, (path) => join(folder, path));
  const expected = 40 * (5 + 3);
  for (const transport of ["tcp", "short-poll"])
    expect(await rowOf(transport, resolveSettings(name, scenario, {}))).toMatchObject({
      ...sound,
      clients: 16,
      rooms: 2,
      senders: 10,
      sent: 40,
      expected,
      delivered: expected,
      traffic_pattern: expect.stringMatching(/^trace [0-9a-f]{8} x10$/),
    });
  rmSync(folder, { recursive: true });
}, 60_000);
