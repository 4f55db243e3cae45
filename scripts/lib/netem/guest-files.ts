import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArchiveEntry } from "./archive.ts";
import type { DebianKernel } from "./debian-kernel.ts";
import { hostProgram, outputOf, type HostProgram } from "./host-programs.ts";

/** Folder of this project, with dist and node_modules. */
const project = fileURLToPath(new URL("../../../..", import.meta.url));

/** Programs of the host that the guest has, with the libraries that they load. */
const guestPrograms = ["sh", "ip", "tc", "unshare", "nsenter"] as const satisfies readonly HostProgram[];
/** What busybox is in the guest. */
const applets = ["mount", "insmod", "cat", "ping", "poweroff"];

/** Packages that only the report needs: half of the bytes of all. */
const leftOut = new Set(["node_modules/echarts", "node_modules/zrender"]);

/** First program of the guest. It loads the modules, runs the checks and switches the machine off. */
const init = (modules: readonly string[]): string => `#!/bin/sh
export PATH=/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
for module in ${modules.join(" ")}; do insmod /modules/$module.ko; done
ip link set lo up
cd /app
node ${relative(project, fileURLToPath(new URL("guest.js", import.meta.url)))}
poweroff -f
`;

/** Everything that the guest has, by path. */
export function guestFiles({ modules }: DebianKernel): Map<string, ArchiveEntry> {
  const files = new Map<string, ArchiveEntry>([
    ["init", { content: Buffer.from(init([...modules.keys()])) }],
    ["bin/busybox", { file: hostProgram("busybox") }],
    ["app/package.json", { file: join(project, "package.json") }],
  ]);
  for (const name of ["proc", "sys", "dev", "tmp"]) files.set(`${name}/.empty`, { content: Buffer.alloc(0) });
  for (const name of applets) files.set(`bin/${name}`, { link: "busybox" });
  for (const [name, content] of modules) files.set(`modules/${name}.ko`, { content });
  addProgram(files, "node", process.execPath);
  for (const name of guestPrograms) addProgram(files, name, hostProgram(name));
  addFolder(files, "app/dist", join(project, "dist"));
  for (const path of productionPackages()) addFolder(files, `app/${path}`, join(project, path));
  return files;
}

/** A program in /bin, and each library that it loads where it is on the host. */
function addProgram(files: Map<string, ArchiveEntry>, name: string, path: string): void {
  files.set(`bin/${name}`, { file: realpathSync(path) });
  for (const [library] of outputOf("ldd", [path])
    .toString()
    .matchAll(/(?<=\s)\/\S+/g))
    files.set(library.slice(1), { file: library });
}

/** The files of a folder that run: no tests, no types and no maps, and no packages inside it. */
function addFolder(files: Map<string, ArchiveEntry>, to: string, from: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [path, file] = [`${to}/${entry.name}`, join(from, entry.name)];
    if (entry.isDirectory() && entry.name !== "node_modules") addFolder(files, path, file);
    else if (entry.isFile() && !/\.(map|md|d\.[cm]?ts|test\.js)$/.test(entry.name)) files.set(path, { file });
  }
}

/** Folders of the packages that every installation has, by the lock file. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: true; optional?: true; devOptional?: true }>;
  };
  return Object.entries(packages).flatMap(([path, { dev, optional, devOptional }]) =>
    path === "" || dev || optional || devOptional || leftOut.has(path) ? [] : [path],
  );
}
