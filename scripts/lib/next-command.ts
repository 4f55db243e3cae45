import { relative } from "node:path";
import { userPath } from "./cli.ts";

/** Columns of a terminal that no line exceeds, where it can be broken. */
const columns = 80;

/** What to do after a run: the command that makes the report of its result file, as the user would type it. */
export function nextCommand(path: string): string {
  const command = commandOf(path);
  const line = `Next: ${command}`;
  return line.length <= columns ? line : `Next:\n  ${command}`;
}

/** The command that makes the report of a result file. */
export function commandOf(path: string): string {
  return `npm run report -- ${typed(path)}`;
}

/** A path as the user would type it: from the user's folder if that is shorter, and in quotes where a shell needs them. */
function typed(path: string): string {
  const near = relative(userPath("."), path);
  const short = near.length < path.length ? near.replace(/^-/, "./-") : path;
  return /^[\w@%+=:,./-]+$/.test(short) ? short : `'${short.replaceAll("'", `'\\''`)}'`;
}
