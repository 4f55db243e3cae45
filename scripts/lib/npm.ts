import { basename, join } from "node:path";
import type { Command } from "commander";
import { UserError } from "../../scenarios/lib/errors.ts";
import { readProc, statFields } from "../../scenarios/lib/processes.ts";

const { env } = process;

/** True where `npm run`, or its like, has started this process, and not a program that npm has started. */
function isRunByNpm(): boolean {
  return env["npm_lifecycle_script"]?.includes(`scripts/${basename(process.argv[1] ?? "")}`) ?? false;
}

/** Milliseconds between two looks at the processes that have started this one. */
const lookEveryMs = 400;

/**
 * Sends SIGHUP to this process when npm, which has started it, is gone: `docker stop` and CI systems end npm alone. A
 * process that a shell has started goes on without that shell, and so does one whose npm goes on. That npm was killed
 * while its shell lives is known on Linux only.
 */
export function endWithNpm(): void {
  if (!isRunByNpm()) return;
  const shell = process.ppid;
  const npm = npmAbove(shell);
  const look = setInterval(() => {
    if (process.ppid === shell && npmAbove(shell) === npm && npm !== "gone") return;
    clearInterval(look);
    process.kill(process.pid, "SIGHUP");
  }, lookEveryMs);
  look.unref();
}

/** Process id of npm above the shell that it starts a script with; undefined where there is no such shell. */
function npmAbove(shell: number): string | undefined {
  const stat = readProc(`/proc/${shell}/stat`);
  if (stat === undefined || !/^\d+ \((ba|da|z|k|a)?sh\)/.test(stat)) return undefined;
  const [, npm = ""] = statFields(stat);
  // An orphan belongs to process 1, and that can be npm in a container.
  return npm === "1" && !readProc("/proc/1/comm")?.startsWith("npm") ? "gone" : npm;
}

/** Options of commands that npm has, too, and that a user may have set for it: they say nothing about this command. */
const alsoOfNpm = new Set(["all", "force", "json", "only"]);

/**
 * Throws a UserError where npm took an option of this command for itself, which would be as if it was not given:
 * `npm run compare a.csv b.csv --max-regression=5%`. npm then sets the variable npm_config_max_regression.
 */
export function rejectOptionsOfNpm({ options }: Command): void {
  if (!isRunByNpm() || !env["npm_config_user_agent"]?.startsWith("npm/")) return;
  for (const { long } of options) {
    const name = long?.replace(/^--(no-)?/, "") ?? "";
    const variable = `npm_config_${name.replaceAll("-", "_")}`;
    if (env[variable] === undefined || alsoOfNpm.has(name) || isSetForNpm(name, variable)) continue;
    throw new UserError(`npm took ${long} for itself: put -- before the options.`);
  }
}

/** True for a name in a .npmrc of the user, or in the variables that npm was started with. */
function isSetForNpm(name: string, variable: string): boolean {
  const files = [
    env["npm_config_userconfig"],
    env["npm_config_globalconfig"],
    join(env["npm_config_local_prefix"] ?? ".", ".npmrc"),
  ];
  const line = new RegExp(`^\\s*${name}\\s*(=|$)`, "m");
  if (files.some((file) => file !== undefined && line.test(readProc(file) ?? ""))) return true;
  const environment = readProc(`/proc/${npmAbove(process.ppid) ?? process.ppid}/environ`) ?? "";
  return environment.split("\0").some((each) => each.startsWith(`${variable}=`));
}
