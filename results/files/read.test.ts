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

/** A file of this row in which the columns are others. */
function withColumns(change: (names: string[]) => string[]): void {
  const kept = change([...names]);
  write(`${kept.join(",")}\n`, `${kept.map((name) => sound[name as ColumnName] ?? "").join(",")}\n`);
}

describe("A result file is read", () => {
  it("as it was written, with the record beside it", async () => {
    write(header, formatCsvLine(sound), formatCsvLine({ ...sound, repeat: 2 }));
    writeFileSync(join(folder, "run.json"), JSON.stringify(record()));
    const { rows, record: read, warnings } = await readResults(path);
    expect([rows, warnings]).toEqual([[sound, { ...sound, repeat: 2 }].map(withoutEmpty), []]);
    expect(read).toMatchObject({ run_id: "a", environment: { node: process.version } });
  });

  it("whatever is in its texts", async () => {
    await assert(
      asyncProperty(string({ unit: "binary", minLength: 1 }), async (error) => {
        pre(!/^'[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(error)); // an apostrophe that looks like the writer's
        write(header, formatCsvLine({ ...sound, error }));
        expect((await readResults(path)).rows[0]!.error).toBe(error);
      }),
      { examples: [["=1+1"], ["-x"], ["'"], ['"'], ["a\nb"]] },
    );
  });

  it("without its last line where that is cut off, wherever that is", async () => {
    const last = formatCsvLine({ ...sound, repeat: 2, reasons: 'Quotes "and", commas.' });
    for (let length = 1; length < last.length; length += 17) {
      write(header, formatCsvLine(sound), last.slice(0, length));
      const { rows, warnings } = await readResults(path);
      expect(rows.map(({ repeat }) => repeat)).toEqual([1]);
      expect(warnings[0]).toBe(`The last line of ${path} is cut off: it is not used.`);
    }
  });

  it("without the measured numbers that an older version did not have, which it names", async () => {
    withColumns((all) => all.filter((name) => name !== "listen_overflows"));
    const { rows, warnings } = await readResults(path);
    expect(rows[0]).toMatchObject({ transport: "ws", latency_p50_us: 1_000 });
    expect(warnings[0]).toMatch(/it has no listen_overflows, which stays empty/);
  });

  it("in any order of its columns", async () => {
    withColumns((all) => all.toReversed());
    expect((await readResults(path)).rows[0]).toMatchObject({ transport: "ws", latency_p50_us: 1_000, clients: 10 });
  });

  it.each([
    ["that is not there", "", /There is no .*run\.json/],
    ["that is no JSON", "{", /run\.json cannot be read: /],
    ["that is something else", "{}", /run\.json is not the record of a run \(run_id is missing/],
  ])("without the record %s", async (_, text, sentence) => {
    write(header, formatCsvLine(sound));
    if (text) writeFileSync(join(folder, "run.json"), text);
    const { record: read, warnings } = await readResults(path);
    expect(read).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(sentence)]);
  });
});

describe("A result file that is older than a column", () => {
  it("says of the servers that there was one, which nobody could change then", async () => {
    const { server_processes: _later, ...old } = columns;
    write(formatCsvLine("header", old as typeof columns), formatCsvLine(sound, old as typeof columns));
    const { rows, warnings } = await readResults(path);
    expect(rows[0]).toMatchObject({ clients: sound.clients, server_processes: 1 });
    expect(warnings.filter((warning) => warning.includes("another version"))).toEqual([]);
  });

  it("is not taken for one where the column is there and empty", async () => {
    const { server_processes: _unknown, ...targeted } = sound;
    write(header, formatCsvLine(targeted));
    expect((await readResults(path)).rows[0]).not.toHaveProperty("server_processes");
  });
});

describe("A result file is refused in one sentence", () => {
  it("that is not there, or a folder", async () => {
    expect(await refusal()).toBe("Cannot read run.csv: there is no such file. Name the CSV of a run.");
    path = folder;
    expect(await refusal()).toMatch(/: it is a folder\. Name the CSV of a run\.$/);
  });

  it.each([
    ["empty", [], /^run\.csv is empty: it is no result file\.$/],
    ["without rows", [header], /^run\.csv has no rows: .* Run it again\.$/],
    ["with half a header", [header.slice(0, 40)], /^run\.csv is empty|has no column/],
    [
      "of prose",
      ["Dear reader\n", "this is a letter.\n"],
      /^run\.csv is no result file: it begins with "Dear reader"\. Name the CSV of a run\.$/,
    ],
    [
      "with too few cells in the middle",
      [header, "a,b,c\n", formatCsvLine(sound)],
      /^Line 2 of run\.csv has 3 cells instead of/,
    ],
    [
      "that is a trace",
      ["time,room,sender,text\n", "1,a,b,c\n"],
      /^run\.csv is no result file: it begins with "time,room,sender"\. Name the CSV of a run\.$/,
    ],
    [
      "of prose with a quote in it",
      ["Dear reader\n", 'this "is" a letter\n'],
      /^run\.csv is no CSV of results, or a damaged one: line 2 cannot be read\. Name the CSV of a run\.$/,
    ],
    ["with a quote that never ends", [header, '"abc\n'], /^run\.csv is no CSV of results, or a damaged one: line \d /],
    [
      "with a word for a number",
      [header, formatCsvLine({ ...sound, clients: "many" as never })],
      /^Line 2 of .*clients "many" is not a number/,
    ],
  ])("%s", async (_, lines, sentence) => {
    write(...lines);
    expect(await refusal()).toMatch(sentence);
  });

  it("with a column that is not known, with the nearest that is", async () => {
    withColumns((all) => [...all, "latency_p50_uss"]);
    expect(await refusal()).toMatch(
      /"latency_p50_uss" that this version does not know\. Did you mean "latency_p50_us"\?/,
    );
    withColumns((all) => [...all, "carrier pigeons"]);
    expect(await refusal()).toBe(
      'run.csv has a column "carrier pigeons" that this version does not know. Read the file with the version that wrote it, or delete the column.',
    );
  });

  it("with a column twice", async () => {
    withColumns((all) => [...all, "clients"]);
    expect(await refusal()).toBe('run.csv has two columns "clients": delete one.');
  });

  it.each(["clients", "transport", "status"] as const)("without %s", async (name) => {
    withColumns((all) => all.filter((each) => each !== name));
    expect(await refusal()).toMatch(
      new RegExp(`has no column "${name}", so its rows cannot be told apart or believed`),
    );
  });

  it.each(["summary", "timeline", "until"])("that is the %s of a run", async (ending) => {
    path = join(folder, `run.${ending}.csv`);
    write(header, formatCsvLine(sound));
    expect(await refusal()).toMatch(/was made beside a run: give the CSV with its rows, .*\/run\.csv\.$/);
  });

  it("with more rows than a person measures", async () => {
    const line = formatCsvLine({ transport: "ws" });
    write(header, line.repeat(100_001));
    expect(await refusal()).toBe("run.csv has more than 100,000 rows: split it, by scenario say.");
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

  it("is empty where there is no such file", async () => {
    expect(await readTimeline(path)).toEqual([]);
  });
});

function withoutEmpty(full: Row): Row {
  return Object.fromEntries(Object.entries(full).filter(([, value]) => value !== undefined && value !== ""));
}
