/** Widest line of generated prose, in characters. */
const maxColumns = 120;

/**
 * A space where a line may break: not before a word that Markdown takes for the mark of a list, a heading or a
 * quotation.
 */
const breakable = / (?!(?:[-+*#>]|\d+[.)])(?: |$))/;

/** A fenced block of code, without spaces at the ends of lines. */
export function codeBlock(text: string): string {
  return `\`\`\`\n${text.replaceAll(/ +$/gm, "")}\n\`\`\``;
}

/** Prefix of the first line of a paragraph, and of each later line. */
interface Margins {
  first: string;
  rest: string;
}

/** A paragraph in lines of at most 120 columns. */
export function paragraph(text: string, { first, rest }: Margins = { first: "", rest: "" }): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(breakable)) {
    if (!isEmpty && line.length + 1 + word.length > maxColumns) {
      lines.push(line);
      line = rest + word;
    } else line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join("\n");
}

/** An item of a list, with the items below it. */
export interface ListItem {
  text: string;
  items?: readonly string[];
}

/** A bullet list of one or two levels, in lines of at most 120 columns. */
export function bulletList(items: readonly (string | ListItem)[]): string {
  return items
    .map((item) => (typeof item === "string" ? { text: item } : item))
    .flatMap(({ text, items: below = [] }: ListItem) => [
      paragraph(text, { first: "- ", rest: "  " }),
      ...below.map((each) => paragraph(each, { first: "  - ", rest: "    " })),
    ])
    .join("\n");
}

/** A table, padded as the formatter pads it. */
export function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const cells = [head, ...body].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(cells[0]!), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n");
}
