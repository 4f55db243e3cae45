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

const copiedPaths =
  "clients dist results scenarios scripts servers package.json tsconfig.json .oxfmtrc.json .oxlintrc.json .gitignore";

let copy: string;

/** A copy of the project, to which transports are added. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "project-"));
  const isCopied = (path: string): boolean => !/[/\\]results[/\\](runs|reference)([/\\]|$)/.test(path);
  for (const path of copiedPaths.split(" "))
    cpSync(join(projectFolder, path), join(copy, path), {
      recursive: true,
      filter: isCopied,
      preserveTimestamps: true,
    });
  symlinkSync(join(projectFolder, "node_modules"), join(copy, "node_modules"));
}, 60_000);
afterAll(() => rmSync(copy, { recursive: true }));

function run(program: string, ...args: string[]) {
  const { INIT_CWD: _folderOfUser, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: copy, env, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr.trim() };
}
const script = (name: string, ...args: string[]) => run(process.execPath, join(copy, "dist", "scripts", name), ...args);
const tool = (name: string, ...args: string[]) => run(join(copy, "node_modules", ".bin", name), ...args);
const failedChecks = (out: string): string[] => out.split("\n").filter((line) => /^ {2}FAILED |Reason: /.test(line));
const list = (): string => readFileSync(join(copy, "scenarios", "transports.ts"), "utf8");
const halfPath = (folder: string, name: string): string => join(copy, folder, `${name}.ts`);

it("adds a transport that passes conformance, can be measured, and passes the project's checks", () => {
  const { code, out } = script("new-transport.js", "my-transport");
  expect(out).toMatch(
    /^Wrote servers\/my-transport\.ts and clients\/my-transport\.ts, and added an entry to scenarios\/transports\.ts\.\n/,
  );
  expect(code).toBe(0);

  for (const [name, ...args] of [["oxfmt", "--check"], ["tsc"], ["oxlint"], ["knip"]] as const)
    expect({ name, ...tool(name, ...args) }).toMatchObject({ code: 0 });

  const conformance = script("conformance.js", "my-transport");
  expect(failedChecks(conformance.out)).toEqual([]);
  expect(conformance.out).toMatch(/\nmy-transport: \d\d passed, 0 failed, 0 skipped\.\n/);
  expect(conformance.code).toBe(0);
  const overTls = script("conformance.js", "my-transport+tls");
  expect(failedChecks(overTls.out)).toEqual([]);
  expect(overTls.out).toMatch(/\nmy-transport\+tls: \d\d passed, 0 failed, 0 skipped\.\n/);
  expect(overTls.code).toBe(0);
  expect(script("bench.js", "--list").out).toMatch(/my-transport {2}/);
  expect(script("bench.js", "--transports", "my-transport", "--out", "dist/out.csv").code).toBe(0);
  expect(readFileSync(join(copy, "dist", "out.csv"), "utf8")).toMatch(/,chat-100,my-transport,100,/);

  const before = list();
  const again = script("new-transport.js", "my-transport");
  expect(again).toMatchObject({ code: 2, err: '"my-transport" is on the list already. Take another name.' });
  expect(list()).toBe(before);
}, 300_000);

it("adds several transports, with a quoted key only for a name that needs it", () => {
  for (const name of ["pigeon", "pigeon-2"]) expect(script("new-transport.js", name).code).toBe(0);
  expect(list()).toMatch(/\n {2}pigeon: \{\n.*\n {2}"pigeon-2": \{\n/s);
  for (const [name, ...args] of [["oxfmt", "--check"], ["tsc"]] as const)
    expect({ name, ...tool(name, ...args) }).toMatchObject({ code: 0 });
}, 60_000);

describe("writes nothing at all", () => {
  const expectNothingWritten = (name: string, runScript: () => void): void => {
    const before = list();
    runScript();
    expect(list()).toBe(before);
    expect(existsSync(join(copy, "scenarios", "transports.ts.new"))).toBe(false);
    expect(["servers", "clients"].filter((folder) => existsSync(halfPath(folder, name)))).toEqual([]);
  };

  it("if a half of that name exists, and leaves that half as it is", () => {
    for (const [used, free] of [
      ["servers", "clients"],
      ["clients", "servers"],
    ] as const) {
      writeFileSync(halfPath(used, "mine"), "a half of the user");
      const before = list();
      const { code, err } = script("new-transport.js", "mine");
      expect([code, err]).toEqual([2, `${used}/mine.ts exists already. Take another name, or move the file away.`]);
      expect(readFileSync(halfPath(used, "mine"), "utf8")).toBe("a half of the user");
      expect(existsSync(halfPath(free, "mine"))).toBe(false);
      expect(list()).toBe(before);
      rmSync(halfPath(used, "mine"));
    }
  });

  it("if the list has an unexpected form", () => {
    const before = list();
    writeFileSync(
      join(copy, "scenarios", "transports.ts"),
      before.replace("\n} satisfies Record<string, Transport>;", "\n};"),
    );
    expectNothingWritten("lost", () =>
      expect(script("new-transport.js", "lost").err).toMatch(/does not have the form/),
    );
    writeFileSync(join(copy, "scenarios", "transports.ts"), before);
  });

  it("if the list cannot be replaced", () => {
    mkdirSync(join(copy, "scenarios", "transports.ts.new"));
    const { code, err } = script("new-transport.js", "lost");
    rmdirSync(join(copy, "scenarios", "transports.ts.new"));
    expect([code, err]).toEqual([
      2,
      "scenarios/transports.ts.new exists already. Take another name, or move the file away.",
    ]);
    expect(["servers", "clients"].filter((folder) => existsSync(halfPath(folder, "lost")))).toEqual([]);
  });

  it("if there is no name, or two", () => {
    expectNothingWritten("one", () => expect(script("new-transport.js")).toMatchObject({ code: 2 }));
    expectNothingWritten("one", () => expect(script("new-transport.js", "one", "two")).toMatchObject({ code: 2 }));
  });
});
