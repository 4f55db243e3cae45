import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFolder } from "../results/model/environment.ts";

const parts =
  "clients dist results scenarios scripts servers package.json tsconfig.json .oxfmtrc.json .oxlintrc.json .gitignore";

let copy: string;

/** A copy of the project, as a user has it, in which transports can be added. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "project-"));
  const wanted = (path: string): boolean => !/[/\\]results[/\\](runs|reference)([/\\]|$)/.test(path);
  for (const part of parts.split(" "))
    cpSync(join(projectFolder, part), join(copy, part), { recursive: true, filter: wanted, preserveTimestamps: true });
  symlinkSync(join(projectFolder, "node_modules"), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true }));

function run(program: string, ...args: string[]) {
  const { INIT_CWD: _elsewhere, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: copy, env, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr.trim() };
}
const script = (name: string, ...args: string[]) => run(process.execPath, join(copy, "dist", "scripts", name), ...args);
const tool = (name: string, ...args: string[]) => run(join(copy, "node_modules", ".bin", name), ...args);
const list = (): string => readFileSync(join(copy, "scenarios", "transports.ts"), "utf8");
const half = (folder: string, name: string): string => join(copy, folder, `${name}.ts`);

it("adds a transport that keeps the contract, can be measured and passes every check, without another word", () => {
  const { code, out } = script("new-transport.js", "my-transport");
  expect(out).toMatch(
    /^Wrote servers\/my-transport\.ts and clients\/my-transport\.ts, and a line in scenarios\/transports\.ts\.\n/,
  );
  expect(code).toBe(0);

  for (const [name, ...args] of [["oxfmt", "--check"], ["tsc"], ["oxlint"], ["knip"]] as const)
    expect({ name, ...tool(name, ...args) }).toMatchObject({ code: 0 });

  const kept = script("conformance.js", "my-transport");
  expect(kept.out).toMatch(/\nmy-transport: \d\d kept\.\n/);
  expect(kept.code).toBe(0);
  const secured = script("conformance.js", "my-transport+tls");
  expect(secured.out).toMatch(/\nmy-transport\+tls: \d\d kept\.\n/);
  expect(secured.code).toBe(0);
  expect(script("bench.js", "--list").out).toMatch(/my-transport {2}/);
  expect(script("bench.js", "--transports", "my-transport", "--out", "dist/out.csv").code).toBe(0);
  expect(readFileSync(join(copy, "dist", "out.csv"), "utf8")).toMatch(/,chat-100,my-transport,100,/);

  const before = list();
  const again = script("new-transport.js", "my-transport");
  expect(again).toMatchObject({ code: 2, err: '"my-transport" is on the list already: take another name.' });
  expect(list()).toBe(before);
}, 180_000);

it("adds several, one after the other, also one whose name needs no quotes", () => {
  for (const name of ["pigeon", "pigeon-2"]) expect(script("new-transport.js", name).code).toBe(0);
  expect(list()).toMatch(/\n {2}pigeon: \{\n.*\n {2}"pigeon-2": \{\n/s);
  for (const [name, ...args] of [["oxfmt", "--check"], ["tsc"]] as const)
    expect({ name, ...tool(name, ...args) }).toMatchObject({ code: 0 });
}, 60_000);

describe("writes nothing at all", () => {
  const nothing = (name: string, act: () => void): void => {
    const before = list();
    act();
    expect(list()).toBe(before);
    expect(existsSync(join(copy, "scenarios", "transports.ts.new"))).toBe(false);
    expect(["servers", "clients"].filter((folder) => existsSync(half(folder, name)))).toEqual([]);
  };

  it("where a half of that name is there, which stays as it is", () => {
    for (const [taken, free] of [
      ["servers", "clients"],
      ["clients", "servers"],
    ] as const) {
      writeFileSync(half(taken, "kept"), "precious");
      const before = list();
      const { code, err } = script("new-transport.js", "kept");
      expect([code, err]).toEqual([2, `${taken}/kept.ts is there already: take another name, or move it away.`]);
      expect(readFileSync(half(taken, "kept"), "utf8")).toBe("precious");
      expect(existsSync(half(free, "kept"))).toBe(false);
      expect(list()).toBe(before);
      rmSync(half(taken, "kept"));
    }
  });

  it("where the list has another shape than it knows", () => {
    const before = list();
    writeFileSync(
      join(copy, "scenarios", "transports.ts"),
      before.replace("\n} satisfies Record<string, Transport>;", "\n};"),
    );
    nothing("lost", () => expect(script("new-transport.js", "lost").err).toMatch(/has another shape/));
    writeFileSync(join(copy, "scenarios", "transports.ts"), before);
  });

  it("where the list cannot be replaced", () => {
    mkdirSync(join(copy, "scenarios", "transports.ts.new"));
    const { code, err } = script("new-transport.js", "lost");
    rmdirSync(join(copy, "scenarios", "transports.ts.new"));
    expect([code, err]).toEqual([
      2,
      "scenarios/transports.ts.new is there already: take another name, or move it away.",
    ]);
    expect(["servers", "clients"].filter((folder) => existsSync(half(folder, "lost")))).toEqual([]);
  });

  it("where it is told no name, or two", () => {
    nothing("one", () => expect(script("new-transport.js")).toMatchObject({ code: 2 }));
    nothing("one", () => expect(script("new-transport.js", "one", "two")).toMatchObject({ code: 2 }));
  });
});
