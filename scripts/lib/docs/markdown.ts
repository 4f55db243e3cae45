/** Widest line of generated prose, in characters. */
const maxColumns = 120;

/** A space where a line may break: not before a word that Markdown takes for the mark of a list, a heading or a quotation. */
const breakable = / (?!(?:[-+*#>]|\d+[.)])(?: |$))/;

/** A fenced block of code, without spaces at the ends of lines. */
export function codeBlock(text: string): string {
  return `\`\`\`\n${text.replaceAll(/ +$/gm, "")}\n\`\`\``;
}

/** A paragraph in lines of at most 120 columns. `indent` stands before the second and later lines. */
export function paragraph(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(breakable)) {
    if (line !== "" && line.length + 1 + word.length > maxColumns) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

/** A bullet list in lines of at most 120 columns. */
export function bulletList(items: readonly string[]): string {
  return items.map((item) => paragraph(`- ${item}`, "  ")).join("\n");
}

/** A table, padded as the formatter pads it. */
export function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const cells = [head, ...body].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(cells[0]!), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n");
}
