import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorMessage, UserError } from "../../../scenarios/lib/errors.ts";
import { outputOf } from "./host-programs.ts";

/** A kernel of Debian, unpacked and not installed. */
export interface DebianKernel {
  /** Such as 6.1.0-57-cloud-amd64. */
  release: string;
  image: string;
  /** The modules that were asked for, by name, ready to be loaded. */
  modules: ReadonlyMap<string, Buffer>;
}

/** Package that depends on the newest kernel for virtual machines. */
const metaPackage = "linux-image-cloud-amd64";

/**
 * Unpacks a kernel into a folder: that of `packageFile`, or the newest one, which apt-get downloads. Throws a UserError
 * where there is none.
 */
export function unpackKernel(
  folder: string,
  packageFile: string | undefined,
  modules: readonly string[],
): DebianKernel {
  const file = packageFile === undefined ? downloadKernel(folder) : resolve(packageFile);
  const root = join(folder, "kernel");
  try {
    outputOf("dpkg-deb", ["-x", file, root]);
    const release = readdirSync(join(root, "lib/modules"))[0]!;
    return {
      release,
      image: join(root, `boot/vmlinuz-${release}`),
      modules: new Map(modules.map((name) => [name, readModule(join(root, "lib/modules", release), name)])),
    };
  } catch (cause) {
    throw new UserError(
      `${file} is no kernel of Debian with ${modules.join(", ")}: give --kernel-package a linux-image-*-cloud-amd64 (${errorMessage(cause)}).`,
      { cause },
    );
  }
}

function downloadKernel(folder: string): string {
  try {
    const depends = outputOf("apt-cache", ["depends", metaPackage]).toString();
    const [, name] = /Depends: (linux-image-\S+)/.exec(depends) ?? [];
    if (name === undefined) throw new Error(`apt-cache does not know ${metaPackage}`);
    outputOf("apt-get", ["download", "-qq", name], { cwd: folder });
    return join(
      folder,
      readdirSync(folder).find((each) => each.startsWith(name))!,
    );
  } catch (cause) {
    throw new UserError(
      `The kernel cannot be downloaded (${errorMessage(cause)}): run apt-get update first, or give --kernel-package FILE.deb.`,
      { cause },
    );
  }
}

/** A module, wherever it is below the folder, as it was before it was compressed. */
function readModule(folder: string, name: string): Buffer {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = paths.find((path) => path.endsWith(`/${name}.ko`) || path.endsWith(`/${name}.ko.xz`));
  if (found === undefined) throw new Error(`it has no module ${name}`);
  const path = join(folder, found);
  return path.endsWith(".xz") ? outputOf("xz", ["-dc", path]) : readFileSync(path);
}
