import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { UserError } from "../../scenarios/lib/errors.ts";
import { assertSameCode, rememberCode } from "./same-code.ts";

let folder: string;
const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "code-"));
  for (const part of ["dist/servers", "servers", "node_modules"]) mkdirSync(join(folder, part), { recursive: true });
  write("dist/servers/ws.js", "one");
  write("servers/lines.py", "one");
  write("node_modules/.package-lock.json", "{}");
  write("mine.js", "one");
  rememberCode(folder);
  rememberCode(join(folder, "mine.js"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each(["dist/servers/ws.js", "dist/servers/new.js", "servers/lines.py", "node_modules/.package-lock.json"])(
  "notices that %s changed",
  (path) => {
    write(path, "two");
    expect(() => assertSameCode(folder, "ws #2")).toThrow(UserError);
    expect(() => assertSameCode(folder, "ws #2")).toThrow(/ changed during ws #2, by a build/);
  },
);

it("notices that a module changed, and that all code is gone", () => {
  write("mine.js", "two");
  expect(() => assertSameCode(join(folder, "mine.js"), "mine")).toThrow(/mine\.js changed/);
  rmSync(join(folder, "dist"), { recursive: true });
  expect(() => assertSameCode(folder, "ws")).toThrow(/changed/);
});

it("accepts a build that writes the same code, and changes of what a trial does not load", () => {
  write("dist/servers/ws.js", "one");
  utimesSync(join(folder, "dist/servers/ws.js"), 1, 1);
  for (const path of ["dist/servers/ws.test.js", "dist/servers/ws.js.map", "servers/ws.ts", "README.md"])
    write(path, "");
  expect(() => assertSameCode(folder, "ws")).not.toThrow();
});
