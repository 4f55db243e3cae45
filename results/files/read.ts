import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "csv-parse";
import { z } from "zod";
import { errorMessage, didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import { columns, columnsFor, type Row } from "../model/columns.ts";
import { besideFile, isSideFile } from "./csv.ts";
import { timelineColumns, type TimelinePoint } from "../model/timeline.ts";

/** A result file as it was read. */
export interface ResultFileContent {
  path: string;
  rows: Row[];
  /** What the run recorded of itself beside the CSV; undefined where that is not there or not readable. */
  record: RunRecord | undefined;
  /** Sentences about what is missing or was left out. */
  warnings: string[];
}

const environment = z.looseObject({
  harness: z.looseObject({ version: z.string(), commit: z.string().nullable(), changed: z.boolean().nullable() }),
  node: z.string(),
  node_options: z.string().nullish(), // runs of before did not record it
  libraries: z.record(z.string(), z.string().nullable()),
  bufferutil: z.boolean(),
  os: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memory_mib: z.number(),
  congestion_control: z.string().nullable(),
  descriptor_limit: z.number().nullable(),
  load_average: z.array(z.number()),
});

const settings = z.looseObject({ workers: z.number(), warmupMs: z.number(), seed: z.number(), precise: z.boolean() });

const runRecord = z.looseObject({
  run_id: z.string(),
  command: z.array(z.string()),
  environment,
  options: z.record(z.string(), z.record(z.string(), z.unknown())),
  trials: z.array(z.looseObject({ transport: z.string(), repeat: z.number(), settings })),
});

/** The JSON beside a CSV: the command, the place, the options of each transport and the settings of each trial. */
export type RunRecord = z.infer<typeof runRecord>;

/** Rows that are held at once: more are no run that a person made. */
const mostRows = 100_000;

/**
 * Reads a result file and the record beside it. A last line that was cut off, a column of measured numbers that is missing and a record
 * that is not readable are warnings. Throws a UserError where the file cannot be read, has no rows or more than 100,000, has a column that
 * is not known, or lacks one that pairs rows or says whether to believe them.
 */
export async function readResults(path: string): Promise<ResultFileContent> {
  const warnings: string[] = [];
  const rows = await readTable<Row>(path, columns, mostRows, warnings);
  if (rows.length === 0)
    throw new UserError(`${path} has no rows: its run ended before the first trial did. Run it again.`);
  return { path, rows, record: readRecord(besideFile(path, ".json"), warnings), warnings };
}

/** Reads the points beside a result file, one a second of each trial; none where there is no such file. Throws as `readResults` does. */
export async function readTimeline(path: string): Promise<TimelinePoint[]> {
  const file = besideFile(path, ".timeline.csv");
  try {
    closeSync(openSync(file, "r"));
  } catch {
    return [];
  }
  return readTable<TimelinePoint>(file, timelineColumns, 20 * mostRows, []);
}

/** What reading needs to know of a column. */
type Known = Record<string, { type: "text" | "number"; defaultBefore?: number | string }>;

async function readTable<R extends object>(path: string, known: Known, most: number, warnings: string[]): Promise<R[]> {
  const whole = wholeLines(path);
  if (whole.cut) warnings.push(`The last line of ${path} is cut off: it is not used.`);
  if (whole.bytes === 0) throw new UserError(`${path} is empty: it is no result file.`);
  const lines = createReadStream(path, { end: whole.bytes - 1 }).pipe(parse({ bom: true, relax_column_count: true }));
  const rows: R[] = [];
  let older = {};
  let header: string[] | undefined;
  try {
    for await (const cells of lines as AsyncIterable<string[]>) {
      if (!header) {
        header = checkHeader(path, cells, known, warnings);
        older = defaultsOf(known, header);
      } else if (rows.length === most)
        throw new UserError(`${path} has more than ${most.toLocaleString("en")} rows: split it, by scenario say.`);
      else rows.push({ ...older, ...rowOf(path, header, cells, known, rows.length + 2) } as R);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { lines: line } = error as { lines?: number };
    const where = line === undefined ? errorMessage(error) : `line ${line} cannot be read`;
    throw new UserError(`${path} is no CSV of results, or a damaged one: ${where}. Name the CSV of a run.`, {
      cause: error,
    });
  }
  return rows;
}

/** What the columns that a file does not have yet were when it was written. */
function defaultsOf(known: Known, header: readonly string[]): object {
  const later = Object.entries(known).filter(
    ([name, { defaultBefore }]) => defaultBefore !== undefined && !header.includes(name),
  );
  return Object.fromEntries(later.map(([name, { defaultBefore }]) => [name, defaultBefore]));
}

/** How many bytes of a file are whole lines, and whether something follows them. */
function wholeLines(path: string): { bytes: number; cut: boolean } {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size } = fstatSync(file);
    const last = Buffer.alloc(Math.min(size, 2 ** 20));
    readSync(file, last, 0, last.length, size - last.length);
    const bytes = size - last.length + last.lastIndexOf(10) + 1;
    return { bytes, cut: bytes < size };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : errorMessage(error);
    throw new UserError(`Cannot read ${path}: ${why}. Name the CSV of a run.`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function checkHeader(path: string, names: readonly string[], known: Known, warnings: string[]): string[] {
  if (known === columns && isSideFile(path))
    throw new UserError(
      `${path} was made beside a run: give the CSV with its rows, ${path.replace(/\.\w+\.csv$/, ".csv")}.`,
    );
  if (2 * names.filter((name) => Object.hasOwn(known, name)).length < names.length)
    throw new UserError(`${path} is no result file: it begins with "${beginning(names)}". Name the CSV of a run.`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`${path} has two columns "${twice}": delete one.`);
  const strange = names.find((name) => !Object.hasOwn(known, name));
  if (strange !== undefined)
    throw new UserError(
      `${path} has a column "${strange}" that this version does not know.` +
        didYouMean(strange, Object.keys(known), "Read the file with the version that wrote it, or delete the column."),
    );
  const missing = Object.keys(known).filter(
    (name) => !names.includes(name) && known[name]!.defaultBefore === undefined,
  );
  const needed = columnsFor("match", "outcome").find((name) => known === columns && missing.includes(name));
  if (needed !== undefined)
    throw new UserError(
      `${path} has no column "${needed}", so its rows cannot be told apart or believed: measure again.`,
    );
  if (missing.length > 0)
    warnings.push(`${basename(path)} was written by another version: it has no ${list(missing)}, which stays empty.`);
  return [...names];
}

/** The first columns of a file that may be anything. */
function beginning(names: readonly string[]): string {
  const text = names.slice(0, 3).join(",").replaceAll(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function list(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more columns` : names.join(", ");
}

/** csv-stringify writes an apostrophe before a cell that a spreadsheet would take for a formula. */
const formula = /^'(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/;

function rowOf(path: string, header: readonly string[], cells: readonly string[], known: Known, line: number): object {
  if (cells.length !== header.length)
    throw new UserError(`Line ${line} of ${path} has ${cells.length} cells instead of ${header.length}: delete it.`);
  const row: Record<string, string | number> = {};
  for (const [i, name] of header.entries()) {
    const cell = cells[i]!;
    if (cell === "") continue;
    if (known[name]!.type === "text") row[name] = cell.replace(formula, "");
    else if (Number.isFinite(Number(cell))) row[name] = Number(cell);
    else throw new UserError(`Line ${line} of ${path}: ${name} "${cell}" is not a number. Correct or delete the line.`);
  }
  return row;
}

function readRecord(path: string, warnings: string[]): RunRecord | undefined {
  try {
    const read = runRecord.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (read.success) return read.data;
    warnings.push(
      `${path} is not the record of a run (${read.error.issues[0]!.path.join(".")} is missing or of another kind).`,
    );
  } catch (error) {
    const there = (error as NodeJS.ErrnoException).code !== "ENOENT";
    warnings.push(
      there
        ? `${path} cannot be read: ${errorMessage(error)}.`
        : `There is no ${path}: nobody knows where the run was.`,
    );
  }
  return undefined;
}
