import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { RunError, UserError } from "../../scenarios/errors.ts";
import { overTls } from "../../scenarios/transports.ts";

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
    .exitOverride();
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
    const mistake = error instanceof UserError || error instanceof CommanderError;
    const interrupted = error instanceof Interruption;
    const plain = mistake || interrupted || error instanceof RunError;
    console.error(
      plain
        ? error.message
            .replace(/^error: /, "")
            .replaceAll("\n", " ")
            .trim()
        : error,
    );
    process.exitCode = mistake ? exitCodes.userMistake : interrupted ? exitCodes.interrupted : exitCodes.rowFailed;
  }
}

/** A path as the user meant it: npm runs commands in the package's folder and says in INIT_CWD where the user was. */
export function userPath(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? ".", path);
}

/** Other words for transports. */
const aliases: Record<string, string | undefined> = { wss: overTls("ws") };

/** A transport as the user named it: a path of a module as the user meant it, a name as it is on the list. */
export function transportNamed(given: string): string {
  return /[/\\]/.test(given) ? userPath(given) : (aliases[given] ?? given);
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
