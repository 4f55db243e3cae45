import { runSubprocess } from "../../scenarios/system/subprocess.ts";
import type { Generator } from "./generator.ts";

/** Whether a generator is there, and which; `sentence` says why it cannot be used. */
export type FoundVersion = { version: string } | { missing: true } | { sentence: string };

/** Asks a generator for its version. It is missing where there is no such program. */
export async function toolVersion(
  { name, asks, version }: Pick<Generator, "name" | "asks" | "version">,
  signal: AbortSignal,
): Promise<FoundVersion> {
  const { code, out, err } = await runSubprocess(asks, ".", signal);
  if (code === null && err.includes("ENOENT")) return { missing: true };
  const [, found] = version.exec(out.trim() || err.trim()) ?? [];
  if (found !== undefined) return { version: found };
  const [said = ""] = (out.trim() || err.trim()).split("\n");
  return { sentence: `${name} is left out: "${asks.join(" ")}" says "${said}", not a version whose output is known.` };
}
