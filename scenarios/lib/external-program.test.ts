import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ProgramEnd, startProgram, untilReady, type ExternalProgram } from "./external-program.ts";
import { until } from "./until.ts";

let folder: string;
const running: ExternalProgram[] = [];

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "program-"))));
afterEach(async () => {
  for (const program of running.splice(0)) await program.kill();
  rmSync(folder, { recursive: true });
});

/** Runs a shell command in the folder. */
function shell(command: string, environment?: NodeJS.ProcessEnv): ExternalProgram {
  const more = environment && { environment };
  const program = startProgram({ commandLine: ["sh", "-c", command], name: "the command", folder, ...more });
  running.push(program);
  return program;
}

const file = (name: string): string => join(folder, name);
const written = (name: string): Promise<void> => until(() => existsSync(file(name)), `${name} is written`);

it("runs in its folder and with its environment, and is a group of its own", async () => {
  const program = shell('echo "$PWD $GREETING $$" > out; exec sleep 60', { ...process.env, GREETING: "hello" });
  await until(() => existsSync(file("out")) && readFileSync(file("out"), "utf8").endsWith("\n"), "out is written");
  expect(readFileSync(file("out"), "utf8")).toBe(`${realpathSync(folder)} hello ${program.group}\n`);
});

it("tells the exit code, and the last line that names an error", async () => {
  const error = await shell("echo 'TypeError: no room' >&2; echo bye; exit 3").ended.catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ProgramEnd);
  expect(error).toMatchObject({ code: 3, message: "the command ended with code 3: TypeError: no room" });
  await expect(shell("echo one; echo two; kill -9 $$").ended).rejects.toMatchObject({
    code: null,
    message: "the command was killed by SIGKILL: two",
  });
});

it("leaves the whole group time to end after SIGTERM, also when its leader has ended at once", async () => {
  const child = "trap 'echo saved > saved; exit 0' TERM; : > ready; while :; do sleep 0.01; done";
  const program = shell(`sh -c "${child}" & wait`);
  await written("ready");
  await program.stop();
  expect(readFileSync(file("saved"), "utf8")).toBe("saved\n");
});

it.runIf(existsSync("/proc"))(
  "does not wait for a process that has left the group and holds the output open",
  async () => {
    const program = shell("setsid sleep 60 & echo $! > pid; echo gone; exit 4");
    await expect(program.ended).rejects.toThrow("the command ended with code 4: gone");
    await program.stop();
    process.kill(Number(readFileSync(file("pid"), "utf8")), "SIGKILL");
  },
);

it("kills a program that is not ready in time, with a sentence of the caller's", async () => {
  const program = shell("exec sleep 60");
  const never = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener("abort", resolve));
  await expect(untilReady(program, never, (within) => `not ready ${within}`, 100)).rejects.toThrow(
    "not ready within 0.1 s",
  );
  expect(() => process.kill(-program.group, 0)).toThrow(/ESRCH/);
});
