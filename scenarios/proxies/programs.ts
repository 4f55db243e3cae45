import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { UserError } from "../lib/errors.ts";
import type { Proxy } from "./proxy.ts";

/** How a program of a proxy is called. `file` is its configuration, `folder` a folder for its own files. */
interface ProxyProgram {
  /** Command that installs it on Debian. */
  install: string;
  /** Arguments with which it prints its version. */
  version: readonly string[];
  check(file: string, folder: string): readonly string[];
  /** Arguments with which it runs in the foreground. */
  run(file: string, folder: string): readonly string[];
  /** How it reads its configuration again: a signal to the first process, or arguments of a second one. */
  reload: NodeJS.Signals | ((file: string, folder: string) => readonly string[]);
}

// Its workers stay the user that starts them: a trial's namespace has only one. Each of them complains of that in the
// log, which therefore is a file. What is wrong at the start is printed as well.
const nginxGlobals = (folder: string): string =>
  `daemon off; user root; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn;`;

const caddyFile = (file: string): readonly string[] => ["--adapter", "caddyfile", "--config", file];

/** The programs that proxies are. */
export const programs: Record<Proxy["program"], ProxyProgram> = {
  nginx: {
    install: "apt-get install nginx-light",
    version: ["-v"],
    check: (file, folder) => ["-t", "-q", "-c", file, "-g", nginxGlobals(folder)],
    run: (file, folder) => ["-c", file, "-g", nginxGlobals(folder)],
    reload: "SIGHUP",
  },
  haproxy: {
    install: "apt-get install haproxy",
    version: ["-v"],
    check: (file) => ["-c", "-q", "-f", file],
    run: (file) => ["-W", "-f", file],
    reload: "SIGUSR2",
  },
  caddy: {
    install: "apt-get install caddy",
    version: ["version"],
    check: (file) => ["validate", ...caddyFile(file)],
    run: (file) => ["run", ...caddyFile(file)],
    reload: (file, folder) => ["reload", "--force", "--address", `unix/${folder}/admin.sock`, ...caddyFile(file)],
  },
};

/** The environment of a program of a proxy: where Debian has it, and a folder in place of the user's own. */
export function proxyEnvironment(folder: string): NodeJS.ProcessEnv {
  const path = [process.env["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"].filter(Boolean).join(":");
  return { ...process.env, PATH: path, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
}

const run = promisify(execFile);

/** What a command prints, on both streams. Rejects where it ends with an error. */
export async function printedBy([file = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout, stderr } = await run(file, args, { env });
  return stdout + stderr;
}

/**
 * The version of a proxy's program as it prints it, such as "1.22.1". Throws a UserError where it is not installed.
 * `environment` is for tests.
 */
export async function installedVersion(
  name: string,
  program: Proxy["program"],
  environment = proxyEnvironment("/"),
): Promise<string> {
  const { version, install } = programs[program];
  const output = await printedBy([program, ...version], environment).catch((cause: unknown) => {
    throw new UserError(`--through ${name} needs ${program}, which is not installed: ${install}`, { cause });
  });
  return /\d+(\.\d+)+/.exec(output)?.[0] ?? "unknown";
}

/** What is wrong, of what a program printed when it refused its configuration. */
export function refusalIn(output: string): string {
  const lines = output.trim().split("\n");
  return (lines.find((line) => /\[emerg\]|^Error|\[ALERT\]/.test(line)) ?? lines.at(-1)!).trim();
}
