import { spawnSync, type SpawnSyncOptions } from "node:child_process";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { findProgram, pathFolders } from "../../../scenarios/lib/find-program.ts";

/** Programs of the host, and the packages of Debian that have them. */
const packageOf = {
  "qemu-system-x86_64": "qemu-system-x86",
  busybox: "busybox-static",
  "dpkg-deb": "dpkg",
  "apt-cache": "apt",
  "apt-get": "apt",
  ip: "iproute2",
  tc: "iproute2",
  unshare: "util-linux",
  nsenter: "util-linux",
  sh: "dash",
  ldd: "libc-bin",
  xz: "xz-utils",
} as const;

/** Name of such a program. */
export type HostProgram = keyof typeof packageOf;

/** Folders that a path of a user who is not root may lack. */
const systemFolders = ["/usr/sbin", "/sbin"];

/** Path of a program. Undefined where it is not installed. */
function find(program: HostProgram): string | undefined {
  return findProgram([program], [...pathFolders(), ...systemFolders]);
}

/** Path of a program. Throws a UserError where it is not installed. */
export function hostProgram(program: HostProgram): string {
  const path = find(program);
  if (path === undefined) throw missing([program]);
  return path;
}

/** Throws a UserError that names all of these programs that are not installed. */
export function requirePrograms(programs: readonly HostProgram[]): void {
  const absent = programs.filter((program) => find(program) === undefined);
  if (absent.length > 0) throw missing(absent);
}

function missing(programs: readonly HostProgram[]): UserError {
  const packages = [...new Set(programs.map((program) => packageOf[program]))];
  return new UserError(
    `There is no ${programs.join(" and no ")} here: apt-get install ${packages.join(" ")} installs what is missing.`,
  );
}

/** Output of a program. Throws an Error with the last line that it wrote where it fails. */
export function outputOf(program: HostProgram, args: readonly string[], options: SpawnSyncOptions = {}): Buffer {
  const { status, stdout, stderr, error } = spawnSync(hostProgram(program), args, { maxBuffer: 2 ** 28, ...options });
  if (status === 0) return stdout as Buffer;
  const said = error?.message ?? String(stderr).trim().split("\n").at(-1);
  throw new Error(`${program} ${args.join(" ")} failed: ${said}`);
}
