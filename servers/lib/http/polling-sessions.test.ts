import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { batchMessage } from "../../protocols/batch.ts";
import type { HttpExchange } from "./exchange.ts";
import { openPollingSessions, type PollingSession, type PollingSessions } from "./polling-sessions.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A poll, and the status of its response. */
interface FakePoll {
  exchange: HttpExchange;
  status(): number | undefined;
  /** Ends the connection of the poll. */
  cut(): void;
}

function fakePoll(): FakePoll {
  let status: number | undefined;
  let end = (): void => undefined;
  const exchange: Partial<HttpExchange> = {
    respond(code) {
      status = code;
      end();
    },
    onEnd: (listener) => void (end = listener),
  };
  return { exchange: exchange as HttpExchange, status: () => status, cut: () => end() };
}

const [holdMs, graceMs] = [1_000, 300];

/** A session of a client that has joined, and the times at which it was told to have left. */
function open(timeouts = { holdMs, graceMs }) {
  const sessions: PollingSessions = openPollingSessions(timeouts, () => undefined);
  const session: PollingSession = sessions.open();
  const startMs = Date.now();
  const leftAfterMs: number[] = [];
  session.connection = { receive: () => undefined, leave: () => void leftAfterMs.push(Date.now() - startMs) };
  const poll = (): FakePoll => {
    const fake = fakePoll();
    sessions.poll(session, fake.exchange);
    return fake;
  };
  return { sessions, session, poll, leftAfterMs };
}

it("an empty long poll is answered with 204 at holdMs, and not before", () => {
  const { poll, leftAfterMs } = open();
  const { status } = poll();
  vi.advanceTimersByTime(holdMs - 1);
  expect(status()).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(status()).toBe(204);
  expect(leftAfterMs).toEqual([]);
});

it("each poll is held for a holdMs of its own", () => {
  const { poll } = open();
  poll();
  vi.advanceTimersByTime(holdMs);
  vi.advanceTimersByTime(graceMs - 100);
  const second = poll();
  vi.advanceTimersByTime(holdMs - 1);
  expect(second.status()).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(second.status()).toBe(204);
});

it("a newer poll is held for a whole holdMs, however long the older one was held", () => {
  const { poll } = open();
  const first = poll();
  vi.advanceTimersByTime(holdMs - 100);
  const second = poll();
  expect(first.status()).toBe(204);
  vi.advanceTimersByTime(holdMs - 1);
  expect(second.status()).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(second.status()).toBe(204);
});

it("the end of an older poll does not end the hold of a newer one", () => {
  const { sessions, session, poll } = open();
  const first = poll();
  const second = poll();
  first.cut();
  sessions.put(session, batchMessage(Buffer.from("news"), true));
  vi.advanceTimersByTime(1);
  expect(second.status()).toBe(200);
});

it("a short poll is answered at once", () => {
  const { poll } = open({ holdMs: 0, graceMs });
  const { status } = poll();
  vi.advanceTimersByTime(1);
  expect(status()).toBe(204);
});

it("a client that never polls has left after its grace", () => {
  const { leftAfterMs, sessions, session } = open();
  vi.advanceTimersByTime(60_000);
  expect(leftAfterMs).toEqual([graceMs]);
  expect(sessions.find(session.id)).toBeUndefined();
});

it("a client that stops polling has left a grace after the response to its last poll", () => {
  const { poll, leftAfterMs } = open();
  poll();
  vi.advanceTimersByTime(60_000);
  expect(leftAfterMs).toEqual([holdMs + graceMs]);
});

it("a client whose held poll is cut off has left a grace after that", () => {
  const { poll, leftAfterMs } = open();
  const { cut } = poll();
  vi.advanceTimersByTime(graceMs - 50);
  cut();
  vi.advanceTimersByTime(60_000);
  expect(leftAfterMs).toEqual([2 * graceMs - 50]);
});

it("a client that polls within its grace stays", () => {
  const { poll, leftAfterMs } = open({ holdMs: 0, graceMs });
  for (let i = 0; i < 10; i++) {
    poll();
    vi.advanceTimersByTime(graceMs - 10);
  }
  expect(leftAfterMs).toEqual([]);
});

it("a session that has ended leaves no timer", () => {
  const { sessions, session, poll, leftAfterMs } = open();
  const { status } = poll();
  sessions.end(session);
  expect([status(), leftAfterMs, vi.getTimerCount()]).toEqual([410, [0], 0]);
});
