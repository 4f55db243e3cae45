import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { runTrial } from "../../scenarios/runner/run-trial.ts";
import { resolveSettings, type Trial } from "../../scenarios/definitions/settings.ts";
import { expectedShare, checkStall, stallProcess, stalledEcho, stalledPush } from "./stall.ts";

const stallMs = 1_000;

async function stalledRow(scenario: typeof stalledEcho, who: "server" | "workers") {
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
  ["pushes", stalledPush],
] as const)(
  "a second in which the server stood still is in the tail of %s, in the right proportion",
  async (_what, scenario) => {
    const findings = checkStall(await stalledRow(scenario, "server"), stallMs, 0);
    expect(findings.filter(({ holds }) => !holds)).toEqual([]);
  },
  60_000,
);

it("a second in which the workers stood still makes the row doubtful, for the generator was late", async () => {
  const { status, reasons } = await stalledRow(stalledEcho, "workers");
  expect(status).not.toBe("valid");
  expect(reasons).toMatch(/generator was late/);
}, 60_000);

it("expects a share that falls evenly over the stall, or with its square where answers have to be asked for", () => {
  expect(expectedShare(0.5e6, 1e6, 0, 10e6)).toBeCloseTo(0.05, 3);
  expect(expectedShare(0.1e6, 1e6, 0, 10e6)).toBeCloseTo(0.09, 3);
  expect(expectedShare(0.5e6, 1e6, 1e6, 10e6)).toBeCloseTo(0.025, 3);
  expect(expectedShare(0.1e6, 1e6, 1e6, 10e6)).toBeCloseTo(0.081, 3);
});
