import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parseThresholds } from "../../results/rows/thresholds.ts";
import { resolveSettings, type Trial } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { runTrial } from "./run-trial.ts";
import { ThresholdAbort } from "./threshold-watch.ts";

const never = new AbortController().signal;
const pretend = (name: string): string => fileURLToPath(new URL(`../testing/${name}.js`, import.meta.url));

function trialOf(transport: string, text: string, durationMs: number, changes = {}): Trial {
  const thresholds = parseThresholds("--threshold", text);
  const small = { clients: 20, ratePerS: 200, warmupMs: 200, durationMs, abortOnThreshold: true as const };
  const base = { ...scenarios["chat-100"], thresholds, ...changes };
  return { transport, repeat: 1, settings: resolveSettings("chat-100", base, small) };
}

it.each([
  [
    "tcp",
    "latency_p99_us<1us",
    /deliveries were late .* more than 1 % of the 240,000 expected, .*<1us can hold no more$/,
  ],
  [pretend("leaky"), "lost<=3", /^aborted \d\.\d s after T0: \d+ deliveries are lost, so the threshold lost<=3/],
])(
  "a minute of %s is ended in its first seconds by %s",
  async (transport, text, sentence) => {
    const startedMs = performance.now();
    const failure = await runTrial(trialOf(transport, text, 60_000), never, () => undefined).catch(
      (error: Error) => error,
    );
    expect(failure).toBeInstanceOf(ThresholdAbort);
    expect((failure as Error).message).toMatch(sentence);
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  },
  60_000,
);

it("late and lost messages that a threshold allows end no trial, and paused clients have no part in it", async () => {
  const late = await runTrial(
    trialOf(pretend("faulty"), "latency_p99_us<30s,lost<=9999", 3_000),
    never,
    () => undefined,
  );
  expect(late.delivery.delivered).toBeLessThan(late.delivery.expected);
  const paused = { pausedClients: 5 };
  const slow = await runTrial(trialOf("tcp", "latency_p99_us<2s,lost=0", 4_000, paused), never, () => undefined);
  expect(slow.delivery.paused!.expected).toBeGreaterThan(0);
}, 60_000);
