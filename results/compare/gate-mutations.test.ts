import { describe, expect, it } from "vitest";
import type { ColumnName, Row } from "../model/columns.ts";
import { runRows, runSide } from "../testing/runs.ts";
import { compare } from "./compare.ts";
import { readNoiseFloor } from "./noise-floor.ts";
import { checkBounds, parseBounds, type GateResult } from "./regression-gate.ts";

const noNoise = { ...readNoiseFloor(), columns: {} };
const before = ["ws", "tcp", "short-poll"].flatMap((transport, i) =>
  ["chat-100", "chat-1k"].flatMap((scenario, k) =>
    runRows({
      repeats: 7,
      seed: 10 * i + k,
      changes: {
        run_id: "one",
        transport,
        scenario,
        deliveries_per_s: 5_000,
        idle_bytes_per_client_s: 2,
        missed: 0,
        gave_up: 0,
        ...(transport === "short-poll" && { polls_answered: 100 }),
      },
    }),
  ),
);

/** A copy of the rows, with the rows of ws in chat-100 changed or, where `change` returns undefined, left out. */
const changed = (change: (row: Row, repeat: number) => Row | undefined): Row[] =>
  before.flatMap((row) => {
    if (row.transport !== "ws" || row.scenario !== "chat-100") return [row];
    return change(row, row.repeat!) ?? [];
  });
const factor = (name: ColumnName, by: number) => (row: Row) => ({ ...row, [name]: Number(row[name]) * by });
const onlyFirst = (changes: Row) => (row: Row, repeat: number) => (repeat === 1 ? { ...row, ...changes } : row);
const without =
  (...names: ColumnName[]) =>
  (row: Row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name as ColumnName)));

const check = (bounds: string, after: Row[]): GateResult =>
  checkBounds(
    [compare(runSide(before), runSide(after, "b.csv"), { renames: [], noiseFloor: noNoise })],
    parseBounds(bounds),
  );

/** Ways in which a run can be worse. The bound is 5 %; the bounds of the first ones can be "exact" as well. */
const exactly: [way: string, (row: Row, repeat: number) => Row | undefined][] = [
  ["one message is lost", onlyFirst({ lost: 1 })],
  ["one is duplicated", onlyFirst({ duplicated: 1 })],
  ["one is reordered", onlyFirst({ reordered: 1 })],
  ["one is corrupted", onlyFirst({ corrupted: 1 })],
  ["one is unexpected", onlyFirst({ unexpected: 1 })],
  ["a client is refused", onlyFirst({ clients_refused: 1 })],
  ["a client is dropped", onlyFirst({ clients_dropped: 1 })],
  ["a client is never back after a fault", onlyFirst({ gave_up: 1 })],
  ["a transport that missed nothing misses five in a fault", onlyFirst({ lost: 5, missed: 5 })],
  ["a send has a byte more", (row) => ({ ...row, overhead_bytes_per_send: row.overhead_bytes_per_send! + 4 })],
  [
    "a delivery has a byte more",
    (row) => ({ ...row, overhead_bytes_per_delivery: row.overhead_bytes_per_delivery! + 1 }),
  ],
  ["a handshake sends more", factor("connect_bytes_in", 1.1)],
  ["a handshake receives more", factor("connect_bytes_out", 1.1)],
  ["a heartbeat has a byte more", factor("idle_bytes_per_client_s", 1.1)],
  ["a repeat failed", onlyFirst({ status: "failed", error: "Connection refused." })],
  ["a repeat is invalid", onlyFirst({ status: "invalid", reasons: "Only 1 of 9 messages were sent." })],
  ["every repeat failed", (row) => ({ ...row, status: "failed", error: "Connection refused." })],
  ["the trial is missing", () => undefined],
];
const measured: typeof exactly = [
  ["the median is higher", factor("latency_p50_us", 1.2)],
  ["the 99th percentile is higher", factor("latency_p99_us", 1.2)],
  ["a delivery costs more CPU", factor("server_cpu_us_per_delivery", 1.2)],
  ["the throughput halved", factor("deliveries_per_s", 0.5)],
  ["the 99th percentile is empty", without("latency_p99_us")],
  ["no latency was measured", without("latency_p50_us", "latency_p99_us")],
  ["the CPU was not measured", without("server_cpu_us_per_delivery")],
  ["most repeats are suspect", (row, repeat) => (repeat < 5 ? { ...row, status: "suspect" } : row)],
  ["one repeat is left", (row, repeat) => (repeat === 1 ? row : undefined)],
  ["the load is another", (row) => ({ ...row, offered_per_s: 1 })],
  ["the client is another", (row) => ({ ...row, client: "undici" })],
  ["losses were not counted", without("lost")],
  ["what was missed was not counted", without("missed")],
  ["clients that are never back were not counted", without("gave_up")],
];
const notDone = ({ exceeded, undecidable }: GateResult): number => exceeded.length + undecidable.length;

describe("the gate", () => {
  it("passes an unchanged copy", () => {
    for (const bounds of ["exact", "5%", "0%", "latency_p99_us=1%"])
      expect(
        check(
          bounds,
          changed((row) => ({ ...row })),
        ),
      ).toEqual({ exceeded: [], undecidable: [] });
  });

  it.each(exactly)("fails, with any bound, where %s", (_way, change) => {
    for (const bounds of ["exact", "5%"]) expect(check(bounds, changed(change)).exceeded).toHaveLength(1);
  });

  it.each(measured)("does not pass where %s", (_way, change) => {
    expect(notDone(check("5%", changed(change)))).toBeGreaterThan(0);
  });

  it("fails where a transport or a scenario is missing", () => {
    expect(
      check(
        "99%",
        before.filter(({ transport }) => transport !== "tcp"),
      ).exceeded,
    ).toHaveLength(2);
    expect(
      check(
        "99%",
        before.filter(({ scenario }) => scenario !== "chat-1k"),
      ).exceeded,
    ).toHaveLength(3);
  });
});
