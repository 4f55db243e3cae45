import { textTable, wrapText, type TextColumn } from "../text/text-table.ts";

/** A command's output: sentences, a table, sentences, and the same content as data. */
export interface SizingPage<L = unknown> {
  intro: readonly string[];
  columns: readonly TextColumn<L>[];
  rows: readonly L[];
  /** In a note, the text after a line break is a shell command. */
  notes: readonly string[];
  data: object;
}

const layouts = {
  table: <L>({ intro, columns, rows, notes }: SizingPage<L>) =>
    [...intro.map(wrapped), "", textTable(columns, rows), "", ...notes.map(wrapped)].join("\n"),
  markdown: <L>({ intro, columns, rows, notes }: SizingPage<L>) =>
    [...intro, "", ...markdownTable(columns, rows), "", ...notes.map((note) => `- ${inline(note)}`)].join("\n"),
  json: <L>({ data }: SizingPage<L>) => JSON.stringify(data, undefined, 2),
} as const satisfies Record<string, <L>(page: SizingPage<L>) => string>;

/** Name of an output format. */
export type PageLayout = keyof typeof layouts;

/** Names of all output formats. */
export const layoutNames = Object.keys(layouts) as PageLayout[];

/** The page as text in an output format. */
export function formatPage<L>(layout: PageLayout, page: SizingPage<L>): string {
  return layouts[layout](page);
}

/** Lines of at most 80 columns. A command is broken with backslashes, so that it can be pasted into a shell. */
function wrapped(note: string): string {
  const [text, ...commands] = note.split("\n");
  // The four spaces stand for the indentation and the backslash, which are added afterwards.
  const broken = commands.map((line) => wrapText(`    ${line}`).trimStart().replaceAll("\n", " \\\n  "));
  return [wrapText(text!), ...broken.map((line) => `  ${line}`)].join("\n");
}

function inline(note: string): string {
  const [text, ...commands] = note.split("\n");
  return [text, ...commands.map((line) => `\`${line}\``)].join(" ");
}

function markdownTable<L>(columns: readonly TextColumn<L>[], rows: readonly L[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(columns.map(({ heading }) => heading.replace("\n", " ").trim())),
    row(columns.map(({ number }) => (number ? "---:" : "---"))),
    ...rows.map((line) => row(columns.map(({ value }) => value(line)))),
  ];
}
