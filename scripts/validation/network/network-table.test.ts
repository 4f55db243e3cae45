import { mkdtempSync, rmSync, appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Row } from "../../../results/model/columns.ts";
import { rowOf } from "../../../results/testing/report-rows.ts";
import { checkHypotheses } from "./hypotheses.ts";
import { appendJsonLine } from "../../lib/json-lines.ts";
import { cellOfNetworkRow, readNetworkRows, tableNetworks } from "./network-rows.ts";
import { networkTable } from "./network-table.ts";
import { networkTableText } from "./network-text.ts";

const row = (transport: string, network: keyof typeof tableNetworks, p50Ms: number, changes: Row = {}): Row =>
  rowOf(transport, {
    network: tableNetworks[network],
    duration_s: 30,
    latency_p50_us: 1000 * p50Ms,
    sent: 2_000,
    lost: 0,
    expected: 100,
    ...changes,
  });

const rows = [
  row("ws", "clean", 100, { connect_p50_ms: 400 }),
  row("ws", "clean", 100, { connect_p50_ms: 404, repeat: 2 }),
  row("ws", "lossy", 100, { connect_p50_ms: 400 }),
  row("long-poll", "clean", 160, { connect_p50_ms: 600 }),
  row("ws+tls", "clean", 100, { connect_p50_ms: 610 }),
  row("udp", "lossy", 100, { lost: 2 }),
  row("udp", "lossy", 900, { status: "invalid" }),
];

it("has the median connect time in round trips, and the loss of the rows that count", () => {
  const { cells } = networkTable(rows);
  expect(cells.find(({ transport, network }) => transport === "ws" && network === "clean")).toMatchObject({
    rows: 2,
    connect_p50_ms: 402,
  });
  expect(cells.find(({ transport, network }) => transport === "udp" && network === "lossy")).toMatchObject({
    rows: 1,
    lost_percent: 2,
  });
  expect(networkTableText(networkTable(rows))).toMatch(/^ws +402 +2\.0 /m);
});

it("checks each hypothesis by its ratio, and says which were not measured", () => {
  const { cells } = networkTable(rows);
  const found = new Map(checkHypotheses(cells).map(({ text, ratio, holds }) => [text, { ratio, holds }]));
  expect(found.get("Long polling is as quick as WebSocket.")?.holds).toBe(false);
  expect(found.get("Long polling is as quick as WebSocket.")?.ratio).toBeCloseTo(1.6, 1);
  expect(found.get("TLS takes a round trip more to be ready.")?.holds).toBe(true);
  expect(found.get("SSE and WebSocket recover alike.")).toEqual({ ratio: undefined, holds: undefined });
  const text = networkTableText(networkTable(rows));
  expect(text).toMatch(/; 0 to 2 rows of\s/);
  expect(text).toContain("does not hold: Long polling is as quick as WebSocket.");
  expect(text).toContain("not measured: SSE and WebSocket recover alike.");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

it("keeps rows in a file, leaves out a line that was cut, and measures an invalid row again", () => {
  const folder = mkdtempSync(join(tmpdir(), "network-rows-"));
  try {
    const path = join(folder, "rows.ndjson");
    expect(readNetworkRows(path)).toEqual([]);
    for (const each of rows) appendJsonLine(path, each);
    appendFileSync(path, '{"transport": "w');
    const read = readNetworkRows(path);
    expect(read).toEqual(rows);
    expect(read.map(cellOfNetworkRow)).toEqual([
      "ws clean 30 s",
      "ws clean 30 s",
      "ws lossy 30 s",
      "long-poll clean 30 s",
      "ws+tls clean 30 s",
      "udp lossy 30 s",
      undefined,
    ]);
    appendFileSync(path, "\n");
    expect(() => readNetworkRows(path)).toThrow(/^Line 8 of .* is no row of prove:network: .* Name another file\.$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
