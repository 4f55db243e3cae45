import { expect, it } from "vitest";
import type { ConnectionHandler, Connection } from "../contract.ts";
import { startSession } from "./session.ts";

const answer = Buffer.from("hello");

/** A visit whose server is the test. */
function visiting(timeoutMs = 60_000) {
  const told: string[] = [];
  const connection: Connection = {
    send: (payload) => void told.push(`said ${payload.toString()}`),
    close: () => void told.push("goodbye"),
  };
  let handler!: ConnectionHandler;
  let accept!: (connection: Connection) => void;
  let refuse!: (error: Error) => void;
  let tell!: (failure: string | undefined) => void;
  const connecting = new Promise<Connection>((resolve, reject) => ([accept, refuse] = [resolve, reject]));
  const over = new Promise<string | undefined>((resolve) => (tell = resolve));
  const connect = (to: ConnectionHandler): Promise<Connection> => {
    handler = to;
    return connecting;
  };
  let trouble: string | undefined;
  const course = {
    ready: (opened: Connection) => opened.send(answer, true),
    received: (payload: Buffer) => void told.push(`heard ${payload.toString()}`),
    failed: (reason: string) => void (trouble = reason),
    ended: () => tell(trouble),
  };
  const { abort } = startSession(connect, course, timeoutMs);
  const open = async (): Promise<void> => {
    accept(connection);
    await connecting;
  };
  return { told, over, open, inbox: () => handler, refuse, abort };
}

it("says its message when the link is ready, hears the answer, says goodbye and is over when the link has ended", async () => {
  const { told, over, open, inbox: handler } = visiting();
  await open();
  handler().receive(answer, true);
  handler().closed();
  expect(await over).toBeUndefined();
  expect(told).toEqual(["said hello", "heard hello", "goodbye"]);
});

it("tells of a second answer, and says goodbye once", async () => {
  const { told, over, open, inbox: handler } = visiting();
  await open();
  handler().receive(answer, true);
  handler().receive(answer, true);
  handler().closed();
  expect(await over).toBeUndefined();
  expect(told).toEqual(["said hello", "heard hello", "goodbye", "heard hello"]);
});

it("is over with the reason where it is refused, or the link ends before the answer", async () => {
  const refused = visiting();
  refused.refuse(new Error("connect ECONNREFUSED"));
  expect(await refused.over).toBe("connect ECONNREFUSED");

  const broken = visiting();
  await broken.open();
  broken.inbox().closed(new Error("read ECONNRESET"));
  expect(await broken.over).toBe("read ECONNRESET");

  const shownOut = visiting();
  await shownOut.open();
  shownOut.inbox().closed();
  expect(await shownOut.over).toBe("the server closed the link");
});

it("waits for an answer no longer than it has patience, and hears a later one without being answered", async () => {
  const { told, over, open, inbox: handler } = visiting(1);
  await open();
  while (!told.includes("goodbye")) await new Promise((resolve) => setTimeout(resolve, 1));
  handler().receive(answer, true);
  handler().closed();
  expect(await over).toBe("no answer in 1 ms");
  expect(told).toEqual(["said hello", "goodbye", "heard hello"]);
});

it("that is given up says nothing any more, not even when its link gets ready", async () => {
  const { told, over, open, inbox: handler, abort } = visiting();
  abort("it is late");
  await open();
  expect(told).toEqual(["goodbye"]);
  handler().closed();
  expect(await over).toBe("it is late");
});

it("that has its answer cannot be given up, but its goodbye can fail", async () => {
  const { over, open, inbox: handler, abort } = visiting();
  await open();
  handler().receive(answer, true);
  abort("it is late");
  handler().closed(new Error("nobody answered it"));
  expect(await over).toBe("the goodbye failed: nobody answered it");
});
