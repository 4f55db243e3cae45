import { availableCores, textIfAny } from "./cores.ts";
import { execFileSync, spawnSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type as osType } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Machine and software of a run, as far as they can change its numbers. Null is unknown. */
export interface Environment {
  harness: { version: string; commit: string | null; changed: boolean | null };
  node: string;
  /** Flags of Node and V8 for servers and workers, from the command line and from NODE_OPTIONS. */
  node_options: string | null;
  /** The version of OpenSSL in Node. */
  openssl: string;
  /** Installed versions of the packages that carry messages or record them. */
  libraries: Record<string, string | null>;
  /** True where the native helper of `ws` is installed. */
  bufferutil: boolean;
  os: string;
  arch: string;
  cpu: string;
  cores: number;
  memory_mib: number;
  congestion_control: string | null;
  descriptor_limit: number | null;
  load_average: number[];
}

/** Folder of this project: that of its package.json. */
export const projectFolder = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * The environment of this process, with the version and libraries of the project in `folder`. Default: this project.
 */
export function readEnvironment(folder: string = projectFolder): Environment {
  const manifest = JSON.parse(textIfAny(join(folder, "package.json")) ?? "{}") as {
    version: string;
    dependencies: Record<string, string>;
  };
  const commit = runGit(folder, "rev-parse", "HEAD");
  const changes = runGit(folder, "status", "--porcelain", "--untracked-files=no");
  return {
    harness: { version: manifest.version, commit, changed: changes === null ? null : changes !== "" },
    node: process.version,
    node_options: [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ").trim() || null,
    openssl: process.versions.openssl,
    libraries: Object.fromEntries(Object.keys(manifest.dependencies).map((name) => [name, installed(folder, name)])),
    bufferutil: installed(folder, "bufferutil") !== null,
    os: `${osType()} ${release()}`,
    arch: process.arch,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableCores(),
    memory_mib: Math.round(totalmem() / 2 ** 20),
    congestion_control: textIfAny("/proc/sys/net/ipv4/tcp_congestion_control")?.trim() ?? null,
    descriptor_limit: descriptorLimit(),
    load_average: loadavg().map((load) => Number(load.toFixed(2))),
  };
}

/** Name of a version in rows: seven digits of its commit, + when files have changed; "unknown" outside git. */
export function buildName({ harness: { commit, changed } }: Pick<Environment, "harness">): string {
  return commit === null ? "unknown" : `${commit.slice(0, 7)}${changed ? "+" : ""}`;
}

/** Limit of open files and sockets of this process and of each of its children. Null off Linux. */
export function descriptorLimit(): number | null {
  const line = textIfAny("/proc/self/limits")?.match(/^Max open files\s+(\d+)/m);
  return line ? Number(line[1]) : null;
}

function installed(folder: string, name: string): string | null {
  const manifest = textIfAny(join(folder, "node_modules", name, "package.json"));
  return manifest === undefined ? null : (JSON.parse(manifest) as { version: string }).version;
}

/** Output of git in a folder. Null where git fails or is not installed. */
export function runGit(folder: string, ...args: string[]): string | null {
  try {
    return execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}

/** Why git tells nothing about a folder. */
export interface GitRefusal {
  /** A clause with git's own words and its remedy, on one line. */
  reason: string;
  /** True if there is a repository all the same, such as one that belongs to another user. */
  repository: boolean;
}

/** Why git tells nothing about a folder; undefined if it does. */
export function gitRefusal(folder: string): GitRefusal | undefined {
  const { error, status, stderr } = spawnSync("git", ["rev-parse", "--git-dir"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  if (error) return { reason: "git is not installed here", repository: false };
  if (status === 0) return undefined;
  const words = stderr
    .replace(/^fatal: /, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim());
  const [first = "git gives no reason", ...rest] = words;
  if (first.startsWith("not a git repository")) return { reason: "there is no git repository here", repository: false };
  return { reason: [`git refuses: ${first}`, ...rest].join(". ").replace(":. ", ": "), repository: true };
}
