import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { RunError, UserError } from "../../scenarios/lib/errors.ts";
import { isModulePath, withTlsSuffix, withoutTlsSuffix } from "../../scenarios/transports/load-transport.ts";

/** Exit codes of every command, as the README lists them. */
export const exitCodes = {
  done: 0,
  rowFailed: 1,
  userMistake: 2,
  rowDoubtful: 3,
  regression: 4,
  interrupted: 130,
} as const;

/** A command as all of ours are: unknown words and options are the user's mistake, told by `main`. `name` is what follows `npm run`. */
export function commandNamed(name: string, description: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .allowExcessArguments(false)
    .configureOutput({ outputError: () => undefined })
    .exitOverride((error) => {
      if (error.exitCode === 0) throw error;
      throw new UserError(mistakeIn(name, error.message), { cause: error });
    });
}

/** What Commander says, and how we say it. */
const mistakes: readonly [theirs: RegExp, ours: string][] = [
  [/^unknown option '(.+?)' \((.+)\)$/, "There is no option $1. $2 {help} shows what there is."],
  [/^unknown option '(.+)'$/, "There is no option $1: {help} shows what there is."],
  [/^option '(.+)' argument missing$/, "$1 lacks its value: {help} shows what it may be."],
  [/^missing required argument '(.+)'$/, "The $1 is missing: {help} shows where it belongs."],
  [
    /^too many arguments.* Expected (\d+) .* got (\d+)\.$/,
    "Too many arguments, $2 instead of $1: {help} shows what there is.",
  ],
  [/^option '(.+)' cannot be used with option '(.+)'$/, "$1 cannot be given together with $2: leave one out."],
];

function mistakeIn(name: string, message: string): string {
  const plain = message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .trim();
  const [theirs, ours] = mistakes.find(([each]) => each.test(plain)) ?? [/\.?$/, ": {help} shows what there is."];
  return plain.replace(theirs, ours).replace("{help}", `npm run ${name} -- --help`);
}

/**
 * Runs a command and sets the process's exit code from what it returns. The user's mistake is one sentence and exit 2; anything else
 * that is thrown is a defect and keeps its stack, exit 1.
 */
export async function main(command: () => Promise<number> | number): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const mistake = error instanceof UserError;
    const interrupted = error instanceof Interruption;
    const plain = mistake || interrupted || error instanceof RunError;
    console.error(plain ? error.message.replaceAll("\n", " ").trim() : error);
    process.exitCode = mistake ? exitCodes.userMistake : interrupted ? exitCodes.interrupted : exitCodes.rowFailed;
  }
}

/** A path as the user meant it: npm runs commands in the package's folder and says in INIT_CWD where the user was. */
export function userPath(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? ".", path);
}

/** Other words for transports. */
const aliases: Record<string, string | undefined> = { wss: withTlsSuffix("ws") };

/** A transport as the user named it: a path of a module as the user meant it, a name as it is on the list. A UserError where there is no such file. */
export function transportNamed(given: string): string {
  if (!isModulePath(given)) return aliases[given] ?? given;
  const file = withoutTlsSuffix(given) ?? given;
  if (existsSync(userPath(file)) && statSync(userPath(file)).isFile()) return userPath(given);
  throw new UserError(`There is no file ${file}: give the path of a module, or a name of npm run bench -- --list.`);
}

/** Why a command that heeds `interruption` ended: no defect, and no row that failed. */
class Interruption extends Error {}

/**
 * A signal that aborts at the first Ctrl-C (or the terminal's end, or a kill); the second ends the process at once. The listeners stay:
 * what hides the cursor would otherwise take itself for the last one and kill the process.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      controller.abort(new Interruption(`interrupted by ${name}`));
    });
  return controller.signal;
}
