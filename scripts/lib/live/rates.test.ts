import { expect, it } from "vitest";
import type { ProgressView } from "../../../scenarios/runner/progress.ts";
import { openRates } from "./rates.ts";

const t0Us = 7_000_000;

/** A view `s` seconds after T0. */
const viewAt = (s: number, deliveries: number, sent: number, phase: ProgressView["phase"] = "measuring") => ({
  phase,
  clients: 2,
  connected: 2,
  deliveries,
  sent,
  countedUs: t0Us + 1e6 * s,
  phaseFromUs: phase === "measuring" ? t0Us : t0Us + 3e6,
  secondsLeft: undefined,
});

const pointsOf = (views: readonly ProgressView[], settings: Partial<Parameters<typeof openRates>[0]> = {}) => {
  const rates = openRates({ app: "chat", durationMs: 3_000, ...settings });
  return views.map(rates).filter((point) => point !== undefined);
};

it("a rate is a difference of counts by the time between them, however late they come", () => {
  const views = [viewAt(0, 0, 90), viewAt(1, 500, 100), viewAt(3, 2_500, 120)];
  expect(pointsOf(views)).toEqual([
    { second: 1, delivered: 500, sent: 10 },
    { second: 3, delivered: 1_000, sent: 10 },
  ]);
});

it("counts from before T0, and those that were shown before, make no point", () => {
  expect(pointsOf([viewAt(-0.4, 0, 80, "warming up"), viewAt(-0.4, 0, 80), viewAt(0.1, 3, 90)])).toEqual([]);
  expect(pointsOf([viewAt(0, 0, 0), viewAt(1, 10, 1), viewAt(1, 10, 1), viewAt(1.2, 12, 1)])).toHaveLength(1);
});

it("what is counted after the window belongs to its last second", () => {
  const views = [viewAt(0, 0, 0), viewAt(2, 20, 2), viewAt(3.4, 30, 3, "draining"), viewAt(4.4, 30, 3, "draining")];
  expect(pointsOf(views)).toEqual([
    { second: 2, delivered: 10, sent: 1 },
    { second: 3, delivered: 10, sent: 1 },
  ]);
});

it("rates that the clients do not know are left out", () => {
  const views = [viewAt(0, 0, 0), viewAt(1, 10, 5)];
  expect(pointsOf(views, { app: "ingest" })).toEqual([{ second: 1, sent: 5 }]);
  expect(pointsOf(views, { senderSide: "server" })).toEqual([{ second: 1, delivered: 10 }]);
});
