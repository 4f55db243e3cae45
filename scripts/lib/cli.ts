import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { Command, CommanderError } from "commander";
import { outliveOutput } from "../../scenarios/lib/closed-output.ts";
import { RunError, UserError } from "../../scenarios/lib/errors.ts";
import { withoutSecrets } from "../../scenarios/lib/secrets.ts";
import { isModulePath, withTlsSuffix, withoutTlsSuffix } from "../../scenarios/transports/load-transport.ts";
import { endWithNpm, rejectOptionsOfNpm } from "./npm.ts";

/** Exit codes of every command, as the README lists them. */
export const exitCodes = {
  done: 0,
  rowFailed: 1,
  userMistake: 2,
  rowSuspect: 3,
  regression: 4,
  undecided: 5,
  thresholdExceeded: 6,
  interrupted: 130,
} as const;

/** Parses the words that a user has typed. Throws a UserError where npm took one of the options for itself. */
class ProjectCommand extends Command {
  override parse(...given: Parameters<Command["parse"]>): this {
    if (given.length === 0) rejectOptionsOfNpm(this);
    return super.parse(...given);
  }
}

/**
 * A command of this project. Unknown words and options are the user's mistake, which `main` prints. `name` follows `npm
 * run`.
 */
export function commandNamed(name: string, description: string): Command {
  return new ProjectCommand(`npm run ${name} --`)
    .description(description)
    .allowExcessArguments(false)
    .configureOutput({ outputError: () => undefined })
    .exitOverride((error) => {
      if (error.exitCode === 0) throw error;
      throw new UserError(mistakeIn(name, error.message), { cause: error });
    });
}

/** Messages of Commander, and ours in their place. */
const mistakes: readonly [theirs: RegExp, ours: string][] = [
  [/^unknown option '(.+?)' \((.+)\)$/, "There is no option $1. $2 {help} lists the options."],
  [/^unknown option '(.+)'$/, "There is no option $1: {help} lists the options."],
  [/^option '(.+)' argument missing$/, "$1 needs a value: {help} shows which."],
  [/^missing required argument '(.+)'$/, "The $1 is missing: {help} shows its place."],
  [/^too many arguments.* Expected (\d+) .* got (\d+)\.$/, "Too many arguments, $2 instead of $1: {help} lists them."],
  [/^option '(.+)' cannot be used with option '(.+)'$/, "$1 cannot be given together with $2: leave one out."],
];

function mistakeIn(name: string, message: string): string {
  const plain = message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .trim();
  const [theirs, ours] = mistakes.find(([each]) => each.test(plain)) ?? [/\.?$/, ": {help} lists the options."];
  return plain.replace(theirs, ours).replace("{help}", `npm run ${name} -- --help`);
}

/** Milliseconds in which a finished command may end by itself. */
const lingerMs = 500;

/**
 * Runs a command and sets the exit code of the process to its result. The user's mistake is printed as one sentence,
 * exit 2. Any other error is a defect and keeps its stack, exit 1. A command goes on where nobody reads its output, and
 * ends where npm, which has started it, is gone. When it has printed its answer the process ends, whatever a library or
 * a module of the user's has left open.
 */
export async function main(command: () => Promise<number> | number): Promise<void> {
  outliveOutput(exitUnprinted);
  endWithNpm();
  if (process.argv[2] === "--") process.argv.splice(2, 1); // pnpm and yarn leave it there
  try {
    process.exitCode = await command();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const mistake = error instanceof UserError;
    const interrupted = error instanceof Interruption;
    const plain = mistake || interrupted || error instanceof RunError;
    console.error(plain ? withoutSecrets(error.message.replaceAll("\n", " ").trim()) : withoutSecrets(inspect(error)));
    process.exitCode = mistake ? exitCodes.userMistake : interrupted ? exitCodes.interrupted : exitCodes.rowFailed;
  } finally {
    setTimeout(() => process.exit(), lingerMs).unref();
  }
}

/** Says that output is missing, such as where it goes to a full disk, and lets the process exit 2 instead of 0. */
function exitUnprinted({ message }: Error): void {
  if (process.listeners("exit").includes(asMistake)) return;
  process.once("exit", asMistake);
  console.error(`Cannot print everything: ${message}.`);
}

function asMistake(): void {
  process.exitCode ||= exitCodes.userMistake;
}

/**
 * A path relative to the folder of the user: npm runs commands in the package's folder and sets INIT_CWD to the user's.
 */
export function userPath(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? ".", path);
}

/** Aliases of transports. */
const aliases: Record<string, string | undefined> = { wss: withTlsSuffix("ws") };

/**
 * A transport as the user named it: a name of the list, or the path of a module. Throws a UserError where there is no
 * such file.
 */
export function transportNamed(name: string): string {
  if (!isModulePath(name)) return aliases[name] ?? name;
  const file = withoutTlsSuffix(name) ?? name;
  if (existsSync(userPath(file)) && statSync(userPath(file)).isFile()) return userPath(name);
  throw new UserError(`There is no file ${file}: give the path of a module, or a name of npm run bench -- --list.`);
}

/** Items of a comma-separated list, without the blanks around them. */
export function commaList(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}

/** Transports of a comma-separated list, each as `transportNamed` reads it. */
export function transportList(text: string): string[] {
  return commaList(text).map(transportNamed);
}

/** Abort reason of `interruption`: neither a defect nor a failed row. */
class Interruption extends Error {}

/** Milliseconds in which signals are one: npm sends a Ctrl-C on, and so does the terminal. */
const oneSignalMs = 500;

/**
 * A signal that aborts at the first SIGINT, SIGTERM or SIGHUP. A later one exits the process immediately. The listeners
 * stay: the library that hides the cursor would otherwise be the last listener and kill the process.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let firstMs = Infinity;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (performance.now() - firstMs > oneSignalMs) process.exit(exitCodes.interrupted);
      firstMs = Math.min(firstMs, performance.now());
      controller.abort(new Interruption(`interrupted by ${name}`));
    });
  return controller.signal;
}
