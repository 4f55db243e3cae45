import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";
import type { StreamFormat } from "../../protocols/stream-format.ts";
import type { HttpExchange, HttpVersion, ResponseStream } from "./exchange.ts";
import { StreamSessions } from "./stream-sessions.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const idleMs = 1_000;

const format: StreamFormat = {
  path: "/stream",
  contentType: "text/plain",
  preamble: Buffer.alloc(0),
  encode: (payload) => payload,
  heartbeat: Buffer.from("beat"),
  closing: Buffer.from("bye"),
  replayBytes: 1_000,
};

const http: HttpVersion = { frame: (bytes) => bytes, listen: () => Promise.reject(new Error("nobody listens")) };

/** A client without a stream, and the times at which the application was told that it has left. */
function open(changes: Partial<StreamFormat> = {}) {
  const leftAfterMs: number[] = [];
  const startMs = Date.now();
  const app = () => ({
    join: () => undefined,
    receive: () => undefined,
    leave: () => void leftAfterMs.push(Date.now() - startMs),
  });
  const sessions = new StreamSessions(app, { ...defaultOptions, idleMs }, http, { ...format, ...changes });
  const session = sessions.open();
  return { sessions, session, leftAfterMs };
}

/** A stream whose client has read so many bytes, and of which so many wait. */
function connect({ sessions, session }: Pick<ReturnType<typeof open>, "sessions" | "session">) {
  const written: string[] = [];
  const state = { queuedBytes: 0, sentBytes: 0, dropped: false };
  let end = (): void => undefined;
  const stream: ResponseStream = {
    write: (framed) => written.push(framed.toString()) > 0,
    queuedBytes: () => state.queuedBytes,
    sentBytes: () => state.sentBytes,
    end: () => undefined,
    drop: () => void (state.dropped = true),
  };
  const exchange: Partial<HttpExchange> = {
    header: () => undefined,
    openStream: () => stream,
    onEnd: (listener) => void (end = listener),
  };
  sessions.openStream(session, exchange as HttpExchange);
  return { cut: () => end(), written, state };
}

it("a client that never has a stream has left after idleMs", () => {
  const { leftAfterMs } = open();
  vi.advanceTimersByTime(60_000);
  expect(leftAfterMs).toEqual([idleMs]);
});

it.each([1, 100, 999])(
  "a client that loses its stream %i ms before the idle timer has a whole idleMs to return",
  (ms) => {
    const test = open();
    const { cut } = connect(test);
    vi.advanceTimersByTime(idleMs - ms);
    cut();
    vi.advanceTimersByTime(60_000);
    expect(test.leftAfterMs).toEqual([2 * idleMs - ms]);
  },
);

it("a client that returns before the end of its idleMs stays, for as long as it has a stream", () => {
  const test = open();
  const { cut } = connect(test);
  vi.advanceTimersByTime(idleMs - 1);
  cut();
  vi.advanceTimersByTime(idleMs - 1);
  connect(test);
  vi.advanceTimersByTime(60 * idleMs);
  expect(test.leftAfterMs).toEqual([]);
});

it("a client that loses its stream has left at once where nothing can be replayed", () => {
  const test = open({ replayBytes: 0 });
  const { cut } = connect(test);
  vi.advanceTimersByTime(10);
  cut();
  expect(test.leftAfterMs).toEqual([10]);
  expect(vi.getTimerCount()).toBe(0);
});

it("the end of a stream that a newer one has replaced begins no idle time", () => {
  const test = open({ replayBytes: 0 });
  const older = connect(test);
  connect(test);
  older.cut();
  vi.advanceTimersByTime(60_000);
  expect(test.leftAfterMs).toEqual([]);
});

it("a stream that is closing gets no heartbeat after its last words, and is not dropped by one", () => {
  const test = open();
  const { state, written } = connect(test);
  test.sessions.close(test.session);
  test.sessions.heartbeat();
  state.queuedBytes = 500;
  test.sessions.heartbeat();
  test.sessions.heartbeat();
  expect([written, state.dropped]).toEqual([["bye"], false]);
});

it("a client that reads some of its waiting bytes between two heartbeats stays, and one that reads none is dropped", () => {
  const test = open();
  const { state, written } = connect(test);
  test.sessions.heartbeat();
  expect(written).toEqual(["beat"]);
  state.queuedBytes = 500;
  for (state.sentBytes = 0; state.sentBytes < 5; state.sentBytes++) test.sessions.heartbeat();
  expect([state.dropped, test.leftAfterMs]).toEqual([false, []]);
  state.sentBytes--;
  test.sessions.heartbeat();
  expect([state.dropped, test.leftAfterMs]).toEqual([true, [0]]);
});
