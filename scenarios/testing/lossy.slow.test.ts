import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { runTrial } from "../runner/run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { lostOneIn } from "./lossy.ts";

const lossy = fileURLToPath(new URL("./lossy.js", import.meta.url));

it("counts the losses of an unreliable transport, and continues when first messages of clients are lost", async () => {
  const settings = resolveSettings("chat-100", scenarios["chat-100"], {
    clients: 20,
    ratePerS: 100,
    warmupMs: 200,
    durationMs: 500,
  });
  const measured = await runTrial(
    { transport: lossy, repeat: 1, settings },
    new AbortController().signal,
    () => undefined,
  );
  const { error, sent, lost, expected } = buildRow(
    { transport: "lossy", clients: 20, duration_s: 0.5 } as RowKeys,
    measured,
  );
  expect({ error, sent, expected }).toEqual({ error: undefined, sent: 50, expected: 50 * 20 });
  const messagesLost = lost! / 20;
  expect(messagesLost).toBeGreaterThanOrEqual(Math.floor(50 / lostOneIn));
  expect(messagesLost).toBeLessThanOrEqual(Math.ceil(50 / lostOneIn));
}, 60_000);
