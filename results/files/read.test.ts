import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { assert, asyncProperty, pre, string } from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { columns, type ColumnName, type Row } from "../model/columns.ts";
import { createResultFile, formatCsvLine } from "./csv.ts";
import { testKeys, testMeasurement } from "../testing/measurement.ts";
import { readEnvironment } from "../model/environment.ts";
import { readResults, readTimeline } from "./read.ts";
import { buildRow } from "../rows/row.ts";
import { timelinePoints, timelineColumns, type TimelinePoint } from "../model/timeline.ts";

const sound = buildRow(testKeys, testMeasurement());
const names = Object.keys(columns) as ColumnName[];

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "read-"));
  path = join(folder, "run.csv");
});

afterEach(() => rmSync(folder, { recursive: true }));

const header = formatCsvLine("header");
const write = (...lines: string[]): void => writeFileSync(path, lines.join(""));
const record = () => ({
  run_id: testKeys.run_id,
  command: ["--scenario", "echo"],
  environment: readEnvironment(),
  options: {},
  trials: [],
});
const refusal = async (): Promise<string> => {
  const error: Error = await readResults(path).then(
    () => expect.unreachable("it was read"),
    (reason) => reason,
  );
  expect(error.name + error.constructor.name).toContain("UserError");
  expect(error.message).not.toContain("\n");
  return error.message.replaceAll(path, "run.csv");
};

/** Writes the row under a changed header. */
function withColumns(change: (names: string[]) => string[]): void {
  const changed = change([...names]);
  write(`${changed.join(",")}\n`, `${changed.map((name) => sound[name as ColumnName] ?? "").join(",")}\n`);
}

describe("A result file is read", () => {
  it("as it was written, with the record beside it", async () => {
    write(header, formatCsvLine(sound), formatCsvLine({ ...sound, repeat: 2 }));
    writeFileSync(join(folder, "run.json"), JSON.stringify(record()));
    const { rows, record: read, warnings } = await readResults(path);
    expect([rows, warnings]).toEqual([[sound, { ...sound, repeat: 2 }].map(withoutEmpty), []]);
    expect(read).toMatchObject({ run_id: testKeys.run_id, environment: { node: process.version } });
  });

  it("with any text in its cells", async () => {
    await assert(
      asyncProperty(string({ unit: "binary", minLength: 1 }), async (error) => {
        pre(!/^'[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(error)); // an apostrophe that looks like the writer's
        write(header, formatCsvLine({ ...sound, error }));
        expect((await readResults(path)).rows[0]!.error).toBe(error);
      }),
      { examples: [["=1+1"], ["-x"], ["'"], ['"'], ["a\nb"]] },
    );
  }, 30_000);

  it("without its last line where that is incomplete, wherever it ends", async () => {
    const last = formatCsvLine({ ...sound, repeat: 2, reasons: 'Quotes "and", commas.' });
    for (let length = 1; length < last.length - 1; length += 17) {
      // without its line end alone it is whole
      write(header, formatCsvLine(sound), last.slice(0, length));
      const { rows, warnings } = await readResults(path);
      expect(rows.map(({ repeat }) => repeat)).toEqual([1]);
      expect(warnings[0]).toEqual({ id: "cut-off", path });
    }
  });

  it("without measured columns that an older version lacks, which a warning names", async () => {
    withColumns((all) => all.filter((name) => name !== "listen_overflows"));
    const { rows, warnings } = await readResults(path);
    expect(rows[0]).toMatchObject({ transport: "ws", latency_p50_us: 1_000 });
    expect(warnings[0]).toEqual({ id: "older", path, detail: "listen_overflows" });
  });

  it("with every row of an older version that lacks the start of a trial, also where two are equal", async () => {
    const kept = names.filter((name) => name !== "started_at");
    const line = `${kept.map((name) => sound[name] ?? "").join(",")}\n`;
    write(`${kept.join(",")}\n`, line, line);
    expect((await readResults(path)).rows).toHaveLength(2);
  });

  it("with its columns in any order", async () => {
    withColumns((all) => all.toReversed());
    expect((await readResults(path)).rows[0]).toMatchObject({ transport: "ws", latency_p50_us: 1_000, clients: 10 });
  });

  it.each([
    ["is missing", "", "no-record", undefined],
    ["is no JSON", "{", "unreadable-record", expect.stringContaining("JSON")],
    ["is other JSON", "{}", "foreign-record", "run_id is missing or has the wrong type"],
  ])("with a warning where the record %s", async (_, text, id, detail) => {
    write(header, formatCsvLine(sound));
    if (text) writeFileSync(join(folder, "run.json"), text);
    const { record: read, warnings } = await readResults(path);
    expect(read).toBeUndefined();
    expect(warnings).toEqual([{ id, path: join(folder, "run.json"), detail }]);
  });
});

const otherRow = { ...sound, repeat: 2, started_at: "2025-01-02T03:05:06.000Z" };
const csv = header + formatCsvLine(sound) + formatCsvLine(otherRow);
const bothRows = [sound, otherRow].map(withoutEmpty);
const otherRecord = { id: "no-record", path: expect.any(String) };

/** Every cell in quotes. */
const quoted = (text: string): string =>
  stringify(parse(text, { columns: false }), { quoted: true, quoted_empty: true });

/** The lines of a text, each changed. */
const eachLine = (text: string, change: (line: string) => string): string =>
  text.replaceAll(/[^\n]+/g, (line) => change(line));

describe("A result file that another program has saved is read where its numbers are exact:", () => {
  it.each<[string, string | Buffer]>([
    ["without a line end after the last row", csv.trimEnd()],
    ["with a byte order mark", `\uFEFF${csv}`],
    ["with CR LF", csv.replaceAll("\n", "\r\n")],
    ["with CR LF and no line end after the last row", csv.replaceAll("\n", "\r\n").trimEnd()],
    ["with lone CR", csv.replaceAll("\n", "\r")],
    ["with LF, then CR LF", header + formatCsvLine(sound) + formatCsvLine(otherRow).replace("\n", "\r\n")],
    ["in UTF-16, little endian", Buffer.from(`\uFEFF${csv}`, "utf16le")],
    ["in UTF-16, big endian", Buffer.from(`\uFEFF${csv}`, "utf16le").swap16()],
    ["with quotes around every cell", quoted(csv)],
    ["with quotes around every cell and a byte order mark", `\uFEFF${quoted(csv)}`],
    ["with a comma at the end of each line", eachLine(csv, (line) => `${line},`)],
    ["with more commas at the end of a row", csv.replace(/\n$/, ",,,\n")],
    ["with spaces after the names", csv.replaceAll(/(?<=^[^\n]*),/g, ", ")],
    ["with empty lines", `${csv.replaceAll("\n", "\n\n")}\n\n`],
    ["with empty rows at the end", `${csv}${",".repeat(names.length - 1)}\n${",".repeat(names.length - 1)}\n`],
    ["with the header again in the middle", header + formatCsvLine(sound) + header + formatCsvLine(otherRow)],
    [
      "joined with a file that has a byte order mark",
      `${header}${formatCsvLine(sound)}\uFEFF${header}${formatCsvLine(otherRow)}`,
    ],
  ])("%s", async (_, text) => {
    writeFileSync(path, text);
    const { rows, warnings } = await readResults(path);
    expect(rows).toEqual(bothRows);
    expect(warnings).toEqual([otherRecord]);
  });

  it("with a row twice, which is used once and named", async () => {
    write(csv, formatCsvLine(sound));
    const { rows, warnings } = await readResults(path);
    expect(rows).toEqual(bothRows);
    expect(warnings[0]).toEqual({ id: "repeated", path, detail: "one row" });
  });

  it("with a last row that may be cut off, and a warning, where its last cell does not show it", async () => {
    write(
      csv
        .trimEnd()
        .split("\n")
        .map((line) => `${line.split(",").at(-1)},${line.split(",").slice(0, -1).join(",")}`)
        .join("\n"),
    );
    const { rows, warnings } = await readResults(path);
    expect(rows).toEqual(bothRows);
    expect(warnings[0]).toEqual({ id: "unended", path });
  });

  it("without the record where that is of another run", async () => {
    write(csv);
    writeFileSync(join(folder, "run.json"), `\uFEFF${JSON.stringify({ ...record(), run_id: "other" })}`);
    const { record: read, warnings } = await readResults(path);
    expect(read).toBeUndefined();
    expect(warnings).toEqual([{ id: "other-record", path: join(folder, "run.json") }]);
  });

  it("up to the row that is being written", async () => {
    write(csv, formatCsvLine({ ...otherRow, reasons: 'A "quote", and\na second line.' }).slice(0, -200));
    const { rows, warnings } = await readResults(path);
    expect(rows).toEqual(bothRows);
    expect(warnings[0]).toEqual({ id: "cut-off", path });
  });
});

const withCell = (name: ColumnName, cell: string): string =>
  csv.replace(
    formatCsvLine(otherRow),
    stringify([names.map((each) => (each === name ? cell : (otherRow[each] ?? "")))]),
  );

describe("A result file that another program has changed is refused in one sentence:", () => {
  it.each<[string, string | Buffer, RegExp]>([
    [
      "with semicolons and decimal commas",
      csv.replaceAll(",", ";").replaceAll(/(?<=\d)\.(?=\d)/g, ","),
      /^run\.csv was saved by a spreadsheet, with semicolons instead of commas, .* Use the file that npm run bench wrote\.$/,
    ],
    ["with tabs", csv.replaceAll(",", "\t"), /with tabs instead of commas/],
    ["with semicolons and quotes", quoted(csv).replaceAll(",", ";"), /with semicolons instead of commas/],
    [
      "with semicolons, in UTF-16",
      Buffer.from(`\uFEFF${csv.replaceAll(",", ";")}`, "utf16le"),
      /with semicolons instead/,
    ],
    ["with a line that names the separator", `sep=,\n${csv}`, /with a line that names the separator/],
    ...["1,234", "1.2E+06", "1 234", "1.234,5", "12.5%", "1'234"].map((cell): [string, string, RegExp] => [
      `with the number ${cell}`,
      withCell("sent", cell),
      new RegExp(
        `^Line 3 of run\\.csv: sent "${cell.replaceAll(/[.+]/g, "\\$&")}" is a number that a spreadsheet has changed\\.`,
      ),
    ]),
    [
      "with a hexadecimal number",
      withCell("sent", "0x10"),
      /: sent "0x10" is not a number\. Correct or delete the line\.$/,
    ],
    ["with a number that is too large", withCell("sent", "1e999"), /: sent "1e999" is not a number/],
    [
      "with a date",
      withCell("started_at", "2/1/2025 3:05"),
      /: started_at "2\/1\/2025 3:05" is a time that a spreadsheet/,
    ],
    [
      "with a status of its own",
      withCell("status", "good"),
      /: status "good" is neither valid, suspect, invalid nor failed/,
    ],
    ["without a transport", withCell("transport", ""), /: transport "" is empty/],
    [
      "with a cell that a spreadsheet cut",
      withCell("latency_histogram", "HISTFAAA".repeat(5_000).slice(0, 32_767)),
      /^Line 3 of run\.csv: latency_histogram "HIST.*\.\.\." ends after 32,767 characters, where a spreadsheet has cut it\. Use the file that npm run bench wrote, or empty this cell/,
    ],
    [
      "with a damaged histogram",
      withCell("latency_histogram", sound.latency_histogram!.replace(/.{9}/, "$&AAAA")),
      /latency_histogram ".*" is damaged\. Use the file/,
    ],
    [
      "with a column that has no name",
      eachLine(csv, (line) => line.replace(",", ",,")),
      /has a column without a name, column 2\. Delete the column\.$/,
    ],
    [
      "with a note beside a row",
      csv.replace(/\n$/, ",note\n"),
      /^Line 3 of run\.csv has \d+ cells instead of \d+\. Delete the line\.$/,
    ],
    [
      "joined with a file of other columns",
      `${csv}${header.replace("run_id,", "")}`,
      /^Line 4 of run\.csv begins a second table, with other columns\. Make a file of each table\.$/,
    ],
    [
      "compressed with gzip",
      gzipSync(csv),
      /^Cannot read run\.csv: it is compressed with gzip\. Unpack it with gunzip\.$/,
    ],
    ["that is a workbook", Buffer.from("PK\x03\x04\x14\0"), /it is a ZIP archive or a spreadsheet/],
    ["that is binary", Buffer.from([1, 2, 0, 3]), /^Cannot read run\.csv: it is no text\. Name a text file\.$/],
    [
      "in Latin-1",
      Buffer.from(withCell("reasons", "é"), "latin1"),
      /^Cannot read run\.csv: it is not in UTF-8\. Save it in UTF-8\.$/,
    ],
    [
      "with one line that does not end",
      "x".repeat(17 * 2 ** 20),
      /^run\.csv is not a result file: line 1 is longer than 16 MiB\./,
    ],
  ])("%s", async (_, text, sentence) => {
    writeFileSync(path, text);
    const message = await refusal();
    expect(message).toMatch(sentence);
    expect(message.length).toBeLessThan(300);
  });
});

describe("A result file that is older than a column", () => {
  it("has the value that the column had before it existed: one server process", async () => {
    const { server_processes: _later, ...old } = columns;
    write(formatCsvLine("header", old as typeof columns), formatCsvLine(sound, old as typeof columns));
    const { rows, warnings } = await readResults(path);
    expect(rows[0]).toMatchObject({ clients: sound.clients, server_processes: 1 });
    expect(warnings.filter(({ id }) => id === "older")).toEqual([]);
  });

  it("differs from one with an empty column, which stays empty", async () => {
    const { server_processes: _unknown, ...targeted } = sound;
    write(header, formatCsvLine(targeted));
    expect((await readResults(path)).rows[0]).not.toHaveProperty("server_processes");
  });
});

describe("A result file is refused in one sentence", () => {
  it("that does not exist, or is a folder", async () => {
    expect(await refusal()).toBe("Cannot read run.csv: there is no such file. Name the CSV of a run.");
    path = folder;
    expect(await refusal()).toMatch(/: it is a folder\. Name the CSV of a run\.$/);
  });

  it.each([
    ["empty", [], /^run\.csv is empty\. Name the CSV of a run\.$/],
    ["without rows", [header], /^run\.csv has no rows: .* Run it again\.$/],
    ["with half a header", [header.slice(0, 40)], /^run\.csv has no rows: .* Run it again\.$/],
    [
      "of prose",
      ["Dear reader\n", "this is a letter.\n"],
      /^run\.csv is not a result file: it begins with "Dear reader"\. Name the CSV of a run\.$/,
    ],
    [
      "with too few cells in the middle",
      [header, "a,b,c\n", formatCsvLine(sound)],
      /^Line 2 of run\.csv has 3 cells instead of/,
    ],
    [
      "that is a trace",
      ["time,room,sender,text\n", "1,a,b,c\n"],
      /^run\.csv is not a result file: it begins with "time,room,sender"\. Name the CSV of a run\.$/,
    ],
    [
      "of prose with a quote in it",
      ["Dear reader\n", 'this "is" a letter\n'],
      /^run\.csv is not a result file, or it is damaged: line 2 cannot be parsed\. Name the CSV of a run\.$/,
    ],
    ["with a quote that never ends", [header, '"abc\n'], /^run\.csv is not a result file, or it is damaged: line \d /],
    [
      "with a word for a number",
      [header, formatCsvLine({ ...sound, clients: "many" as never })],
      /^Line 2 of .*clients "many" is not a number/,
    ],
  ])("%s", async (_, lines, sentence) => {
    write(...lines);
    expect(await refusal()).toMatch(sentence);
  });

  it("with an unknown column, and the sentence names the nearest known one", async () => {
    withColumns((all) => [...all, "latency_p50_uss"]);
    expect(await refusal()).toMatch(
      /"latency_p50_uss" that this version does not know\. Did you mean "latency_p50_us"\?/,
    );
    withColumns((all) => [...all, "carrier pigeons"]);
    expect(await refusal()).toBe(
      'run.csv has a column "carrier pigeons" that this version does not know. Read the file with the version that wrote it, or delete the column.',
    );
  });

  it.each([
    ["twice", "clients", "clients"],
    ["under its former and its present name", "limited_by", "bottleneck"],
  ])("with a column %s", async (_, added, name) => {
    withColumns((all) => [...all, added]);
    expect(await refusal()).toBe(`run.csv has two columns "${name}". Delete one.`);
  });

  it.each(["clients", "transport", "status"] as const)("without %s", async (name) => {
    withColumns((all) => all.filter((each) => each !== name));
    expect(await refusal()).toMatch(
      new RegExp(`has no column "${name}", so its rows can be neither paired nor trusted`),
    );
  });

  it.each(["summary", "timeline", "search", "until"])("that is the %s file of a run", async (ending) => {
    path = join(folder, `run.${ending}.csv`);
    write(header, formatCsvLine(sound));
    expect(await refusal()).toMatch(
      /is a side file of a run and has no trial rows\. Name the CSV of the run, .*\/run\.csv\.$/,
    );
  });

  it("with more than 20,000 rows", async () => {
    const line = formatCsvLine({ transport: "ws", status: "valid" });
    write(header, line.repeat(20_001));
    expect(await refusal()).toBe("run.csv has more than 20,000 rows. Split it, for example by scenario.");
  }, 60_000);
});

describe("A timeline", () => {
  const seconds = [
    {
      fromS: 0,
      messages: 10,
      fanout: { p50Us: 1_234.4, maxUs: 5_678 },
      serverCpuPercent: 12.34,
      serverRssBytes: 2 ** 26,
      serverLoopDelayMaxUs: 1_500,
      clientLoopDelayMaxUs: 2_500,
      dropped: 3,
    },
    {
      fromS: 1,
      messages: 0,
      fanout: undefined,
      serverCpuPercent: 0,
      serverRssBytes: 0,
      serverLoopDelayMaxUs: 0,
      clientLoopDelayMaxUs: 0,
      dropped: 0,
    },
  ];

  it("is read back as the points of its trial", async () => {
    const file = createResultFile<TimelinePoint>(join(folder, "run.timeline.csv"), false, timelineColumns);
    file.append(...timelinePoints(testKeys, seconds));
    file.close();
    const [first, second] = await readTimeline(path);
    expect(first).toEqual({
      run_id: testKeys.run_id,
      started_at: testKeys.started_at,
      transport: "ws",
      second: 0,
      messages: 10,
      fanout_p50_us: 1_234,
      fanout_max_us: 5_678,
      server_cpu_percent: 12.3,
      server_rss_mib: 64,
      server_loop_delay_max_ms: 1.5,
      client_loop_delay_max_ms: 2.5,
      dropped: 3,
    });
    expect(second).not.toHaveProperty("fanout_p50_us");
  });

  it("may have many more points than a result file may have rows", async () => {
    writeFileSync(join(folder, "run.timeline.csv"), `second\n${"1\n".repeat(20_001)}`);
    expect(await readTimeline(path)).toHaveLength(20_001);
  });

  it("has no points where there is no such file", async () => {
    expect(await readTimeline(path)).toEqual([]);
  });
});

function withoutEmpty(full: Row): Row {
  return Object.fromEntries(Object.entries(full).filter(([, value]) => value !== undefined && value !== ""));
}
