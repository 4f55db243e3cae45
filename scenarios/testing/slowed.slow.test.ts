import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { runTrial } from "../runner/run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";

const slowed = fileURLToPath(new URL("./slowed.js", import.meta.url));
const small = { clients: 20, ratePerS: 100, warmupMs: 200, durationMs: 500 };

it.each([
  ["chat-100", 50 * 20],
  ["echo", 50],
] as const)(
  "the slowed transport delivers every message of %s",
  async (name, expected) => {
    const settings = resolveSettings(name, scenarios[name], small);
    const measured = await runTrial({ transport: slowed, repeat: 1, settings }, new AbortController().signal, () => {});
    expect(buildRow({ transport: "slowed", clients: 20, duration_s: 0.5 } as RowKeys, measured)).toMatchObject({
      sent: 50,
      expected,
      delivered: expected,
      duplicated: 0,
      reordered: 0,
      corrupted: 0,
      unexpected: 0,
    });
  },
  30_000,
);
