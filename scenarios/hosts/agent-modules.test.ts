import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findModule, moduleDigest, moduleOf, moduleProblem, ownTransport } from "./agent-modules.ts";

let folder: string;
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
let mine: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "modules-"));
  mkdirSync(join(folder, "lib"));
  write("lib/wire.js", "export const one = 1;\n");
  write("client.js", 'export { one } from "./lib/wire.js";\n');
  write("other.js", "export {};\n");
  mine = write("mine.js", 'export default { client: () => import("./client.js") }; // not "./gone.js"\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ["the module", "mine.js", true],
  ["what it imports at some time", "client.js", true],
  ["what that imports", "lib/wire.js", true],
  ["a file that it does not import", "other.js", false],
])("a change of %s makes another module, unless it is not loaded", (_what, file, differs) => {
  const before = moduleDigest(mine);
  write(file, "export const two = 2;\n");
  expect(moduleDigest(mine) !== before).toBe(differs);
});

it("a module that imports from outside of its folder is refused in one sentence", () => {
  const inner = write("lib/inner.js", 'import "../other.js";\n');
  expect(() => moduleDigest(inner)).toThrow(/inner\.js imports \.\.\/other\.js, which is outside of its folder: .*\.$/);
});

it("names of the list are no modules, and a module over TLS is the same module", () => {
  expect(moduleOf("ws+tls")).toBeUndefined();
  expect(moduleOf(undefined)).toBeUndefined();
  expect(moduleOf(`${mine}+tls`)).toEqual(moduleOf(mine));
});

it("an agent without a folder, without the file or with another one is named with both paths and digests", () => {
  const own = moduleOf(mine)!;
  const problem = (at: string | undefined): string | undefined =>
    moduleProblem("b2", mine, own, findModule(at, "mine.js"));
  expect(problem(undefined)).toContain(
    `The agent b2 has no --modules FOLDER, and ${mine} of the bench is ${own.digest}`,
  );
  const at = join(folder, "lib");
  expect(problem(at)).toContain(
    `The agent b2 has no ${join(at, "mine.js")}, and ${mine} of the bench is ${own.digest}`,
  );
  const other = write("lib/mine.js", "export default {};\n");
  expect(problem(at)).toContain(
    `${other} of agent b2 is ${moduleDigest(other)}, and ${mine} of the bench is ${own.digest}`,
  );
  expect(problem(folder)).toBeUndefined();
});

it("an agent loads a module of the same name and digest from its own folder, and no other", () => {
  const own = moduleOf(mine)!;
  expect(ownTransport("/elsewhere/mine.js+tls", folder, own)).toBe(`${mine}+tls`);
  expect(() => ownTransport(mine, undefined, own)).toThrow(/only from its --modules folder, and has no mine\.js there/);
  expect(() => ownTransport(mine, folder, { ...own, digest: "0" })).toThrow(/and has another mine\.js there/);
  const outside = { name: "../mine.js", digest: own.digest };
  expect(() => ownTransport(mine, join(folder, "lib"), outside)).toThrow(/and has no \.\.\/mine\.js there/);
});
