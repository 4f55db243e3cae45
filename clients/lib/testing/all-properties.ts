import { readdirSync } from "node:fs";
import type { IRawProperty } from "fast-check";

/** Properties by the sentence that must hold. Every `*.properties.ts` file exports such a record as `properties`. */
export type Properties = Record<string, IRawProperty<unknown>>;

/** The properties of one parser. */
export interface ParserProperties {
  /** Path of the parser below `clients/`, without extension: `lib/tcp/records`. */
  parser: string;
  properties: Properties;
}

const clientsFolder = new URL("../../", import.meta.url);
const suffix = ".properties.js";

async function loadProperties(file: string): Promise<ParserProperties> {
  const { properties } = (await import(new URL(file, clientsFolder).href)) as { properties?: Properties };
  if (!properties) throw new Error(`clients/${file} must export "properties"`);
  return { parser: file.slice(0, -suffix.length), properties };
}

const files = readdirSync(clientsFolder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(suffix));

/**
 * The properties of all parsers, from every compiled `*.properties.ts` file below `clients/`. Tests and `npm run fuzz`
 * try them.
 */
export const allProperties: readonly ParserProperties[] = await Promise.all(files.toSorted().map(loadProperties));
