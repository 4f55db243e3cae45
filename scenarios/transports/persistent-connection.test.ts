import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Connection, ConnectionHandler } from "../contract.ts";
import { connectLasting, openPersistent } from "./persistent-connection.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One attempt to connect, which the test lets succeed or fail. */
interface Attempt {
  handler: ConnectionHandler;
  sent: string[];
  closes: number;
  succeed(): void;
  fail(): void;
}

/** What a handler was told, in order. */
function recordingHandler() {
  const calls: string[] = [];
  const handler: ConnectionHandler = {
    receive: (payload, text, receivedBytes) => void calls.push(`${payload.toString()} ${text} ${receivedBytes}`),
    closed: (error) => void calls.push(error ? `closed: ${error.message}` : "closed"),
    lost: () => void calls.push("lost"),
    back: (resumed) => void calls.push(resumed ? "back, resumed" : "back, anew"),
  };
  return { calls, handler };
}

/** A half under the test's control. Its connection ends when the test says so, or in the same turn as `close`. */
function scriptedHalf() {
  const attempts: Attempt[] = [];
  const open = (handler: ConnectionHandler): Promise<Connection> =>
    new Promise((resolve, reject) => {
      const attempt: Attempt = {
        handler,
        sent: [],
        closes: 0,
        succeed: () =>
          resolve({
            send: (payload) => void attempt.sent.push(payload.toString()),
            close: () => void (attempt.closes++ === 0 && handler.closed()),
          }),
        fail: () => reject(new Error("refused")),
      };
      attempts.push(attempt);
    });
  return { attempts, open };
}

const window = { minMs: 100, maxMs: 400 };
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const reset = new Error("reset");

/** A persistent connection whose first attempt has succeeded. A wait is the shortest. */
async function opened() {
  const { attempts, open } = scriptedHalf();
  const { calls, handler } = recordingHandler();
  const opening = openPersistent(open, handler, window, () => 0);
  attempts[0]!.succeed();
  const connection = await opening;
  /** Breaks the newest connection and lets the next attempt begin. */
  async function breakAndRetry(): Promise<Attempt> {
    attempts.at(-1)!.handler.closed(reset);
    await vi.advanceTimersByTimeAsync(window.minMs);
    return attempts.at(-1)!;
  }
  return { attempts, calls, connection, breakAndRetry };
}

it("what is sent and received passes unchanged, and nothing is told while nothing breaks", async () => {
  const { attempts, calls, connection } = await opened();
  connection.send(Buffer.from("out"), true);
  attempts[0]!.handler.receive(Buffer.from("in"), false, 7);
  expect([attempts[0]!.sent, calls]).toEqual([["out"], ["in false 7"]]);
});

it("a connection that breaks is lost once, opened again after the wait, and back anew", async () => {
  const { attempts, calls, connection, breakAndRetry } = await opened();
  attempts[0]!.handler.closed(reset);
  expect(calls).toEqual(["lost"]);
  await vi.advanceTimersByTimeAsync(window.minMs - 1);
  expect(attempts.length).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect([attempts.length, calls]).toEqual([2, ["lost"]]);
  attempts[1]!.succeed();
  await settle();
  expect(calls).toEqual(["lost", "back, anew"]);
  connection.send(Buffer.from("again"), true);
  attempts[1]!.handler.receive(Buffer.from("in"), true, 2);
  expect([attempts[0]!.sent, attempts[1]!.sent]).toEqual([[], ["again"]]);
  (await breakAndRetry()).succeed();
  await settle();
  expect(calls).toEqual(["lost", "back, anew", "in true 2", "lost", "back, anew"]);
});

it("an end that the server asked for brings the client back too", async () => {
  const { attempts, calls } = await opened();
  attempts[0]!.handler.closed();
  await vi.advanceTimersByTimeAsync(window.minMs);
  expect([attempts.length, calls]).toEqual([2, ["lost"]]);
});

it("a failing attempt is repeated, later each time up to the longest wait, and lost is told once", async () => {
  const { attempts, open } = scriptedHalf();
  const { calls, handler } = recordingHandler();
  const opening = openPersistent(open, handler, window, () => 1);
  attempts[0]!.succeed();
  await opening;
  attempts[0]!.handler.closed(reset);
  for (const waitMs of [200, 400, 400]) {
    const before = attempts.length;
    await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(attempts.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(attempts.length).toBe(before + 1);
    attempts.at(-1)!.fail();
    await settle();
  }
  expect(calls).toEqual(["lost"]);
});

it("the waits begin again with the shortest after a success", async () => {
  const { attempts, open } = scriptedHalf();
  const opening = openPersistent(open, recordingHandler().handler, window, () => 1);
  attempts[0]!.succeed();
  await opening;
  attempts[0]!.handler.closed(reset);
  await vi.advanceTimersByTimeAsync(200);
  attempts[1]!.fail();
  await vi.advanceTimersByTimeAsync(400);
  attempts[2]!.succeed();
  await settle();
  attempts[2]!.handler.closed(reset);
  await vi.advanceTimersByTimeAsync(200);
  expect(attempts.length).toBe(4);
});

it("an attempt that breaks while it opens counts once, whether it then succeeds or fails", async () => {
  for (const how of ["succeed", "fail"] as const) {
    const { attempts, calls, breakAndRetry } = await opened();
    const second = await breakAndRetry();
    second.handler.closed(reset);
    second[how]();
    await settle();
    expect([attempts.length, calls]).toEqual([2, ["lost"]]);
    await vi.advanceTimersByTimeAsync(window.minMs);
    expect(attempts.length).toBe(3);
    attempts[2]!.succeed();
    await settle();
    expect(calls).toEqual(["lost", "back, anew"]);
  }
});

it("an attempt that has failed says nothing of the connection after it", async () => {
  const { attempts, calls, breakAndRetry } = await opened();
  const second = await breakAndRetry();
  second.fail();
  await vi.advanceTimersByTimeAsync(window.minMs);
  attempts[2]!.succeed();
  await settle();
  second.handler.closed(reset);
  expect(calls).toEqual(["lost", "back, anew"]);
});

it("a first attempt that fails or breaks at once rejects, with the reason, and is not repeated", async () => {
  const failing = scriptedHalf();
  const breaking = scriptedHalf();
  const { calls, handler } = recordingHandler();
  const [one, other] = [failing, breaking].map(({ open }) => openPersistent(open, handler, window, () => 0));
  failing.attempts[0]!.handler.closed(reset);
  failing.attempts[0]!.fail();
  breaking.attempts[0]!.succeed();
  breaking.attempts[0]!.handler.closed(reset);
  await expect(one).rejects.toThrow("refused");
  await expect(other).rejects.toThrow("reset");
  await vi.advanceTimersByTimeAsync(10_000);
  expect([failing.attempts.length, breaking.attempts.length, calls]).toEqual([1, 1, []]);
});

it("a half that comes back by itself is believed, and a loss that it has told is not told again", async () => {
  const { attempts, calls } = await opened();
  const { handler } = attempts[0]!;
  handler.lost!();
  handler.back!(true);
  handler.lost!();
  handler.closed(reset);
  expect(calls).toEqual(["lost", "back, resumed", "lost"]);
  await vi.advanceTimersByTimeAsync(window.minMs);
  attempts[1]!.succeed();
  await settle();
  expect(calls.at(-1)).toBe("back, anew");
});

it("closing while it is connected closes the connection once, and closed is the last word", async () => {
  const { attempts, calls, connection } = await opened();
  connection.close();
  connection.close();
  connection.send(Buffer.from("late"), true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([attempts.length, attempts[0]!.closes, attempts[0]!.sent, calls]).toEqual([1, 1, [], ["closed"]]);
});

it("a connection that breaks while it closes passes on why", async () => {
  const { attempts, open } = scriptedHalf();
  const { calls, handler } = recordingHandler();
  const opening = openPersistent(
    async (own) => ({ ...(await open(own)), close: () => own.closed(reset) }),
    handler,
    window,
    () => 0,
  );
  attempts[0]!.succeed();
  (await opening).close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([attempts.length, calls]).toEqual([1, ["closed: reset"]]);
});

it("closing while it waits ends it at once, and nothing is opened any more", async () => {
  const { attempts, calls, connection } = await opened();
  attempts[0]!.handler.closed(reset);
  connection.close();
  connection.close();
  expect(calls).toEqual(["lost", "closed"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([attempts.length, calls]).toEqual([1, ["lost", "closed"]]);
});

it.each(["succeed", "fail", "break"] as const)(
  "closing while an attempt is under way ends it when the attempt is over: %s",
  async (how) => {
    const { attempts, calls, connection, breakAndRetry } = await opened();
    const second = await breakAndRetry();
    connection.close();
    expect(calls).toEqual(["lost"]);
    if (how === "break") second.handler.closed(reset);
    second[how === "fail" ? "fail" : "succeed"]();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([attempts.length, calls]).toEqual([2, ["lost", "closed"]]);
    expect(second.closes).toBe(how === "succeed" ? 1 : 0);
  },
);

it("what is sent while there is no connection is dropped, and nobody is told", async () => {
  const { attempts, calls, connection, breakAndRetry } = await opened();
  const second = await breakAndRetry();
  connection.send(Buffer.from("unheard"), true);
  second.succeed();
  await settle();
  expect([attempts.map(({ sent }) => sent), calls]).toEqual([
    [[], []],
    ["lost", "back, anew"],
  ]);
});

it("a connection lasts only where the options ask for it and no library does it", async () => {
  const reconnect = { minMs: 1, maxMs: 1 };
  const endOf = async (options: object, transport: { reconnects?: "library" }): Promise<string[]> => {
    const { attempts, open } = scriptedHalf();
    const { calls, handler } = recordingHandler();
    const opening = connectLasting(open, handler, { transport, options, random: () => 0 });
    attempts[0]!.succeed();
    await opening;
    attempts[0]!.handler.closed(reset);
    return calls;
  };
  expect(await endOf({}, {})).toEqual(["closed: reset"]);
  expect(await endOf({ reconnect }, { reconnects: "library" })).toEqual(["closed: reset"]);
  expect(await endOf({ reconnect }, {})).toEqual(["lost"]);
  expect(await endOf({ reconnect: "usual" }, {})).toEqual(["lost"]);
});
