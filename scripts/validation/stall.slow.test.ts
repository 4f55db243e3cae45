import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { runTrial } from "../../scenarios/runner/run-trial.ts";
import { resolveSettings, type Trial } from "../../scenarios/definitions/settings.ts";
import { checkStall, checkWorkerStall, expectedShare, stallProcess, stalledEcho, stalledPush } from "./stall.ts";

const stallMs = 1_000;

async function stalledRow(scenario: typeof stalledEcho, target: "server" | "workers") {
  const settings = resolveSettings("stalled", scenario, { durationMs: 5_000, warmupMs: 500 });
  const trial: Trial = { transport: "ws", repeat: 1, settings };
  const keys = { transport: "ws", clients: settings.clients, duration_s: 5 } as RowKeys;
  const never = new AbortController().signal;
  return buildRow(
    keys,
    await runTrial(
      trial,
      never,
      () => undefined,
      (processes, times) => void stallProcess(processes, times, { target, durationMs: stallMs }),
    ),
  );
}

it.each([
  ["echoes", stalledEcho],
  ["broadcasts", stalledPush],
] as const)(
  "a stall of the server for one second shows in the latencies of %s, in the right proportion",
  async (_kind, scenario) => {
    const checks = checkStall(await stalledRow(scenario, "server"), stallMs, 0);
    expect(checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(checks).toHaveLength(5);
  },
  60_000,
);

it("a stall of the workers for one second makes the row suspect or invalid, with a large send lag", async () => {
  const row = await stalledRow(stalledEcho, "workers");
  const checks = checkWorkerStall(row, stallMs);
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(checks).toHaveLength(2);
  expect(row.rules!.split(" ")).toContain("late-sends");
  expect(row.reasons).toContain(
    `The load generator sent late (send lag p99 ${row.send_lag_p99_us} us) and the latency includes it: ` +
      "lower --rate or use more --workers.",
  );
}, 60_000);

it("expects a share that decreases linearly with the delay, or with its square where messages are polled", () => {
  expect(expectedShare(0.5e6, 1e6, 0, 10e6)).toBeCloseTo(0.05, 3);
  expect(expectedShare(0.1e6, 1e6, 0, 10e6)).toBeCloseTo(0.09, 3);
  expect(expectedShare(0.5e6, 1e6, 1e6, 10e6)).toBeCloseTo(0.025, 3);
  expect(expectedShare(0.1e6, 1e6, 1e6, 10e6)).toBeCloseTo(0.081, 3);
});
