import { expect, it } from "vitest";
import { keysOf, type RunPlace } from "./describe.ts";
import { row } from "../results/row.ts";
import { run } from "./run.ts";
import { scenarios } from "./scenarios.ts";
import { settle, type Changes } from "./settings.ts";

const never = new AbortController().signal;
const place: RunPlace = {
  runId: "test",
  environment: { harness: { commit: null, changed: null, version: "0" } } as never,
};
const small = { clients: 24, warmupMs: 300, durationMs: 1_500 };

/** What each conversation offers in 1.5 s, and how many hear a message of it. */
const conversations: Partial<Record<keyof typeof scenarios, { changes?: Changes; each: number }>> = {
  ticker: { each: 24 },
  notify: { each: 2 },
  telemetry: { each: 1 },
  "full-duplex": { each: 1 },
  "half-duplex": { each: 1 },
  tokens: { changes: { offeredPerS: 400 }, each: 1 },
  burst: { each: 24 },
};

for (const transport of ["tcp", "long-poll"])
  it.each(Object.entries(conversations))(
    `delivers every message of %s over ${transport}`,
    async (name, { changes, each }) => {
      const settings = settle(name, scenarios[name as keyof typeof scenarios], { ...small, ...changes });
      const trial = { transport, repeat: 1, settings };
      const found = row(await keysOf(trial, place, new Date()), await run(trial, never, () => undefined));
      const sent = Math.round(settings.offeredPerS * 1.5);
      const sound = { lost: 0, duplicated: 0, reordered: 0, corrupted: 0, unexpected: 0 };
      expect(found).toMatchObject({ sent, expected: sent * each, delivered: sent * each, ...sound });
      expect(found.server_cpu_us_per_delivery).toBeGreaterThan(0);
      expect(found.latency_min_us).toBeGreaterThan(0);
    },
    60_000,
  );
