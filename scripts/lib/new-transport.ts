import { UserError } from "../../scenarios/lib/errors.ts";

/** The files of scripts/lib/template, as text. */
export interface Template {
  server: string;
  client: string;
  transport: string;
}

/** The files to write for a new transport. */
export interface NewFiles {
  /** The text of both halves, by path from the project's folder. */
  halves: Record<string, string>;
  /** The text of the list of transports, with the new one at its end. */
  list: string;
}

/** Path of the list of transports from the project's folder. */
export const listPath = "scenarios/transports.ts";

/** Names with another meaning: the folder of shared code, and a property of every JavaScript object. */
const reservedNames = ["lib", "constructor"];

/** Longest name that fits into the tables of the bench. */
const maxNameCharacters = 24;

const validName = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Throws a UserError if a new transport cannot have this name. `usedNames` are those on the list. */
export function assertFreeName(name: string, usedNames: readonly string[]): void {
  if (/[/\\]/.test(name))
    throw new UserError(`"${name}" is a path. Give a name, such as my-transport. A module outside needs no name.`);
  if (!validName.test(name))
    throw new UserError(
      `"${name}" cannot be the name of a transport. Use a lower-case letter, then lower-case letters, digits and ` +
        `single hyphens.${nameHint(name)}`,
    );
  if (name.length > maxNameCharacters)
    throw new UserError(
      `"${name}" has ${name.length} characters, and the tables have room for ${maxNameCharacters}. Take a shorter name.`,
    );
  if (usedNames.includes(name)) throw new UserError(`"${name}" is on the list already. Take another name.`);
  if (reservedNames.includes(name)) throw new UserError(`"${name}" is reserved. Take another name.`);
}

/** A suggestion of a valid name close to an invalid one, or nothing. */
function nameHint(name: string): string {
  const candidate = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  return validName.test(candidate) ? ` Did you mean "${candidate}"?` : "";
}

/** The files of a new transport. Throws if the list or the template does not have the expected form. */
export function filesFor(name: string, template: Template, list: string): NewFiles {
  const halves = {
    [`servers/${name}.ts`]: withMovedImports(template.server, "servers"),
    [`clients/${name}.ts`]: withMovedImports(template.client, "clients"),
  };
  const [, fields] = /\nexport default \{\n(.*)\n\} satisfies Transport;\n$/s.exec(template.transport) ?? [];
  const listEnd = "\n} satisfies Record<string, Transport>;\n";
  const [before, after, ...more] = list.split(listEnd);
  if (fields === undefined || after === undefined || more.length > 0)
    throw new Error(`${listPath} or the template does not have the form that npm run new-transport expects`);
  const entry = fields
    .replaceAll(/^/gm, "  ")
    .replace('"./server.ts"', `"../servers/${name}.ts"`)
    .replace('"./client.ts"', `"../clients/${name}.ts"`);
  const key = /^[a-z0-9]+$/.test(name) ? name : `"${name}"`;
  return { halves, list: `${before}\n  ${key}: {\n${entry}\n  },${listEnd}${after}` };
}

/** The text of a half of the template, with its imports relative to the folder of halves. */
function withMovedImports(text: string, folder: string): string {
  return text.replaceAll(`"../../../${folder}/`, '"./').replaceAll('"../../../', '"../');
}
