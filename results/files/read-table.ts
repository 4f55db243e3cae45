import { Readable, pipeline } from "node:stream";
import { parse, type Info } from "csv-parse";
import { lineEnds, otherSeparator, plainName } from "../../scenarios/lib/csv-text.ts";
import { didYouMean, errorMessage, excerpt, UserError } from "../../scenarios/lib/errors.ts";
import { readTextPieces } from "../../scenarios/lib/text-file.ts";
import { presentNames, presentText } from "./older-version.ts";
import type { ReadWarning } from "./read-warnings.ts";

type KnownColumns = Record<string, { type: "text" | "number"; formerly?: string; defaultBefore?: number | string }>;

/** The shape of a CSV: its columns, those it may not lack, and how many rows are read at most. */
export interface TableFormat {
  columns: KnownColumns;
  required: readonly string[];
  mostRows: number;
  /** Checks of the texts of columns. Each returns what is wrong with a text, and what to do. */
  checks?: Readonly<Record<string, (text: string) => string | undefined>>;
}

/** One line of a CSV: the number of the line that it ends in, and its cells. */
interface Line {
  number: number;
  cells: readonly string[];
}

/** Most bytes of one line. The longest lines that `npm run bench` writes have 100 kB. */
const mostLineBytes = 16 * 2 ** 20;

const nameACsv = "Name the CSV of a run.";

/**
 * Reads a CSV with a header line. Former names and values are replaced by the present ones. Empty lines, empty cells at
 * the end of a line and a repeated header are passed over. An incomplete last line and missing columns are warnings. A
 * last line without a line end counts where it has all its cells. Throws a UserError where the file cannot be read or
 * is not of this format.
 */
export async function readTable<R extends object>(
  path: string,
  format: TableFormat,
  warnings: ReadWarning[],
): Promise<R[]> {
  const rows: R[] = [];
  let header: readonly string[] | undefined;
  let read: ((line: Line) => object) | undefined;
  let last: Line | undefined;
  const ending: Ending = { text: "", isLineEnd: false };
  for await (const line of csvLines(path, format, ending)) {
    if (!header) {
      header = presentHeader(path, line.cells, format);
      continue;
    }
    read ??= lineReader(path, header, format, warnings);
    if (isHeaderAgain(path, line, header, format)) continue;
    if (last) rows.push(read(last) as R);
    if (rows.length === format.mostRows)
      throw new UserError(
        `${path} has more than ${format.mostRows.toLocaleString("en")} rows. Split it, for example by scenario.`,
      );
    last = line;
  }
  if (!header) throw new UserError(`${path} is empty. ${nameACsv}`);
  if (!last || !read) return rows;
  if (ending.isLineEnd) return [...rows, read(last) as R];
  try {
    rows.push(read(last) as R);
    const checksItself = last.cells.at(-1) !== "" && format.checks?.[header.at(-1)!] !== undefined;
    if (!checksItself) warnings.push({ id: "unended", path });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warnings.push({ id: "cut-off", path });
  }
  return rows;
}

/** How a file ends: the last piece of its text, and whether that ends with a line end of this file. */
interface Ending {
  text: string;
  isLineEnd: boolean;
}

/** The lines of a CSV that are not empty. `ending` is then how the file ends. */
async function* csvLines(path: string, format: TableFormat, ending: Ending): AsyncGenerator<Line, void> {
  const pieces = readTextPieces(path, nameACsv);
  const first = (await pieces.next()).value ?? "";
  try {
    rejectOtherSeparator(path, first, format);
  } catch (error) {
    await pieces.return(); // closes the file
    throw error;
  }
  const delimiters = lineEnds(first);
  async function* text(): AsyncGenerator<string, void> {
    ending.text = first;
    yield first;
    for await (const piece of pieces) {
      if (piece !== "") ending.text = piece;
      yield piece;
    }
  }
  const parser = parse({
    info: true,
    relax_column_count: true,
    record_delimiter: delimiters,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: mostLineBytes,
  });
  pipeline(Readable.from(text()), parser, () => undefined); // errors reach the reader of the parser, too
  let ended = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      ended = info.lines;
      yield { number: info.lines, cells: record };
    }
    ending.isLineEnd = delimiters.some((end) => ending.text.endsWith(end));
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (ended === 0 || !isCutInQuotes(error, ended, ending.text)) throw parseError(path, error);
    yield { number: ended + 1, cells: [] };
  }
}

/** True where the file ends within quotes, in the line after line `ended`. */
function isCutInQuotes(error: unknown, ended: number, ending: string): boolean {
  const { code, lines } = error as { code?: string; lines?: number };
  return code === "CSV_QUOTE_NOT_CLOSED" && lines === ended + 1 && !/[\r\n]$/.test(ending);
}

/**
 * The header under the present names. Columns without a name at its end are left out. Throws a UserError where most
 * names are unknown.
 */
function presentHeader(path: string, cells: readonly string[], { columns }: TableFormat): string[] {
  const names = presentNames(withoutEmptyEnd(cells.map(plainName)), columns);
  const known = names.filter((name) => Object.hasOwn(columns, name));
  if (2 * known.length >= names.length) return names;
  throw new UserError(`${path} is not a result file: it begins with "${beginning(names)}". ${nameACsv}`);
}

/** Throws a UserError where another separator than the comma stands between the columns. */
function rejectOtherSeparator(path: string, text: string, { columns }: TableFormat): void {
  const known = (name: string): boolean => Object.hasOwn(columns, presentNames([name], columns)[0]!);
  const separator = otherSeparator(text, known);
  if (separator !== undefined)
    throw new UserError(
      `${path} was saved by a spreadsheet, with ${separator} instead of commas, so its numbers may have changed. ${useTheOriginal}`,
    );
}

const useTheOriginal = "Use the file that npm run bench wrote.";

/** True for a line that is the header again, where files were joined. Throws a UserError where it is another header. */
function isHeaderAgain(
  path: string,
  { number, cells }: Line,
  header: readonly string[],
  { columns }: TableFormat,
): boolean {
  if (!Object.hasOwn(columns, plainName(cells[0] ?? "")) && !Object.hasOwn(columns, plainName(cells[1] ?? "")))
    return false;
  const names = presentNames(withoutEmptyEnd(cells.map(plainName)), columns);
  if (names.join() === header.join()) return true;
  if (2 * names.filter((name) => Object.hasOwn(columns, name)).length < names.length) return false;
  throw new UserError(
    `Line ${number} of ${path} begins a second table, with other columns. Make a file of each table.`,
  );
}

/** Cells without the empty ones at the end, which a trailing comma makes. */
function withoutEmptyEnd(cells: readonly string[], fewest = 0): readonly string[] {
  return cells.slice(0, Math.max(fewest, cells.findLastIndex((cell) => cell !== "") + 1));
}

/** Reads lines under this header. Throws a UserError where the header is not of this format, and warns of its columns. */
function lineReader(
  path: string,
  header: readonly string[],
  format: TableFormat,
  warnings: ReadWarning[],
): (line: Line) => object {
  checkHeader(path, header, format, warnings);
  const defaults = defaultValues(header, format.columns);
  return ({ number, cells }) => parseCells(`Line ${number} of ${path}`, header, cells, format, defaults);
}

/** Throws a UserError where a header is not of this format, and warns where it lacks columns. */
function checkHeader(path: string, names: readonly string[], format: TableFormat, warnings: ReadWarning[]): void {
  const { columns, required } = format;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`${path} has two columns "${twice}". Delete one.`);
  const unknown = names.find((name) => !Object.hasOwn(columns, name));
  if (unknown === "")
    throw new UserError(`${path} has a column without a name, column ${names.indexOf("") + 1}. Delete the column.`);
  if (unknown !== undefined)
    throw new UserError(
      `${path} has a column "${excerpt(unknown)}" that this version does not know.` +
        didYouMean(
          excerpt(unknown),
          Object.keys(columns),
          "Read the file with the version that wrote it, or delete the column.",
        ),
    );
  const missing = Object.keys(columns).filter(
    (name) => !names.includes(name) && columns[name]!.defaultBefore === undefined,
  );
  const needed = required.find((name) => missing.includes(name));
  if (needed !== undefined)
    throw new UserError(
      `${path} has no column "${needed}", so its rows can be neither paired nor trusted. Measure again.`,
    );
  if (missing.length > 0) warnings.push({ id: "older", path, detail: columnList(missing) });
}

/** The first columns of a file that may be anything. */
function beginning(names: readonly string[]): string {
  return excerpt(names.slice(0, 3).join(",")).trim();
}

function columnList(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
}

/** Values that columns had before they existed, for the columns that a header lacks. */
function defaultValues(header: readonly string[], columns: KnownColumns): object {
  const entries = Object.entries(columns).filter(
    ([name, { defaultBefore }]) => defaultBefore !== undefined && !header.includes(name),
  );
  return Object.fromEntries(entries.map(([name, { defaultBefore }]) => [name, defaultBefore]));
}

/** The apostrophe that csv-stringify writes before a cell that a spreadsheet would run as a formula. */
const formulaEscape = /^'(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/;

/** A number as JavaScript writes it, which is exact. Spreadsheets write 1.2E+06 and 1,234, which may be rounded. */
const exactNumber = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

/** What a spreadsheet makes of a number: other separators, a percentage, a rounded power of ten. */
const changedNumber = /^[-+\d.,'\s\u00A0\u202F%$]*\d[-+\d.,'\s\u00A0\u202F%$]*(E[+-]?\d+)?$/;

/** The values of the cells that are not empty, over the defaults. */
function parseCells(
  line: string,
  header: readonly string[],
  cells: readonly string[],
  { columns, checks = {} }: TableFormat,
  defaults: object,
): Record<string, string | number> {
  const { length } = withoutEmptyEnd(cells, header.length);
  if (cells.length < header.length || length > header.length)
    throw new UserError(`${line} has ${length} cells instead of ${header.length}. Delete the line.`);
  const row: Record<string, string | number> = { ...defaults };
  for (const [i, name] of header.entries()) {
    const cell = cells[i]!;
    if (columns[name]!.type === "text") {
      const text = cell.replace(formulaEscape, "");
      const problem = checks[name]?.(text);
      if (problem !== undefined) throw new UserError(`${line}: ${name} "${excerpt(text)}" ${problem}`);
      if (text !== "") row[name] = presentText(name, text);
    } else if (cell.trim() !== "") row[name] = parseNumber(`${line}: ${name}`, cell.trim());
  }
  return row;
}

/** A number that is exact. Throws a UserError for any other text. */
function parseNumber(place: string, cell: string): number {
  const value = exactNumber.test(cell) ? Number(cell) : NaN;
  if (Number.isFinite(value)) return value;
  const what = changedNumber.test(cell)
    ? `is a number that a spreadsheet has changed. ${useTheOriginal}`
    : "is not a number. Correct or delete the line.";
  throw new UserError(`${place} "${excerpt(cell)}" ${what}`);
}

function parseError(path: string, error: unknown): UserError {
  const { code, lines } = error as { code?: string; lines?: number };
  if (code === "CSV_MAX_RECORD_SIZE")
    return new UserError(`${path} is not a result file: line ${lines} is longer than 16 MiB. ${nameACsv}`, {
      cause: error,
    });
  const why = lines === undefined ? errorMessage(error) : `line ${lines} cannot be parsed`;
  return new UserError(`${path} is not a result file, or it is damaged: ${why}. ${nameACsv}`, { cause: error });
}
