import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Programs that are no part of this project: how each says its version, and the Debian package that brings it. */
const programs: Record<string, { version: readonly string[]; debian: string }> = {
  nc: { version: ["nc", "-h"], debian: "netcat-openbsd" },
  telnet: { version: ["telnet", "--version"], debian: "telnet" },
  curl: { version: ["curl", "--version"], debian: "curl" },
  mosquitto_sub: { version: ["mosquitto_sub", "--help"], debian: "mosquitto-clients" },
  openssl: { version: ["openssl", "version"], debian: "openssl" },
  bash: { version: ["bash", "--version"], debian: "bash" },
};

/** A program, or a package that Node runs, that talks to a server. */
export interface ExternalTool {
  name: string;
  version: string | undefined;
  /** How it is installed where it is missing. */
  install: string;
}

const require = createRequire(import.meta.url);

/** Who speaks when these lines are typed: a package that Node runs, or else the first program that is known. */
export function externalToolOf(lines: string): ExternalTool {
  const [, library] = /\bnode -e .*?require\("([^"]+)"\)/.exec(lines) ?? [];
  if (library !== undefined) return { name: library, version: installed(library), install: "npm ci" };
  const words = lines.split(/[^\w]+/);
  const name = words.find((word) => word !== "bash" && Object.hasOwn(programs, word)) ?? "bash";
  const { version, debian } = programs[name]!;
  return { name, version: versionOf(version), install: `apt-get install ${debian}` };
}

function installed(library: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(require.resolve(`${library}/package.json`), "utf8")) as {
      version: string;
    };
    return version;
  } catch {
    return undefined;
  }
}

/** The first number with a point in what a program says, whatever its exit code; undefined where there is no such program. */
function versionOf([program, ...args]: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(program!, args, { encoding: "utf8" });
  return error ? undefined : (/\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? "unknown");
}
