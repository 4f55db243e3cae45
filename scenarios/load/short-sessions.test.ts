import { expect, it } from "vitest";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { nowUs } from "../lib/clock.ts";
import { sleepUntil } from "../lib/pace.ts";
import { scenarios } from "../scenarios.ts";
import { defaultOptions } from "../transports/load-transport.ts";
import type { ConnectionHandler } from "../contract.ts";
import type { Dialer } from "./dialer.ts";
import { ShortSessions } from "./short-sessions.ts";

const [warmupMs, durationMs] = [40, 20];

/** Sends a message back at once. */
const echo: Behaviour = (payload, text, handler) => queueMicrotask(() => handler.receive(payload, text));

type Behaviour = (payload: Buffer, text: boolean, handler: ConnectionHandler) => void;

/** Sessions at 1,000 a second, whose server sends each message back by default and counts its connections. */
function open(answer = echo, changes = {}, deliveryBoundMs = 0) {
  const counts = { connects: 0 };
  const dialer: Dialer = {
    async connect(handler) {
      counts.connects++;
      await Promise.resolve();
      return {
        send: (payload, text) => answer(Buffer.from(payload), text, handler),
        close: () => queueMicrotask(() => handler.closed()),
      };
    },
    deliveryBoundMs,
    responseTimeoutMs: 10_000,
    retryMs: Infinity,
  };
  const settings = resolveSettings("connect-per-message", scenarios["connect-per-message"], {
    ratePerS: 1_000,
    warmupMs,
    durationMs,
    ...changes,
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

/** Answers the first message, which belongs to no window, and no other. */
function answerFirst(): Behaviour {
  let isFirst = true;
  return (...message) => {
    if (isFirst) echo(...message);
    isFirst = false;
  };
}

/** A window that ended so long ago. Sessions may be open until 10 s and three delivery bounds of 1 s after its end. */
async function windowBefore(agoMs: number, answer: Behaviour, changes = {}) {
  const { sessions } = open(answer, { warmupMs: 0, ...changes }, 1_000);
  await sessions.connect();
  await sessions.verify();
  const t1Us = nowUs() - 1000 * agoMs;
  const t0Us = t1Us - 1000 * durationMs;
  sessions.warmUp(t0Us);
  const running = sessions.runWindow({ t0Us, t1Us });
  return { sessions, t0Us, t1Us, running };
}

it("as many sessions as the worker has clients are open at once, and what has no answer in time has failed", async () => {
  const { sessions, running } = await windowBefore(12_950, answerFirst(), { clients: 3, workers: 2 });
  await Promise.resolve();
  expect(sessions.progress().open).toBe(2);
  const { sent, sessions: window } = await running;
  expect(sent).toBe(2);
  expect([...window!.failures]).toEqual([["no answer 13 s after the window", 2]]);
  await expect.poll(() => sessions.progress().open, { interval: 1 }).toBe(0);
});

it("a session that was due in the window may end after it, and the last ready connection ends the connecting", async () => {
  const late: Behaviour = (...message) => void setTimeout(() => echo(...message), 20);
  const { t0Us, t1Us, running } = await windowBefore(12_000, late, { clients: 5 });
  const { sent, sessions: window } = await running;
  expect([sent, window!.failures.size]).toEqual([20, 0]);
  expect(window!.delayed).toBe(15);
  expect(window!.connecting.fromUs).toBe(t0Us);
  expect(window!.connecting.toUs).toBeGreaterThan(t1Us);
});
