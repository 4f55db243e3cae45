import { afterAll, afterEach, expect, it } from "vitest";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProcess } from "../lib/processes.ts";
import { until } from "../lib/until.ts";
import { openShell, type Shell } from "./shell.ts";

const folder = mkdtempSync(join(tmpdir(), "shell-"));
const shells: Shell[] = [];
const open = (): Shell => {
  shells.push(openShell());
  return shells.at(-1)!;
};
const file = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(file(name), "utf8");

afterEach(() => {
  for (const shell of shells.splice(0)) shell.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

it("scripts run one after another, in the order in which they were given", async () => {
  const shell = open();
  const order: number[] = [];
  const runs = [0, 1, 2].map((i) => shell.run(`echo ${i} >> ${file("order")}`).then(() => order.push(i)));
  await Promise.all(runs);
  expect([order, read("order")]).toEqual([[0, 1, 2], "0\n1\n2\n"]);
});

it("a script that fails is rejected with what it printed as an error, and the next one runs", async () => {
  const shell = open();
  await expect(shell.run("echo 'no such rule' >&2; exit 2")).rejects.toThrow("no such rule");
  await expect(shell.run("exit 3")).rejects.toThrow("it ended with code 3");
  await expect(shell.run("true")).resolves.toBeUndefined();
});

it("a script ends at its first command that fails", async () => {
  const shell = open();
  await expect(shell.run(`false\necho after > ${file("after")}`)).rejects.toThrow("code 1");
  expect(existsSync(file("after"))).toBe(false);
});

it("what a script prints is ignored, a line without an end too, and what succeeds may print errors", async () => {
  const shell = open();
  await shell.run("echo one; printf two; echo warning >&2");
  await expect(shell.run("exit 4")).rejects.toThrow(/^it ended with code 4$/);
});

it("one script leaves no variable and no folder to the next", async () => {
  const shell = open();
  await shell.run(`cd /; value=1`);
  await shell.run(`echo "$value-$PWD" > ${file("state")}`);
  expect(read("state")).toBe(`-${process.cwd()}\n`);
});

it("a shell that ends rejects what waits and what comes later", async () => {
  const shell = open();
  const waiting = shell.run("kill -KILL $$; sleep 60");
  await expect(waiting).rejects.toThrow("its shell has ended");
  await expect(shell.run("true")).rejects.toThrow("its shell has ended");
});

it("a closed shell rejects the script that has not ended, and leaves no process", async () => {
  const shell = open();
  await shell.run(`echo $$ > ${file("pid")}`);
  const pid = Number(read("pid"));
  const waiting = shell.run("read line < /dev/null; sleep 0.2; true");
  shell.close();
  await expect(waiting).rejects.toThrow("its shell is closed");
  await expect(shell.run("true")).rejects.toThrow("its shell is closed");
  await until(() => readProcess(pid)?.ended ?? true, "the shell has ended");
});

it("a program that cannot be started is the reason", async () => {
  const nowhere = { execPrefix: ["/nowhere/program"] } as unknown as Parameters<typeof openShell>[0];
  const shell = openShell(nowhere);
  shells.push(shell);
  await expect(shell.run("true")).rejects.toThrow(/ENOENT|EPIPE/);
});
