import Table from "cli-table3";

/** One column of a table: its heading, of one or two lines, and the cell of a row. Numbers are aligned to the right. */
export interface TextColumn<R> {
  heading: string;
  number?: true;
  value(row: R): string;
}

/** Rows as a table without borders, as wide as its texts. */
export function textTable<R>(columns: readonly TextColumn<R>[], rows: readonly R[]): string {
  const table = new Table({
    head: columns.map(({ heading }) => heading),
    colAligns: columns.map((column) => (column.number ? "right" : "left")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    chars: noBorders,
  });
  for (const row of rows) table.push(columns.map(({ value }) => value(row)));
  return table.toString();
}

const borderNames =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid";
/** A table without borders fits into 80 columns and can be pasted anywhere. */
const noBorders = { ...Object.fromEntries(borderNames.split(" ").map((name) => [name, ""])), middle: "  " };

/** A text wrapped between words at 80 columns. The second and later lines are indented. */
export function wrapText(text: string): string {
  let column = 0;
  return text.replaceAll(/\s*\S+/g, (word) => {
    const breaks = column > 0 && column + word.length > 80;
    column = breaks ? word.trimStart().length + 2 : column + word.length;
    return breaks ? `\n  ${word.trimStart()}` : word;
  });
}

/** A sentence behind a label, wrapped at 80 columns. Later lines begin below the first word of the sentence. */
export function hangingIndent(label: string, sentence: string): string {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && label.length + line.length + 1 + word.length > 80) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return label + lines.join(`\n${" ".repeat(label.length)}`);
}

/** Microseconds as milliseconds with about three digits; a dash for undefined, as in the functions below. */
export function formatMilliseconds(us: number | undefined): string {
  if (us === undefined) return "-";
  const ms = us / 1000;
  return ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

/** A number with a fixed number of decimals. */
export function formatNumber(value: number | undefined, digits: number): string {
  return value === undefined
    ? "-"
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * A count in full up to 99,999, above that with three digits, `1.23M`, to fit into a table. The CSV has every digit.
 */
export function formatCount(value: number | undefined): string {
  if (value === undefined || value < 99_999.5) return formatNumber(value, 0);
  return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
}
