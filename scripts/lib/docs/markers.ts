import { UserError } from "../../../scenarios/lib/errors.ts";

/** The names of the markers in a Markdown file, in its order: each is `<!-- name -->` at the start of a line. */
export function markerNames(text: string): string[] {
  return [...text.matchAll(/^<!-- ([a-z-]+) -->$/gm)].map(([, name]) => name!);
}

/**
 * The text of the file `path` with `content` between its markers `<!-- name -->` and `<!-- /name -->`. Pure. Throws a
 * UserError where the file lacks one of the two.
 */
export function replaceSection(path: string, text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new UserError(`${path} lacks the markers ${open} and ${close}: put them where the generated text goes.`);
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}
