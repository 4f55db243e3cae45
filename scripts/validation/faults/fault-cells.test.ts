import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Row } from "../../../results/model/columns.ts";
import { rowOf } from "../../../results/testing/report-rows.ts";
import { appendJsonLine } from "../../lib/json-lines.ts";
import { proofOfFaults } from "./fault-cells.ts";
import { caseOfRow, cellOfFaultRow, readFaultRows } from "./fault-rows.ts";
import { faultProofText } from "./fault-text.ts";

const cut: Row = { scenario: "cut", fault: "cut:50%@5s", heartbeat: "25s", clients: 100, affected: 50 };
const outage: Row = { ...cut, scenario: "outage-5s", fault: "gone:5s:50%@5s" };

const rows = [
  rowOf("ws", {
    ...cut,
    noticed: 50,
    detect_p50_ms: 26,
    back_p50_ms: 1_640,
    gave_up: 0,
    missed: 1_500,
    missed_percent: 99,
  }),
  rowOf("ws", {
    ...cut,
    noticed: 50,
    detect_p50_ms: 28,
    back_p50_ms: 1_660,
    gave_up: 0,
    missed: 1_600,
    missed_percent: 99,
  }),
  rowOf("ws", { ...cut, repeat: 3, missed: 9, status: "invalid" }),
  rowOf("long-poll", { ...cut, noticed: 0, missed: 0, live_p50_ms: 50, storm_per_s: 0 }),
  rowOf("ws", { ...outage, heartbeat: "2s", missed: 2_345 }),
  rowOf("ws", { ...outage, missed: 0 }),
];

it("has the medians of each transport for each fault, without invalid rows, and tells heartbeats apart", () => {
  const { cases } = proofOfFaults(rows);
  expect(
    cases.map(({ name, cells }) => [name, cells.map(({ transport, missed }) => `${transport} ${missed}`)]),
  ).toEqual([
    ["cut", ["ws 1550", "long-poll 0"]],
    ["outage", ["ws 0"]],
    ["outage-2s", ["ws 2345"]],
  ]);
  expect(cases[0]!.cells[0]).toMatchObject({ rows: 2, noticed: 50, detect_p50_ms: 27, back_p50_ms: 1_650 });
});

it("prints a table for each fault in at most 80 columns", () => {
  const text = faultProofText(proofOfFaults(rows));
  expect(text).toMatch(/^Connections are cut \(cut:50%@5s\):$/m);
  expect(text).toMatch(/^ws +50\/50 +27 +1,650 +0 +- +1,550 +99\.0 +- *$/m);
  expect(text).toMatch(/^100 clients; medians of 1 to 2 rows of each transport\./m);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(faultProofText(proofOfFaults([]))).toBe("No row counts yet.");
});

it("keeps rows in a file, and measures an invalid row and one of no case again", () => {
  const folder = mkdtempSync(join(tmpdir(), "faults-"));
  try {
    const path = join(folder, "rows.ndjson");
    for (const row of rows) appendJsonLine(path, row);
    const found = readFaultRows(path).map((row) => cellOfFaultRow(row));
    expect(found).toEqual(["ws cut", "ws cut", undefined, "long-poll cut", "ws outage-2s", "ws outage"]);
    expect(caseOfRow(rowOf("ws"))).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
