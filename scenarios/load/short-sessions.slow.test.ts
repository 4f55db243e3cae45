import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { refusedOneIn, disconnectedOneIn } from "../testing/turnstile.ts";
import { runTrial } from "../runner/run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type SettingsOverrides } from "../definitions/settings.ts";
import { standardTransports } from "../transports/load-transport.ts";

const never = new AbortController().signal;
const small = { ratePerS: 100, warmupMs: 300, durationMs: 1_000 };

async function runSessions(transport: string, changes: SettingsOverrides = {}) {
  const settings = resolveSettings("connect-per-message", scenarios["connect-per-message"], { ...small, ...changes });
  const { clients } = settings;
  const measured = await runTrial({ transport, repeat: 1, settings }, never, () => undefined);
  const keys = { transport, clients, duration_s: settings.durationMs / 1000 } as RowKeys;
  return { measured, found: buildRow(keys, measured) };
}

const answered = { sent: 100, expected: 100, delivered: 100, lost: 0, duplicated: 0, corrupted: 0, unexpected: 0 };

it.each(standardTransports())(
  "every planned session is made and answered over %s",
  async (transport) => {
    const { measured, found } = await runSessions(transport, { workers: 2 });
    expect(found).toMatchObject({ ...answered, connects_per_s: expect.closeTo(100, -2) });
    expect(measured.connect.timesUs.totalCount).toBe(100);
    expect(measured.sessions).toMatchObject({ firstSessions: 2, delayed: 0, failures: new Map() });
  },
  60_000,
);

it("sessions are weighed to the byte: handshake, message, answer and close", async () => {
  const payload = { payloadBytes: 100 };
  const { found: tcp } = await runSessions("tcp", payload);
  expect(tcp).toMatchObject({ connect_bytes_in: 0, connect_bytes_out: 0 });
  expect(tcp).toMatchObject({ overhead_bytes_per_send: 4, overhead_bytes_per_delivery: 4 });
  const { found: ws } = await runSessions("ws", payload);
  // A frame's header, and a Close frame with a status: 8 bytes of a client, who masks, and 4 of a server.
  expect(ws).toMatchObject({
    overhead_bytes_per_send: ws.connect_bytes_in! + 6 + 8,
    overhead_bytes_per_delivery: ws.connect_bytes_out! + 2 + 4,
  });
}, 60_000);

it("a session that is refused or disconnected is lost, and its reason is counted", async () => {
  const turnstile = fileURLToPath(new URL("../testing/turnstile.js", import.meta.url));
  const { measured, found } = await runSessions(turnstile, { durationMs: 2_000 });
  const { failures } = measured.sessions!;
  const refused = [...failures].find(([what]) => what.startsWith("connect ECONNREFUSED 127.0.0.1:1"))![1];
  const disconnected = failures.get("the server closed the connection")!;
  expect(failures.size).toBe(2);
  expect(Math.abs(refused - 200 / refusedOneIn)).toBeLessThanOrEqual(1);
  expect(Math.abs(disconnected - (200 - refused) / disconnectedOneIn)).toBeLessThanOrEqual(1);
  expect(found).toMatchObject({ sent: 200, expected: 200, lost: refused + disconnected });
  expect(found.rules!.split(" ")).toContain("sessions-failed");
  expect(found.reasons).toContain(`${refused + disconnected} sessions failed`);
}, 60_000);

it("sessions that find all slots in use wait, and the row is suspect", async () => {
  const { measured, found } = await runSessions("short-poll", { clients: 10, ratePerS: 30 });
  expect(found).toMatchObject({ sent: 30, lost: 0, status: "suspect" });
  expect(measured.sessions!.delayed).toBeGreaterThan(0);
  expect(found.rules!.split(" ")).toContain("session-limit-reached");
  expect(found.reasons).toContain(
    `${measured.sessions!.delayed} sessions began late, since 10 were open at once, and the latency includes it: ` +
      "use more --clients, or lower --rate.",
  );
  expect(found.latency_max_us).toBeGreaterThan(1e6);
}, 60_000);
