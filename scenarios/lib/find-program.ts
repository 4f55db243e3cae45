import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Folders of the PATH. */
export function pathFolders(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter);
}

/** The first of these programs that lies in one of these folders; undefined where none does. */
export function findProgram(names: readonly string[], folders: readonly string[]): string | undefined {
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

/** True if a file may be run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
