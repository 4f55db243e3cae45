import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { targetProgram } from "./target-program.ts";

it("a command is started in the folder of the user", () => {
  expect(targetProgram({ start: "node server.js" })).toEqual({
    start: "node server.js",
    folder: process.env["INIT_CWD"] ?? process.cwd(),
  });
});

it("without a command and a process nothing is known of the program", () => {
  expect(targetProgram({})).toEqual({});
});

it.each([["an empty command", { start: " " }, /^--start is empty: give a shell command/]])(
  "refuses %s in one sentence",
  (_what, flags, sentence) => {
    expect(() => targetProgram(flags)).toThrow(UserError);
    expect(() => targetProgram(flags)).toThrow(sentence);
  },
);

it("refuses a process on a system without /proc", () => {
  const proc = mkdtempSync(join(tmpdir(), "proc-"));
  expect(() => targetProgram({ targetPid: 1 }, proc)).toThrow(/only Linux has: leave it out/);
  rmSync(proc, { recursive: true });
});
