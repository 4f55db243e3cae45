import { UserError } from "../../scenarios/lib/errors.ts";

/** The files of scripts/lib/template, as text. */
export interface Template {
  server: string;
  client: string;
  transport: string;
}

/** What is to be written for a new transport, by path from the project's folder. */
export interface NewFiles {
  halves: Record<string, string>;
  /** The list of transports, with the new one at its end. */
  list: string;
}

/** Where the list of transports is. */
export const listPath = "scenarios/transports.ts";

/** Names that mean something else here: a folder of shared code, and a property that every JavaScript object has. */
const reserved = ["lib", "constructor"];
/** Longest name that the tables of the bench hold. */
const mostCharacters = 24;

/** Throws a UserError where a new transport cannot have that name. */
export function assertFreeName(name: string, taken: readonly string[]): void {
  const shape = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
  if (/[/\\]/.test(name))
    throw new UserError(
      `"${name}" is a path: give a name, such as my-transport. A module elsewhere needs no name here.`,
    );
  if (!shape.test(name)) {
    const meant = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^[^a-z]+|-+$/g, "");
    const hint = shape.test(meant) ? ` Did you mean "${meant}"?` : "";
    throw new UserError(
      `"${name}" is no name for a transport: use a letter, then letters, digits and single hyphens, all lower case.${hint}`,
    );
  }
  if (name.length > mostCharacters)
    throw new UserError(
      `"${name}" has ${name.length} characters, and tables hold ${mostCharacters}: take a shorter name.`,
    );
  if (taken.includes(name)) throw new UserError(`"${name}" is on the list already: take another name.`);
  if (reserved.includes(name)) throw new UserError(`"${name}" means something else here: take another name.`);
}

/** The two halves and the list with one more transport. Pure; throws where the list or the template is not as it was. */
export function filesFor(name: string, template: Template, list: string): NewFiles {
  const halves = {
    [`servers/${name}.ts`]: moved(template.server, "servers"),
    [`clients/${name}.ts`]: moved(template.client, "clients"),
  };
  const [, fields] = /\nexport default \{\n(.*)\n\} satisfies Transport;\n$/s.exec(template.transport) ?? [];
  const end = "\n} satisfies Record<string, Transport>;\n";
  const [before, after, ...more] = list.split(end);
  if (fields === undefined || after === undefined || more.length > 0)
    throw new Error(`${listPath} or the template has another shape than npm run new-transport knows`);
  const line = fields
    .replaceAll(/^/gm, "  ")
    .replace('"./server.ts"', `"../servers/${name}.ts"`)
    .replace('"./client.ts"', `"../clients/${name}.ts"`);
  const key = /^[a-z0-9]+$/.test(name) ? name : `"${name}"`;
  return { halves, list: `${before}\n  ${key}: {\n${line}\n  },${end}${after}` };
}

/** A half as it imports from the folder of halves. */
function moved(text: string, folder: string): string {
  return text.replaceAll(`"../../../${folder}/`, '"./').replaceAll('"../../../', '"../');
}
