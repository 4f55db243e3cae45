import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGit, projectFolder } from "../../../results/model/environment.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { missingRefRemedy } from "./missing-ref.ts";
import { userPath } from "../cli.ts";

/** A new folder that is removed when this process exits. A git worktree in it named "tree" is removed from git too. */
export function scratchFolder(): string {
  const scratch = mkdtempSync(join(tmpdir(), "transport-bench-"));
  process.once("exit", () => {
    runGit(projectFolder, "worktree", "remove", "--force", join(scratch, "tree"));
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  });
  return scratch;
}

/**
 * Folder of the project in a worktree of a git ref, which `run` creates at `tree`. Undefined where there is no such
 * ref. Throws a UserError where the project is not in it.
 */
export async function checkedOut(
  ref: string,
  tree: string,
  run: (command: readonly string[]) => Promise<unknown>,
): Promise<string | undefined> {
  const commit = runGit(projectFolder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  if (commit === null) return undefined;
  await run(["git", "worktree", "add", "--quiet", "--detach", tree, commit]);
  return checkProject(ref, join(tree, runGit(projectFolder, "rev-parse", "--show-prefix") ?? ""));
}

/** The folder that the user named. Throws a UserError where it does not exist, or has another project. */
export function folderNamed(ref: string): string {
  const folder = userPath(ref);
  if (existsSync(folder)) return checkProject(ref, folder);
  throw new UserError(`--baseline "${ref}" is no git ref and no folder here.${missingRefRemedy(ref, projectFolder)}`);
}

function checkProject(ref: string, folder: string): string {
  const [theirs, ours] = [folder, projectFolder].map((place) => {
    try {
      return (JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as { name?: unknown }).name;
    } catch {
      throw new UserError(`--baseline "${ref}" has no package.json: name a git ref or another copy of this project.`);
    }
  });
  if (theirs === ours) return folder;
  throw new UserError(`--baseline "${ref}" is the project "${String(theirs)}": name a version of "${String(ours)}".`);
}

/**
 * Links our node_modules into a version without modules and with the same lock file, until this process exits. True
 * when it has modules.
 */
export function linkModules(folder: string): boolean {
  const [theirs, ours] = [folder, projectFolder].map((place) => join(place, "node_modules")) as [string, string];
  if (existsSync(theirs)) return true;
  const [theirLock, ourLock] = [folder, projectFolder].map((place) => lockOf(place));
  if (!existsSync(ours) || ourLock === undefined || theirLock !== ourLock) return false;
  symlinkSync(ours, theirs);
  process.once("exit", () => rmSync(theirs, { force: true }));
  return true;
}

function lockOf(folder: string): string | undefined {
  const path = join(folder, "package-lock.json");
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
