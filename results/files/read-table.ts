import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { parse } from "csv-parse";
import { errorMessage, didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import { presentNames, presentText } from "./older-version.ts";
import type { ReadWarning } from "./read-warnings.ts";

type KnownColumns = Record<string, { type: "text" | "number"; formerly?: string; defaultBefore?: number | string }>;

/** The shape of a CSV: its columns, those it may not lack, and how many rows are read at most. */
export interface TableFormat {
  columns: KnownColumns;
  required: readonly string[];
  mostRows: number;
}

/**
 * Reads a CSV with a header line. Former names and values are replaced by the present ones. An incomplete last line and
 * missing columns are warnings. Throws a UserError where the file cannot be read or is not of this format.
 */
export async function readTable<R extends object>(
  path: string,
  format: TableFormat,
  warnings: ReadWarning[],
): Promise<R[]> {
  const complete = completeLines(path);
  if (complete.cutOff) warnings.push({ id: "cut-off", path });
  if (complete.bytes === 0) throw new UserError(`${path} is empty. Name the CSV of a run.`);
  const input = createReadStream(path, { end: complete.bytes - 1 });
  const lines: AsyncIterable<string[]> = input.pipe(parse({ bom: true, relax_column_count: true }));
  const rows: R[] = [];
  let header: string[] | undefined;
  let defaults = {};
  try {
    for await (const cells of lines) {
      if (!header) {
        header = presentNames(cells, format.columns);
        checkHeader(path, header, format, warnings);
        defaults = defaultValues(header, format.columns);
      } else if (rows.length === format.mostRows)
        throw new UserError(
          `${path} has more than ${format.mostRows.toLocaleString("en")} rows. Split it, for example by scenario.`,
        );
      else {
        const line = `Line ${rows.length + 2} of ${path}`;
        rows.push({ ...defaults, ...parseCells(line, header, cells, format.columns) } as R);
      }
    }
  } catch (error) {
    throw error instanceof UserError ? error : parseError(path, error);
  }
  return rows;
}

/**
 * The bytes of a file up to its last line end, and whether more follows. Throws a UserError where the file cannot be
 * read.
 */
function completeLines(path: string): { bytes: number; cutOff: boolean } {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, 2 ** 20));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const bytes = size - tail.length + tail.lastIndexOf(10) + 1;
    return { bytes, cutOff: bytes < size };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : errorMessage(error);
    throw new UserError(`Cannot read ${path}: ${why}. Name the CSV of a run.`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Throws a UserError where a header is not of this format, and warns where it lacks columns. */
function checkHeader(path: string, names: readonly string[], format: TableFormat, warnings: ReadWarning[]): void {
  const { columns, required } = format;
  if (2 * names.filter((name) => Object.hasOwn(columns, name)).length < names.length)
    throw new UserError(`${path} is not a result file: it begins with "${beginning(names)}". Name the CSV of a run.`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`${path} has two columns "${twice}". Delete one.`);
  const unknown = names.find((name) => !Object.hasOwn(columns, name));
  if (unknown !== undefined)
    throw new UserError(
      `${path} has a column "${unknown}" that this version does not know.` +
        didYouMean(
          unknown,
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
  const text = names.slice(0, 3).join(",").replaceAll(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
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

function parseCells(
  line: string,
  header: readonly string[],
  cells: readonly string[],
  columns: KnownColumns,
): Record<string, string | number> {
  if (cells.length !== header.length)
    throw new UserError(`${line} has ${cells.length} cells instead of ${header.length}. Delete the line.`);
  const row: Record<string, string | number> = {};
  for (const [i, name] of header.entries()) {
    const cell = cells[i]!;
    if (cell === "") continue;
    if (columns[name]!.type === "text") row[name] = presentText(name, cell.replace(formulaEscape, ""));
    else if (Number.isFinite(Number(cell))) row[name] = Number(cell);
    else throw new UserError(`${line}: ${name} "${cell}" is not a number. Correct or delete the line.`);
  }
  return row;
}

function parseError(path: string, error: unknown): UserError {
  const { lines } = error as { lines?: number };
  const why = lines === undefined ? errorMessage(error) : `line ${lines} cannot be parsed`;
  return new UserError(`${path} is not a result file, or it is damaged: ${why}. Name the CSV of a run.`, {
    cause: error,
  });
}
