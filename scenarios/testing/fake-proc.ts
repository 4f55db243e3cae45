import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A folder in the place of /proc: a new one for each test of a file that imports this. */
export let proc: string;

beforeEach(() => (proc = mkdtempSync(join(tmpdir(), "proc-"))));
afterEach(() => rmSync(proc, { recursive: true }));

export function writeProc(path: string, text: string): void {
  mkdirSync(dirname(join(proc, path)), { recursive: true });
  writeFileSync(join(proc, path), text);
}
