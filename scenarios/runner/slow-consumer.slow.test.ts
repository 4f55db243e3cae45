import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { runTrial } from "./run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type SettingsOverrides } from "../definitions/settings.ts";

const never = new AbortController().signal;

async function runPaused(transport: string, changes: SettingsOverrides) {
  const small = { clients: 12, warmupMs: 300, durationMs: 1_000 };
  const settings = resolveSettings("slow-consumer", scenarios["slow-consumer"], { ...small, ...changes });
  const { clients } = settings;
  const measured = await runTrial({ transport, repeat: 1, settings }, never, () => undefined);
  const keys = { transport, clients, duration_s: settings.durationMs / 1000 } as RowKeys;
  return buildRow(keys, measured);
}

it.each(["tcp", "ws", "long-poll", "socket.io"])(
  "paused clients receive everything later over %s, and the others are not delayed",
  async (transport) => {
    const found = await runPaused(transport, { payloadBytes: 128 });
    expect(found).toMatchObject({
      sent: 50,
      expected: 50 * 7,
      delivered: 50 * 7,
      lost: 0,
      paused_expected: 50 * 5,
      paused_delivered: 50 * 5,
      paused_dropped: 0,
      duplicated: 0,
      reordered: 0,
      unexpected: 0,
      worker_processes: 2,
    });
    expect(found.latency_max_us).toBeLessThan(1e6);
  },
  60_000,
);

it.each([
  // More than the kernel and the server buffer together, or than the server keeps of responses to polls.
  ["tcp", 192 * 1024],
  ["long-poll", 64 * 1024],
])(
  "a %s server drops paused clients when its queue is full, which is no failure, and no other client loses a message",
  async (transport, payloadBytes) => {
    const found = await runPaused(transport, { payloadBytes, clients: 8, durationMs: 3_000 });
    expect(found).toMatchObject({ sent: 150, lost: 0, paused_dropped: 3, paused_expected: 450, unexpected: 0 });
    expect(found.paused_delivered).toBeLessThan(450);
    expect(found.rules).toContain("slow-consumers-dropped");
    expect(found.reasons).toContain(
      "The server disconnected 3 of the 3 paused clients; only paused_expected counts what they missed.",
    );
  },
  60_000,
);
