import { expect, it } from "vitest";
import type { ConnectionHandler, Connection } from "../contract.ts";
import { startSession } from "./session.ts";

const answer = Buffer.from("hello");

/** A session whose server is the test. */
function testSession(timeoutMs = 60_000) {
  const log: string[] = [];
  const connection: Connection = {
    send: (payload) => void log.push(`sent ${payload.toString()}`),
    close: () => void log.push("closed"),
  };
  let handler!: ConnectionHandler;
  let accept!: (connection: Connection) => void;
  let refuse!: (error: Error) => void;
  let end!: (failure: string | undefined) => void;
  const connecting = new Promise<Connection>((resolve, reject) => ([accept, refuse] = [resolve, reject]));
  const ended = new Promise<string | undefined>((resolve) => (end = resolve));
  const connect = (to: ConnectionHandler): Promise<Connection> => {
    handler = to;
    return connecting;
  };
  let failure: string | undefined;
  const sessionHandler = {
    ready: (opened: Connection) => opened.send(answer, true),
    received: (payload: Buffer) => void log.push(`received ${payload.toString()}`),
    failed: (reason: string) => void (failure = reason),
    ended: () => end(failure),
  };
  const { abort } = startSession(connect, sessionHandler, timeoutMs);
  const open = async (): Promise<void> => {
    accept(connection);
    await connecting;
  };
  return { log, ended, open, handler: () => handler, refuse, abort };
}

it("sends its message when the connection is ready, closes after the answer, and ends with the connection", async () => {
  const { log, ended, open, handler } = testSession();
  await open();
  handler().receive(answer, true);
  handler().closed();
  expect(await ended).toBeUndefined();
  expect(log).toEqual(["sent hello", "received hello", "closed"]);
});

it("reports a second answer, and closes once", async () => {
  const { log, ended, open, handler } = testSession();
  await open();
  handler().receive(answer, true);
  handler().receive(answer, true);
  handler().closed();
  expect(await ended).toBeUndefined();
  expect(log).toEqual(["sent hello", "received hello", "closed", "received hello"]);
});

it("ends with the reason when it is refused, or when the connection ends before the answer", async () => {
  const refused = testSession();
  refused.refuse(new Error("connect ECONNREFUSED"));
  expect(await refused.ended).toBe("connect ECONNREFUSED");

  const broken = testSession();
  await broken.open();
  broken.handler().closed(new Error("read ECONNRESET"));
  expect(await broken.ended).toBe("read ECONNRESET");

  const disconnected = testSession();
  await disconnected.open();
  disconnected.handler().closed();
  expect(await disconnected.ended).toBe("the server closed the connection");
});

it("fails when the answer is late, and still reports that answer", async () => {
  const { log, ended, open, handler } = testSession(1);
  await open();
  while (!log.includes("closed")) await new Promise((resolve) => setTimeout(resolve, 1));
  handler().receive(answer, true);
  handler().closed();
  expect(await ended).toBe("no answer in 1 ms");
  expect(log).toEqual(["sent hello", "closed", "received hello"]);
});

it("sends nothing after an abort, also when its connection becomes ready later", async () => {
  const { log, ended, open, handler, abort } = testSession();
  abort("it is late");
  await open();
  expect(log).toEqual(["closed"]);
  handler().closed();
  expect(await ended).toBe("it is late");
});

it("cannot be aborted after its answer, but its close can fail", async () => {
  const { ended, open, handler, abort } = testSession();
  await open();
  handler().receive(answer, true);
  abort("it is late");
  handler().closed(new Error("no close frame"));
  expect(await ended).toBe("the close failed: no close frame");
});
