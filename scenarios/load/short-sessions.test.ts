import { expect, it } from "vitest";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { nowUs } from "../lib/clock.ts";
import { sleepUntil } from "../lib/pace.ts";
import { scenarios } from "../scenarios.ts";
import { defaultOptions } from "../transports/load-transport.ts";
import type { Dialer } from "./dialer.ts";
import { ShortSessions } from "./short-sessions.ts";

const [warmupMs, durationMs] = [40, 20];

/** Sessions at 1,000 a second, whose server sends each message back and counts its connections. */
function open() {
  const counts = { connects: 0 };
  const dialer: Dialer = {
    async connect(handler) {
      counts.connects++;
      await Promise.resolve();
      return {
        send: (payload, text) => {
          const echo = Buffer.from(payload);
          queueMicrotask(() => handler.receive(echo, text));
        },
        close: () => queueMicrotask(() => handler.closed()),
      };
    },
    deliveryBoundMs: 0,
    responseTimeoutMs: 10_000,
    retryMs: Infinity,
  };
  const settings = resolveSettings("connect-per-message", scenarios["connect-per-message"], {
    ratePerS: 1_000,
    warmupMs,
    durationMs,
  });
  const addresses = [[{ host: "127.0.0.1", port: 1 }]];
  const assignment = { transport: "made-up", settings, options: defaultOptions, addresses, worker: 0, inFlight: 1 };
  return { sessions: new ShortSessions(assignment, dialer), counts };
}

it("connect times and send lags are of the measured sessions alone, and not of the first one or the warm-up", async () => {
  const { sessions, counts } = open();
  await sessions.connect();
  await sessions.verify();
  expect(counts.connects).toBe(1);
  const startUs = nowUs();
  const t0Us = startUs + warmupMs * 1000;
  sessions.warmUp(startUs);
  await sleepUntil(t0Us);
  expect(counts.connects).toBeGreaterThan(1);
  const { sent, sessions: window } = await sessions.runWindow({ t0Us, t1Us: t0Us + durationMs * 1000 });
  const { connect, sendLag, latency } = sessions.histograms();
  expect(sent).toBe(20);
  expect([connect, sendLag, latency].map((each) => mergeHistograms([each]).totalCount)).toEqual([20, 20, 20]);
  expect(counts.connects).toBeGreaterThan(1 + 20);
  expect(window!.failures.size).toBe(0);
});

it("a process without a warm-up records nothing before its window", async () => {
  const { sessions } = open();
  await sessions.connect();
  await sessions.verify();
  const { connect, sendLag, latency } = sessions.histograms();
  expect([connect, sendLag, latency].map((each) => mergeHistograms([each]).totalCount)).toEqual([0, 0, 0]);
});
