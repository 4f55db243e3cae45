import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { assertSameBuild, codeDigest } from "./description.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "build-"));
  mkdirSync(join(folder, "dist", "servers"), { recursive: true });
  writeFileSync(join(folder, "dist", "servers", "ws.js"), "1");
  writeFileSync(join(folder, "package-lock.json"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ["compiled code", "dist/servers/ws.js", false],
  ["a new file of code", "dist/more.js", false],
  ["the lock file", "package-lock.json", false],
  ["a test", "dist/servers/ws.test.js", true],
  ["a source map", "dist/servers/ws.js.map", true],
])("a change of %s makes another build, unless no process loads it", (_what, file, same) => {
  const before = codeDigest(folder);
  writeFileSync(join(folder, file), "2");
  expect(codeDigest(folder) === before).toBe(same);
});

const own = { build: "aaa", node: "v20.1.0", mixedNode: false };
const agent = (build: string, node: string) => ({ name: "b2", build, environment: { node } });

it("an agent with another build is refused, and both builds are named", () => {
  expect(() => assertSameBuild(agent("bbb", "v20.1.0"), own)).toThrow(
    /^The agent b2 runs build bbb, and this is build aaa: /,
  );
});

it("an agent with another Node is refused unless that is allowed", () => {
  expect(() => assertSameBuild(agent("aaa", "v22.0.0"), own)).toThrow(
    /Node v22.0.0, and this is Node v20.1.0: .*--mixed-node/,
  );
  expect(() => assertSameBuild(agent("aaa", "v22.0.0"), { ...own, mixedNode: true })).not.toThrow();
  expect(() => assertSameBuild(agent("aaa", "v20.1.0"), own)).not.toThrow();
});
