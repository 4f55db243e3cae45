import Table from "cli-table3";

/** One column of a table: its heading on two lines, what it shows of a line, and whether that is a number, which stands to the right. */
export interface TextColumn<L> {
  heading: string;
  number?: true;
  value(line: L): string;
}

/** The lines as a table without borders, as wide as its texts. */
export function textTable<L>(shown: readonly TextColumn<L>[], lines: readonly L[]): string {
  const table = new Table({
    head: shown.map(({ heading }) => heading),
    colAligns: shown.map((column) => (column.number ? "right" : "left")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    chars: plain,
  });
  for (const line of lines) table.push(shown.map(({ value }) => value(line)));
  return table.toString();
}

/** No lines: it fits 80 columns and can be pasted anywhere. */
const borders =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid";
const plain = { ...Object.fromEntries(borders.split(" ").map((name) => [name, ""])), middle: "  " };

/** Breaks a sentence between words into lines of at most 80 columns, the second and later ones indented. */
export function wrapText(sentence: string): string {
  let column = 0;
  return sentence.replaceAll(/\s*\S+/g, (word) => {
    const breaks = column > 0 && column + word.length > 80;
    column = breaks ? word.trimStart().length + 2 : column + word.length;
    return breaks ? `\n  ${word.trimStart()}` : word;
  });
}

/** A sentence behind a label, in lines of at most 80 columns; the later ones stand below its beginning. */
export function hangingIndent(label: string, sentence: string): string {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && label.length + line.length + 1 + word.length > 80) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return label + lines.join(`\n${" ".repeat(label.length)}`);
}

/** Microseconds as milliseconds with about three digits; a dash for what was not measured, as below. */
export function formatMilliseconds(us: number | undefined): string {
  if (us === undefined) return "-";
  const ms = us / 1000;
  return ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

/** A number with so many digits behind the point. */
export function formatNumber(value: number | undefined, digits: number): string {
  return value === undefined
    ? "-"
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Exact up to 99,999; above that to three digits, as 1.23M, or the table would not fit. The CSV has them all. */
export function formatCount(value: number | undefined): string {
  if (value === undefined || value < 99_999.5) return formatNumber(value, 0);
  return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
}
