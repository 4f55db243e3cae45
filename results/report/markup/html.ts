/** Markup that may stand in a page as it is. Only `html` and `trusted` make it. */
export interface Html {
  readonly markup: string;
}

/** What may be put into markup: strings and numbers are escaped, nothing at all is written for undefined and false. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/** Markup from a template. All that is put into it is escaped, other markup excepted, so a transport named `<script>` is just text. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  // Indentation is for those who read the source.
  return { markup: texts.map((text, i) => text.replaceAll(/\n\s+/g, "\n") + markupOf(parts[i])).join("") };
}

/** Text that is markup already: our own constants, and drawings whose texts were escaped when they were made. */
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
