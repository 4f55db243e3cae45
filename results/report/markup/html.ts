/** Markup that is inserted without escaping. Only `html` and `trusted` create it. */
export interface Html {
  readonly markup: string;
}

/** Value inside a template. Strings are escaped; undefined and false are written as nothing. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/**
 * Markup from a template. Every value except other markup is escaped, so a transport named `<script>` is plain text.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  // The indentation of the template is for readers of the source.
  return { markup: texts.map((text, i) => text.replaceAll(/\n\s+/g, "\n") + markupOf(parts[i])).join("") };
}

/** Markup from a string that is safe: a constant of this project, or a chart whose texts are already escaped. */
export function trusted(markup: string): Html {
  return { markup };
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function markupOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (typeof part === "string") return part.replaceAll(/[&<>"']/g, (each) => escapes[each]!);
  if (typeof part === "number") return String(part);
  return "markup" in part ? part.markup : part.map(markupOf).join("");
}
