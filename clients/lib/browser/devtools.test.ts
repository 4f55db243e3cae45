import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { DevTools } from "./devtools.ts";

/** The protocol with a browser that this test plays. */
function openPipes() {
  const [commands, answers] = [new PassThrough(), new PassThrough()];
  const devtools = new DevTools(commands as unknown as Socket, answers as unknown as Socket);
  const sent = (): unknown[] =>
    String(commands.read() ?? "")
      .split("\0")
      .slice(0, -1)
      .map((text) => JSON.parse(text));
  const answer = (...messages: object[]): Buffer =>
    Buffer.from(messages.map((each) => `${JSON.stringify(each)}\0`).join(""));
  return { devtools, sent, answer, answers };
}

it("a call is sent with its session, and gets its own answer, wherever the bytes are cut", async () => {
  const { devtools, sent, answer, answers } = openPipes();
  const calls = [devtools.call("Runtime.evaluate", { expression: "1" }, "s1"), devtools.call("Browser.getVersion")];
  expect(sent()).toEqual([
    { id: 1, method: "Runtime.evaluate", params: { expression: "1" }, sessionId: "s1" },
    { id: 2, method: "Browser.getVersion", params: {} },
  ]);
  for (const byte of answer({ id: 2, result: { product: "Chrömium" } }, { id: 1, result: 7 }))
    answers.write(Buffer.from([byte]));
  expect(await Promise.all(calls)).toEqual([7, { product: "Chrömium" }]);
});

it("an event reaches the listener of its session alone, several in one chunk in their order", async () => {
  const { devtools, answer, answers } = openPipes();
  const heard: unknown[] = [];
  devtools.listen("s1", (method, params) => heard.push([method, params]));
  devtools.listen("", (method) => heard.push(method));
  const done = devtools.call("done");
  answers.write(
    answer(
      { method: "a", params: { x: 1 }, sessionId: "s1" },
      { method: "b", params: {}, sessionId: "s2" },
      { method: "c", params: {} },
      { id: 1, result: {} },
    ),
  );
  await done;
  expect(heard).toEqual([["a", { x: 1 }], "c"]);
});

it("a call is rejected with the error of the browser, and every call with the reason of its end", async () => {
  const { devtools, answer, answers } = openPipes();
  const [failed, pending] = [devtools.call("a"), devtools.call("b")];
  answers.write(answer({ id: 1, error: { message: "No such target" } }));
  await expect(failed).rejects.toThrow("Chromium: No such target");
  devtools.end(new Error("chromium was killed by SIGKILL"));
  await expect(pending).rejects.toThrow("chromium was killed by SIGKILL");
  await expect(devtools.call("c")).rejects.toThrow("chromium was killed by SIGKILL");
});
