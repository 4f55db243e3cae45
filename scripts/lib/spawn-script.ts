import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Address } from "../../scenarios/contract.ts";
import { until } from "../../scenarios/lib/until.ts";
import { numericEntries, readProc } from "../../scenarios/lib/processes.ts";

/** A command that a test runs as a user would, with its output so far. */
export interface Spawned {
  child: ChildProcess;
  seen: { out: string; err: string };
  /** The exit code. Resolves when the process has ended and all of its output has been read. */
  code: Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** Starts a compiled script, named relative to scripts/, with these arguments. `folder` is where the user stands. */
export function startScript(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  folder = ".",
): Spawned {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { cwd: folder, env: { ...process.env, ...env } });
  running.add(child);
  const seen = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (seen.out += String(chunk)));
  child.stderr.on("data", (chunk) => (seen.err += String(chunk)));
  const code = new Promise<number | null>((resolve) => child.once("close", (exit) => resolve(exit)));
  return { child, seen, code };
}

/**
 * Starts `npm run serve` with these arguments. Resolves when it has printed its address and how to join. Rejects with
 * any other output.
 */
export async function startServeScript(...args: readonly string[]): Promise<Spawned & { address: Address }> {
  const server = startScript("serve.js", args);
  const { seen } = server;
  await until(() => /Measure it:\n.*\n/.test(seen.out) || seen.err !== "", "the server listens");
  const [, host, port] = /^Listening on (\S+):(\d+),/m.exec(seen.out) ?? [];
  if (host === undefined) throw new Error(`serve says: ${seen.err}`);
  return { ...server, address: { host, port: Number(port) } };
}

/** Ends whatever a failed test left running. */
export function endAllScripts(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
}

/** Processes that a command with BENCH_MARK set to this value has left behind (Linux only). */
export function leftovers(mark: string): string[] {
  return numericEntries("/proc").filter((pid) => readProc(`/proc/${pid}/environ`)?.includes(`BENCH_MARK=${mark}`));
}
