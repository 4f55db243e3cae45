import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  run_id: "a",
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
    expect(read).toMatchObject({ run_id: "a", environment: { node: process.version } });
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
    for (let length = 1; length < last.length; length += 17) {
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
    ["with half a header", [header.slice(0, 40)], /^run\.csv is empty\./],
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

  it("with more than 100,000 rows", async () => {
    const line = formatCsvLine({ transport: "ws" });
    write(header, line.repeat(100_001));
    expect(await refusal()).toBe("run.csv has more than 100,000 rows. Split it, for example by scenario.");
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
    },
    {
      fromS: 1,
      messages: 0,
      fanout: undefined,
      serverCpuPercent: 0,
      serverRssBytes: 0,
      serverLoopDelayMaxUs: 0,
      clientLoopDelayMaxUs: 0,
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
    });
    expect(second).not.toHaveProperty("fanout_p50_us");
  });

  it("has no points where there is no such file", async () => {
    expect(await readTimeline(path)).toEqual([]);
  });
});

function withoutEmpty(full: Row): Row {
  return Object.fromEntries(Object.entries(full).filter(([, value]) => value !== undefined && value !== ""));
}
