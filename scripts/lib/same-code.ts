import { createHash, type Hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../scenarios/lib/errors.ts";

/** What the processes of a trial load from the folder of a project, and which packages are installed there. */
const loaded = ["dist/clients", "dist/servers", "dist/scenarios", "dist/results/statistics", "servers"];
const installed = "node_modules/.package-lock.json";

/** Code of a trial: compiled, or in another language. Tests and types are not loaded. */
const isCode = (name: string): boolean => /\.(js|mjs|cjs|json|py)$/.test(name) && !name.endsWith(".test.js");

const digests = new Map<string, string>();

/** Remembers the code at a path: the folder of a project, or a module. Only the first call with a path does. */
export function rememberCode(path: string): void {
  if (!digests.has(path)) digests.set(path, digestOf(path));
}

/**
 * Throws a UserError where the code at a path is not the one that was remembered, such as after a build. `trial` names
 * what was measured meanwhile.
 */
export function assertSameCode(path: string, trial: string): void {
  if (digestOf(path) === digests.get(path)) return;
  throw new UserError(
    `The code in ${path} changed during ${trial}, by a build or npm ci, so its row is left out and the run ends here: ` +
      "run it again, and build in another copy of the folder meanwhile.",
  );
}

function digestOf(path: string): string {
  const hash = createHash("sha256");
  const parts = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? [...loaded, installed] : ["."];
  for (const part of parts) addTo(hash, join(path, part));
  return hash.digest("hex");
}

/** Adds the names and texts of all code at a path. */
function addTo(hash: Hash, path: string): void {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return void hash.update(path).update(readFileSync(path));
  for (const entry of readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    if (entry.isDirectory() || isCode(entry.name)) addTo(hash, join(path, entry.name));
}
