import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Programs outside this project: the command that prints the version, and the Debian package. */
const programs: Record<string, { version: readonly string[]; debian: string }> = {
  nc: { version: ["nc", "-h"], debian: "netcat-openbsd" },
  telnet: { version: ["telnet", "--version"], debian: "telnet" },
  curl: { version: ["curl", "--version"], debian: "curl" },
  mosquitto_sub: { version: ["mosquitto_sub", "--help"], debian: "mosquitto-clients" },
  openssl: { version: ["openssl", "version"], debian: "openssl" },
  bash: { version: ["bash", "--version"], debian: "bash" },
};

/** A program, or a package for Node, that acts as the client of a server. */
export interface ExternalTool {
  name: string;
  /** Undefined if the tool is not installed. */
  version: string | undefined;
  /** The command that installs the tool. */
  install: string;
}

const require = createRequire(import.meta.url);

/** The tool that these command lines use: the package that a Node script loads first, or the first known program. */
export function externalToolOf(lines: string): ExternalTool {
  const [, packageName] = /\bnode -e .*?require\("([^"]+)"\)/.exec(lines) ?? [];
  if (packageName !== undefined) return { name: packageName, version: packageVersion(packageName), install: "npm ci" };
  const words = lines.split(/[^\w]+/);
  const name = words.find((word) => word !== "bash" && Object.hasOwn(programs, word)) ?? "bash";
  const { version, debian } = programs[name]!;
  return { name, version: programVersion(version), install: `apt-get install ${debian}` };
}

function packageVersion(name: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as {
      version: string;
    };
    return version;
  } catch {
    return undefined;
  }
}

/** Versions of the programs that have been asked. Many transports are joined with the same program. */
const askedVersions = new Map<string, string | undefined>();

/**
 * The first number with a point that the program prints, whatever its exit code; undefined if it cannot be started.
 * Each program is asked once.
 */
function programVersion([program, ...args]: readonly string[]): string | undefined {
  if (!askedVersions.has(program!)) {
    const { error, stdout, stderr } = spawnSync(program!, args, { encoding: "utf8" });
    askedVersions.set(program!, error ? undefined : (/\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? "unknown"));
  }
  return askedVersions.get(program!);
}
