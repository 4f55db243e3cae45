import type { FaultMeasurement, Measurement } from "../../results/model/measurement.ts";
import { parseFault } from "../definitions/fault.ts";
import { resolveSettings, type SettingsOverrides } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { runTrial } from "../runner/run-trial.ts";

/** A measurement of a trial with a fault. */
export type MeasuredFault = Measurement & { fault: FaultMeasurement };

const quick = { clients: 60, ratePerS: 20, warmupMs: 300, durationMs: 4_500, reconnect: { minMs: 500, maxMs: 1_000 } };

/** What a fault did to a trial of 60 clients with 20 messages a second. */
export async function runWithFault(
  transport: string,
  fault: string,
  changes: SettingsOverrides = {},
): Promise<MeasuredFault> {
  const overrides = { ...quick, fault: parseFault("fault", fault), ...changes };
  const settings = resolveSettings("cut", scenarios.cut, overrides);
  const measured = await runTrial({ transport, settings, repeat: 1 }, new AbortController().signal, () => undefined);
  return { ...measured, fault: measured.fault! };
}

/** Deliveries that the affected clients missed. */
export function missedIn({ fault }: MeasuredFault): number {
  return fault.interruptions.reduce((sum, { missed }) => sum + missed, 0);
}

/** Lost deliveries that no interruption explains. */
export function unexplainedIn(measured: MeasuredFault): number {
  const { expected, delivered } = measured.delivery;
  return expected - delivered - missedIn(measured) - measured.fault.lostWithSenders;
}
