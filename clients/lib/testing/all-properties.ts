import { readdirSync } from "node:fs";
import type { IRawProperty } from "fast-check";

/** Properties by the sentence that must hold. Every `*.properties.ts` file exports such a record as `properties`. */
export type Properties = Record<string, IRawProperty<unknown>>;

/** The properties of one parser. */
export interface ParserProperties {
  /** Path of the parser in the project, without extension: `clients/lib/tcp/records`. */
  parser: string;
  properties: Properties;
}

const projectFolder = new URL("../../../", import.meta.url);
const suffix = ".properties.js";

/** The folders that have parsers. */
export const parserFolders = ["clients", "results", "scenarios"];

async function loadProperties(file: string): Promise<ParserProperties> {
  const { properties } = (await import(new URL(file, projectFolder).href)) as { properties?: Properties };
  if (!properties) throw new Error(`${file} must export "properties"`);
  return { parser: file.slice(0, -suffix.length), properties };
}

const files = parserFolders.flatMap((folder) =>
  readdirSync(new URL(folder, projectFolder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(suffix))
    .map((file) => `${folder}/${file}`),
);

/**
 * The properties of all parsers, from every compiled `*.properties.ts` file. Tests and `npm run fuzz` try them.
 */
export const allProperties: readonly ParserProperties[] = await Promise.all(files.toSorted().map(loadProperties));
