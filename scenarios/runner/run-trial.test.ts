import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import type { Server } from "../contract.ts";
import { apps } from "../definitions/apps.ts";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { planSchedule } from "../workload/schedule.ts";
import { planProcesses } from "../capacity/process-plan.ts";
import { delayMs, faults } from "../testing/faulty.ts";
import { runTrial } from "./run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type Trial } from "../definitions/settings.ts";
import { optionsFor } from "../transports/load-transport.ts";
import { transports } from "../transports.ts";
import { assignClients } from "../workload/assignment.ts";

const pretend = (name: string): string => fileURLToPath(new URL(`../testing/${name}.js`, import.meta.url));
const small = { clients: 40, ratePerS: 200, warmupMs: 300, durationMs: 1_000 };
const ignore = (): void => undefined;
const never = new AbortController().signal;

function trialOf(transport: string, scenario: "chat-100" | "echo" = "chat-100", changes = {}): Trial {
  return { transport, repeat: 1, settings: resolveSettings(scenario, scenarios[scenario], { ...small, ...changes }) };
}

const rowOf = async (trial: Trial) => buildRow(keysOf(trial), await runTrial(trial, never, ignore));

function keysOf({ transport, settings: { clients, durationMs } }: Trial): RowKeys {
  return { transport, clients, duration_s: durationMs / 1000 } as RowKeys;
}

let target: Server | undefined;

afterEach(async () => {
  delete process.env["PRETEND_BREAK"];
  await target?.close();
  target = undefined;
});

it("the faults of a transport with known faults are counted exactly", async () => {
  const trial = trialOf(pretend("faulty"));
  const { settings } = trial;
  const { seq, sender, warmupCount } = planSchedule(settings, assignClients(settings).senders);
  const measured = [...seq.keys()].filter((message) => message >= warmupCount);
  const withDigit = (digit: number): number => measured.filter((message) => seq[message]! % 10 === digit).length;
  const isLast = (message: number): boolean => sender.lastIndexOf(sender[message]!) === message;
  const neverReleased = measured.filter((message) => seq[message]! % 10 === faults.heldBack && isLast(message)).length;

  const found = await rowOf(trial);

  const lost = withDigit(faults.lost) + withDigit(faults.corrupted) + neverReleased;
  const each = settings.clients;
  const anomalies = (digit: number): number => [...seq].filter((number) => number % 10 === digit).length * each;
  expect(found).toMatchObject({
    sent: measured.length,
    expected: measured.length * each,
    delivered: (measured.length - lost) * each,
    lost: lost * each,
    duplicated: anomalies(faults.duplicated),
    reordered: anomalies(faults.heldBack) - neverReleased * each,
    corrupted: anomalies(faults.corrupted),
    unexpected: 0,
  });
  expect(withDigit(faults.heldBack)).toBeGreaterThan(neverReleased);
  expect(found.latency_min_us).toBeGreaterThanOrEqual((delayMs - 2) * 1000);
  expect(found.latency_p50_us).toBeLessThan(2 * delayMs * 1000);
}, 60_000);

it("every delivery of a correct transport is counted: echo and chat, text and binary, over several workers", async () => {
  const chat = await rowOf(trialOf("tcp", "chat-100", { workers: 2, payloadBytes: 16 }));
  expect(chat).toMatchObject({ sent: 200, expected: 8_000, delivered: 8_000, lost: 0, duplicated: 0, reordered: 0 });
  expect(chat).toMatchObject({
    overhead_bytes_per_send: 4,
    overhead_bytes_per_delivery: 4,
    corrupted: 0,
    unexpected: 0,
  });

  const trial = trialOf("ws", "echo", { workers: 2 });
  trial.settings.payloadKind = "binary";
  const echo = await rowOf(trial);
  expect(echo).toMatchObject({ sent: 200, expected: 200, delivered: 200, lost: 0, duplicated: 0, reordered: 0 });
  expect(echo).toMatchObject({
    overhead_bytes_per_send: 8,
    overhead_bytes_per_delivery: 4,
    corrupted: 0,
    unexpected: 0,
  });
}, 60_000);

it("the clients of a target count what its server would have counted", async () => {
  const { default: serve } = await transports["tcp-lines"].server();
  target = await serve(apps.chat, optionsFor(transports["tcp-lines"], {}));
  const trial = trialOf("tcp-lines");
  const atClients = { ...trial, target: { title: "a target", addresses: target.addresses } };
  const measured = await runTrial(atClients, never, ignore);
  expect(measured.wire.traffic!.emptyPollBytes).toBeNaN(); // a client does not know it
  const atTarget = buildRow(keysOf(trial), measured);
  expect(atTarget).toMatchObject({
    bytes_counted_at: "clients",
    overhead_bytes_per_send: 1,
    overhead_bytes_per_delivery: 1,
    connect_bytes_in: 0,
    connect_bytes_out: 0,
  });
  expect(atTarget.wire_bytes_out).toBeGreaterThan(atTarget.payload_bytes_out!);
}, 60_000);

it("whole rooms are spread over several servers, whose counters are added up", async () => {
  const rooms = { ...scenarios["chat-100"], rooms: { of: 15 } };
  const settled = (clients: number) => resolveSettings("four rooms", rooms, { ...small, clients });
  // So few descriptors that two rooms fill a process, and so few ports that its clients need four addresses.
  const limits = { descriptors: 64 + 30, ports: 8, memoryMib: null, cores: 2 };
  const counts = planProcesses(
    { label: "ws", transport: transports.ws, settingsFor: settled, workers: undefined },
    60,
    limits,
  );
  expect(counts).toEqual({ servers: 2, addresses: 4, workers: 2 });

  const trial = { transport: "ws", repeat: 1, settings: { ...settled(60), ...counts } };
  const pids = new Set<number>();
  const measured = await runTrial(trial, never, ignore, (processes) =>
    processes.servers.forEach(({ pid }) => pids.add(pid)),
  );
  expect(pids.size).toBe(2);
  expect(measured.servers.loads).toHaveLength(2);
  for (const server of measured.servers.loads) expect(server.cpuUs).toBeGreaterThan(0);
  const keys = { transport: "ws", clients: 60, duration_s: 1 } as RowKeys;
  const sound = {
    sent: 200,
    expected: 3_000,
    delivered: 3_000,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    unexpected: 0,
  };
  expect(buildRow(keys, measured)).toMatchObject({
    ...sound,
    overhead_bytes_per_send: 8,
    overhead_bytes_per_delivery: 4,
    worker_processes: 3,
  });
  // What is under way at T0 or T1 may fall on either side of it: a few messages, never the half that one server has.
  const { payload_bytes_in: bytesIn, payload_bytes_out: bytesOut } = buildRow(keys, measured);
  expect(bytesIn! / (200 * 128)).toBeCloseTo(1, 1);
  expect(bytesOut! / (3_000 * 128)).toBeCloseTo(1, 1);
  expect(measured.seconds).toHaveLength(1);
  // Every slice has its own deliveries: the traffic is known at each of their edges.
  const perSlice = measured.servers.slices.map(({ deliveries }) => deliveries);
  expect(Math.min(...perSlice)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...perSlice)).toBeLessThan(3_000);
}, 60_000);

it("the death of one of several servers fails the trial with a sentence that names it", async () => {
  process.env["PRETEND_BREAK"] = "server killed";
  const trial = trialOf(pretend("breaking"));
  Object.assign(trial.settings, { rooms: 4, servers: 2 });
  await expect(runTrial(trial, never, ignore)).rejects.toThrow(/^breaking server \d process was killed by SIGKILL$/);
}, 60_000);

it.each([
  ["server killed", /server process was killed by SIGKILL/],
  ["worker killed", /worker \d process was killed by SIGKILL/],
  ["server throws", /server: uncaught a half that throws/],
  ["connection closed", /^1 of 40 clients lost its connection .*: the server closed the connection$/],
])(
  "fails with one sentence when in mid-trial: %s",
  async (what, sentence) => {
    process.env["PRETEND_BREAK"] = what;
    const failure = await runTrial(trialOf(pretend("breaking")), never, ignore).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toMatch(sentence);
    expect((failure as Error).message).not.toContain("\n");
  },
  60_000,
);

it("an abort ends a trial in any phase", async () => {
  const call = new AbortController();
  const phases: string[] = [];
  const running = runTrial(trialOf("ws", "chat-100", { durationMs: 60_000 }), call.signal, ({ phase }) => {
    phases.push(phase);
    if (phase === "measuring") call.abort(new Error("called off"));
  });
  await expect(running).rejects.toThrow("called off");
  expect(new Set(phases)).toContain("warming up");
}, 60_000);
