import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { projectFolder, readEnvironment, type Environment } from "../../results/model/environment.ts";
import { textIfAny } from "../../results/model/cores.ts";
import { clockIn } from "../lib/clock.ts";
import { UserError } from "../lib/errors.ts";
import { findLimits, type Limits } from "../system/limits.ts";

/** What an agent may be used for: a server, clients, or whatever the run needs. */
export type AgentRole = "server" | "clients" | "any";

/** An agent in its own words. Plain JSON. */
export interface AgentDescription {
  name: string;
  /** Address at which other hosts reach it. */
  address: string;
  role: AgentRole;
  limits: Limits;
  /** Digest of its code: two agents with the same one run the same code. */
  build: string;
  /** The same for all agents of one machine, whatever their network. Null where the system does not tell. */
  machine: string | null;
  /** The same for processes that read one and the same monotonic clock. Null where the system does not tell. */
  clock: string | null;
  environment: Environment;
}

/** The description of this process. */
export function describeAgent({
  name,
  address,
  role,
}: Pick<AgentDescription, "name" | "address" | "role">): AgentDescription {
  return {
    name,
    address,
    role,
    limits: findLimits(),
    build: codeDigest(projectFolder),
    machine: machineId(),
    clock: clockId(),
    environment: readEnvironment(),
  };
}

function machineId(): string | null {
  return textIfAny("/proc/sys/kernel/random/boot_id")?.trim() ?? null;
}

/** Name of this process' clock: the monotonic one of the machine or of a time namespace on it, or a line over that. */
export function clockId(): string | null {
  const line = clockIn(process.env);
  try {
    return `${machineId()} ${readlinkSync("/proc/self/ns/time")}${line ? ` ${JSON.stringify(line)}` : ""}`;
  } catch {
    return null; // not Linux, or a kernel without time namespaces
  }
}

/** What is compiled, what runs as it is, and which packages are installed. */
const code = ["dist", "servers", "package-lock.json"];
const isCode = (name: string): boolean => /\.(js|mjs|cjs|py)$/.test(name) && !name.endsWith(".test.js");

/** Digest of the code of a folder: twelve hexadecimal digits. */
export function codeDigest(folder: string): string {
  const hash = createHash("sha256");
  const add = (path: string, isFile: boolean): void => {
    if (isFile) return void hash.update(`${path}\0`).update(readFileSync(join(folder, path)));
    const entries = readdirSync(join(folder, path), { withFileTypes: true });
    for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1)))
      if (entry.isDirectory() || isCode(entry.name)) add(`${path}/${entry.name}`, !entry.isDirectory());
  };
  for (const path of code) if (existsSync(join(folder, path))) add(path, path.includes("."));
  return hash.digest("hex").slice(0, 12);
}

/** This side of a comparison with agents. */
export interface OwnBuild {
  build: string;
  node: string;
  /** True if agents may run another version of Node. */
  mixedNode: boolean;
}

/** The build of this process. */
export function ownBuild(): Omit<OwnBuild, "mixedNode"> {
  return { build: codeDigest(projectFolder), node: process.version };
}

/** Throws a UserError where an agent runs other code or another version of Node than the bench. */
export function assertSameBuild(
  { name, build, environment }: Pick<AgentDescription, "name" | "build"> & { environment: { node: string } },
  own: OwnBuild,
): void {
  if (build !== own.build)
    throw new UserError(
      `The agent ${name} runs build ${build}, and this is build ${own.build}: bring both to the same commit, run npm ci and npm run build there, and start the agent again.`,
    );
  if (environment.node !== own.node && !own.mixedNode)
    throw new UserError(
      `The agent ${name} runs Node ${environment.node}, and this is Node ${own.node}: install the same version, or give --mixed-node.`,
    );
}
