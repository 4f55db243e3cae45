import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startChild } from "./ipc.ts";

/** Calls of the child of these tests. */
interface TestCalls {
  double(values: readonly number[]): ReadonlyMap<string, number>;
  fail(why: string): never;
  report(failure: string): void;
  exit(code: number): void;
}

let folder: string;
let childModule: URL;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ipc-"));
  childModule = pathToFileURL(join(folder, "child.mjs"));
  writeFileSync(
    childModule,
    `import { serveCalls } from ${JSON.stringify(new URL("ipc.js", import.meta.url).href)};
    const fail = serveCalls({
      double: (values) => new Map(values.map((each) => [String(each), 2 * each])),
      fail(why) { throw new Error(why); },
      report: (failure) => fail(failure),
      exit: (code) => new Promise(() => process.exit(code)),
    });
    setInterval(() => undefined, 1000); // as a server, which does not end by itself`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

it("a call is answered with a value of any kind, or with an error that names the child", async () => {
  const child = startChild<TestCalls>("the test child", childModule);
  expect([...(await child.call("double", [1, NaN]))].flat()).toEqual(["1", 2, "NaN", NaN]);
  await expect(child.call("fail", "no room left")).rejects.toThrow(/^the test child: no room left$/);
  await child.call("report", "it cannot go on");
  await expect(child.failed).rejects.toThrow(/^the test child: it cannot go on$/);
  await child.kill();
  // An end that was wanted is no failure.
  expect(await Promise.race([child.ended, Promise.resolve("pending")])).toBe("pending");
});

it("where a child ends by itself, calls under way and later ones fail: none waits for ever", async () => {
  const child = startChild<TestCalls>("the test child", childModule);
  const sentence = /^the test child process ended with code 3$/;
  await expect(child.call("exit", 3)).rejects.toThrow(sentence);
  await expect(child.ended).rejects.toThrow(sentence);
  await expect(child.call("double", [1])).rejects.toThrow(sentence);
});

it("a child ends with its parent, and leaves Ctrl-C to it", async () => {
  const child = fork(childModule);
  child.send({ id: 0, name: "double", argument: [] });
  await once(child, "message");
  for (const signal of ["SIGINT", "SIGHUP"] as const) child.kill(signal);
  child.send({ id: 1, name: "double", argument: [] });
  await once(child, "message");
  child.disconnect();
  expect(await once(child, "exit")).toEqual([0, null]);
});
