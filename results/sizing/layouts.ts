import { textTable, wrapText, type TextColumn } from "../text/text-table.ts";

/** What a command has to say: sentences, a table, sentences, and the same as data. */
export interface SizingPage<L = unknown> {
  head: readonly string[];
  shown: readonly TextColumn<L>[];
  lines: readonly L[];
  foot: readonly string[];
  data: object;
}

/** A page as text. In sentences, what stands after a line break is a command line and is broken as a shell allows. */
const layouts = {
  table: <L>({ head, shown, lines, foot }: SizingPage<L>) =>
    [...head.map(wrapped), "", textTable(shown, lines), "", ...foot.map(wrapped)].join("\n"),
  markdown: <L>({ head, shown, lines, foot }: SizingPage<L>) =>
    [...head, "", ...markdownTable(shown, lines), "", ...foot.map((each) => `- ${inline(each)}`)].join("\n"),
  json: <L>({ data }: SizingPage<L>) => JSON.stringify(data, undefined, 2),
} as const satisfies Record<string, <L>(page: SizingPage<L>) => string>;

/** How a page may be printed. */
export type PageLayout = keyof typeof layouts;

/** Their names. */
export const layoutNames = Object.keys(layouts) as PageLayout[];

/** The page as text in this layout. */
export function formatPage<L>(layout: PageLayout, page: SizingPage<L>): string {
  return layouts[layout](page);
}

function wrapped(sentence: string): string {
  const [words, ...commands] = sentence.split("\n");
  // Indented as far as what is put around it is wide.
  const broken = commands.map((line) => wrapText(`    ${line}`).trimStart().replaceAll("\n", " \\\n  "));
  return [wrapText(words!), ...broken.map((line) => `  ${line}`)].join("\n");
}

function inline(sentence: string): string {
  const [words, ...commands] = sentence.split("\n");
  return [words, ...commands.map((line) => `\`${line}\``)].join(" ");
}

function markdownTable<L>(shown: readonly TextColumn<L>[], lines: readonly L[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(shown.map(({ heading }) => heading.replace("\n", " ").trim())),
    row(shown.map(({ number }) => (number ? "---:" : "---"))),
    ...lines.map((line) => row(shown.map(({ value }) => value(line)))),
  ];
}
