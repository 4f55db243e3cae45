import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { refusedOneIn, shownOutOneIn } from "../testing/turnstile.ts";
import { runTrial } from "../runner/run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type SettingsOverrides } from "../definitions/settings.ts";
import { standardTransports } from "../transports/load-transport.ts";

const never = new AbortController().signal;
const small = { ratePerS: 100, warmupMs: 300, durationMs: 1_000 };

async function visited(transport: string, changes: SettingsOverrides = {}) {
  const settings = resolveSettings("connect-per-message", scenarios["connect-per-message"], { ...small, ...changes });
  const { clients } = settings;
  const measured = await runTrial({ transport, repeat: 1, settings }, never, () => undefined);
  const keys = { transport, clients, duration_s: settings.durationMs / 1000 } as RowKeys;
  return { measured, found: buildRow(keys, measured) };
}

const answered = { sent: 100, expected: 100, delivered: 100, lost: 0, duplicated: 0, corrupted: 0, unexpected: 0 };

it.each(standardTransports())(
  "every visit of the plan is made and answered over %s",
  async (transport) => {
    const { measured, found } = await visited(transport, { workers: 2 });
    expect(found).toMatchObject({ ...answered, connects_per_s: expect.closeTo(100, -2) });
    expect(measured.connect.totalCount).toBe(100);
    expect(measured.visits).toMatchObject({ scouts: 2, waited: 0, troubles: new Map() });
  },
  60_000,
);

it("weighs visits to the byte: the handshake, the message, the answer and the goodbye", async () => {
  const payload = { payloadBytes: 100 };
  const { found: tcp } = await visited("tcp", payload);
  expect(tcp).toMatchObject({ connect_bytes_in: 0, connect_bytes_out: 0 });
  expect(tcp).toMatchObject({ overhead_bytes_per_send: 4, overhead_bytes_per_delivery: 4 });
  const { found: ws } = await visited("ws", payload);
  // A frame's header, and a Close frame with a status: 8 bytes of a client, who masks, and 4 of a server.
  expect(ws).toMatchObject({
    overhead_bytes_per_send: ws.connect_bytes_in! + 6 + 8,
    overhead_bytes_per_delivery: ws.connect_bytes_out! + 2 + 4,
  });
}, 60_000);

it("a visit that is refused or shown out is lost, and its reason counted", async () => {
  const turnstile = fileURLToPath(new URL("../testing/turnstile.js", import.meta.url));
  const { measured, found } = await visited(turnstile, { durationMs: 2_000 });
  const { troubles: failures } = measured.visits!;
  const refused = [...failures].find(([what]) => what.startsWith("connect ECONNREFUSED 127.0.0.1:1"))![1];
  const shownOut = failures.get("the server closed the link")!;
  expect(failures.size).toBe(2);
  expect(Math.abs(refused - 200 / refusedOneIn)).toBeLessThanOrEqual(1);
  expect(Math.abs(shownOut - (200 - refused) / shownOutOneIn)).toBeLessThanOrEqual(1);
  expect(found).toMatchObject({ sent: 200, expected: 200, lost: refused + shownOut });
  expect(found.reasons).toContain(`In ${refused + shownOut} visits something went wrong`);
}, 60_000);

it("visits that find every place taken wait for one, and the row says so", async () => {
  const { measured, found } = await visited("short-poll", { clients: 10, ratePerS: 30 });
  expect(found).toMatchObject({ sent: 30, lost: 0, status: "suspect" });
  expect(measured.visits!.waited).toBeGreaterThan(0);
  expect(found.reasons).toMatch(/visits began late, as 10 were still there/);
  expect(found.latency_max_us).toBeGreaterThan(1e6);
}, 60_000);
