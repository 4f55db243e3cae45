/** Values of placeholders by name. */
export type PlaceholderValues = Readonly<Record<string, string>>;

const placeholder = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** Names of the placeholders in a template, such as "data.token" for `{{data.token}}`. */
export function placeholdersIn(template: string): string[] {
  return [...template.matchAll(placeholder)].map(([, name]) => name!);
}

/**
 * A template with values in place of its placeholders. In JSON each value is escaped as the inside of a JSON string.
 * Throws an error that lists the known names where a value is missing.
 */
export function fillTemplate(template: string, values: PlaceholderValues, json = isJsonTemplate(template)): string {
  const escape = json ? insideJsonString : (value: string) => value;
  return template.replaceAll(placeholder, (_, name: string) => {
    const value = values[name];
    if (value !== undefined) return escape(value);
    throw new Error(
      `{{${name}}} has no value: there are ${Object.keys(values)
        .map((each) => `{{${each}}}`)
        .join(", ")}`,
    );
  });
}

/** True if a template is JSON, whatever its values: an object, a list or a string. */
export function isJsonTemplate(template: string): boolean {
  const filled = template.replaceAll(placeholder, "0");
  if (!/^\s*[[{"]/.test(filled)) return false;
  try {
    JSON.parse(filled);
    return true;
  } catch {
    return false;
  }
}

function insideJsonString(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** The parts of a template before and after the one place of `{{name}}`. Undefined where it does not occur once. */
export function splitAt(template: string, name: string): [before: string, after: string] | undefined {
  const places = [...template.matchAll(placeholder)].filter(([, each]) => each === name);
  const [place] = places;
  if (!place || places.length > 1) return undefined;
  return [template.slice(0, place.index), template.slice(place.index + place[0].length)];
}
