import { runSubprocess } from "../../scenarios/system/subprocess.ts";
import type { Generator } from "./generator.ts";

/**
 * Version of an installed generator. `missing`: there is no such program. `problem`: a sentence that tells why it is
 * left out.
 */
export type FoundVersion = { version: string } | { missing: true } | { problem: string };

/**
 * Runs a generator's version command and reads the version from its output, on either stream and with any exit code.
 */
export async function toolVersion(
  { name, versionCommand, versionPattern }: Pick<Generator, "name" | "versionCommand" | "versionPattern">,
  signal: AbortSignal,
): Promise<FoundVersion> {
  const { code, out, err } = await runSubprocess(versionCommand, ".", signal);
  if (code === null && err.includes("ENOENT")) return { missing: true };
  const output = out.trim() || err.trim();
  const [, version] = versionPattern.exec(output) ?? [];
  if (version !== undefined) return { version };
  const [firstLine] = output.split("\n");
  return {
    problem: `${name} is left out: "${versionCommand.join(" ")}" printed "${firstLine}", which is not a version with a known output.`,
  };
}
