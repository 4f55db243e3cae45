import { runSubprocess, type SubprocessExit } from "../../scenarios/system/subprocess.ts";
import type { Generator } from "./generator.ts";

/**
 * Version of an installed generator. `missing`: there is no such program. `problem`: a sentence that tells why it is
 * left out.
 */
export type FoundVersion = { version: string } | { missing: true } | { problem: string };

/** How the version commands have ended that were run. Our own clients, and tools in several groups, share commands. */
const exits = new Map<string, SubprocessExit>();

/** Runs a command once. Later calls get the same exit, unless the first was aborted. */
async function exitOf(command: readonly string[], signal: AbortSignal): Promise<SubprocessExit> {
  const key = JSON.stringify(command);
  const exit = exits.get(key) ?? (await runSubprocess(command, ".", signal));
  if (!signal.aborted) exits.set(key, exit);
  return exit;
}

/**
 * Runs a generator's version command and reads the version from its output, on either stream and with any exit code.
 */
export async function toolVersion(
  { name, versionCommand, versionPattern }: Pick<Generator, "name" | "versionCommand" | "versionPattern">,
  signal: AbortSignal,
): Promise<FoundVersion> {
  const { code, out, err } = await exitOf(versionCommand, signal);
  if (code === null && err.includes("ENOENT")) return { missing: true };
  const output = out.trim() || err.trim();
  const [, version] = versionPattern.exec(output) ?? [];
  if (version !== undefined) return { version };
  const [firstLine] = output.split("\n");
  return {
    problem: `${name} is left out: "${versionCommand.join(" ")}" printed "${firstLine}", which is not a version with a known output.`,
  };
}
