import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { errorMessage, UserError } from "../lib/errors.ts";
import { isModulePath, withoutTlsSuffix, withTlsSuffix } from "../transports/load-transport.ts";

/** A module of a transport as bench and agents speak of it. Its code does not travel. */
export interface ModuleIdentity {
  /** Name of its file, without a folder. */
  name: string;
  /** Digest of the file and of all that it imports by relative paths: twelve hexadecimal digits. */
  digest: string;
}

/** A module in the folder of an agent. */
export interface FoundModule {
  /** Folder of modules of the agent; null where it has none. */
  folder: string | null;
  /** Digest as in `ModuleIdentity`; null where there is no such file. */
  digest: string | null;
}

/** `import "./a.js"`, `import x from "./a.js"`, `import("./a.js")`, `require("./a.js")`, `new URL("./a.js"`. */
const relativeImport = /\b(?:from|import|require|URL)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * Digest of a module and of the files that it imports by relative paths. Throws a UserError where one of them cannot be
 * read or lies outside of the folder of the module.
 */
export function moduleDigest(path: string): string {
  const folder = dirname(path);
  const texts = new Map<string, string>();
  const queue = [path];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(folder, file);
    if (texts.has(name)) continue;
    if (name.startsWith(".."))
      throw new UserError(
        `${path} imports ${name}, which is outside of its folder: agents load modules from one folder, so move it there.`,
      );
    const text = readCode(file);
    texts.set(name, text);
    for (const [, specifier] of text.matchAll(relativeImport)) {
      const imported = join(dirname(file), specifier!);
      if (existsSync(imported)) queue.push(imported); // else it was found in a comment, or Node will say so
    }
  }
  const hash = createHash("sha256");
  for (const name of [...texts.keys()].toSorted()) hash.update(`${name}\0${texts.get(name)}\0`);
  return hash.digest("hex").slice(0, 12);
}

function readCode(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`Cannot read the transport module ${path}: ${errorMessage(error)}.`, { cause: error });
  }
}

/** The module behind the name of a transport, such as "./mine.js" or "./mine.js+tls"; undefined for one of the list. */
export function moduleOf(transport: unknown): ModuleIdentity | undefined {
  if (typeof transport !== "string" || !isModulePath(transport)) return undefined;
  const path = resolve(withoutTlsSuffix(transport) ?? transport);
  return { name: basename(path), digest: moduleDigest(path) };
}

/** What an agent has of a module. `folder`: its folder of modules. */
export function findModule(folder: string | undefined, name: string): FoundModule {
  if (folder === undefined) return { folder: null, digest: null };
  const path = join(folder, basename(name));
  return { folder, digest: existsSync(path) ? moduleDigest(path) : null };
}

/** What a bench must say of an agent that has another module than its own, or none; undefined where it has the same. */
export function moduleProblem(
  agent: string,
  path: string,
  own: ModuleIdentity,
  found: FoundModule,
): string | undefined {
  const { folder, digest } = found;
  const mine = `${resolve(path)} of the bench is ${own.digest}`;
  if (folder === null)
    return `The agent ${agent} has no --modules FOLDER, and ${mine}: copy the module with what it imports to a folder there, and start the agent with it.`;
  const place = join(folder, own.name);
  if (digest === null)
    return `The agent ${agent} has no ${place}, and ${mine}: copy the module with what it imports there.`;
  if (digest !== own.digest) return `${place} of agent ${agent} is ${digest}, and ${mine}: copy the same files there.`;
  return undefined;
}

/**
 * The name of a transport as the processes of an agent load it: a module of the bench is the one of the same name and
 * digest in the agent's folder. Throws where there is no such module.
 */
export function ownTransport(transport: string, folder: string | undefined, wanted: ModuleIdentity): string {
  const found = findModule(folder, wanted.name);
  if (folder === undefined || found.digest !== wanted.digest)
    throw new Error(
      `an agent loads a module only from its --modules folder, and has ${found.digest === null ? "no" : "another"} ${wanted.name} there`,
    );
  const path = resolve(folder, basename(wanted.name));
  return withoutTlsSuffix(transport) === undefined ? path : withTlsSuffix(path);
}
