import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { columns, type Row } from "../model/columns.ts";
import { createResultFile, formatCsvLine, withoutSideFiles } from "./csv.ts";
import { testKeys } from "../testing/measurement.ts";
import { failedRow } from "../rows/row.ts";

const names = Object.keys(columns);
const read = (text: string): Record<string, string>[] => parse(text, { columns: true });
const readBack = (row: Row): Record<string, string> => read(formatCsvLine("header") + formatCsvLine(row))[0]!;

describe("a line of a CSV", () => {
  it("of the header has the names of the columns in order", () => {
    expect(formatCsvLine("header")).toBe(`${names.join(",")}\n`);
  });

  it("has a cell for each column, empty for undefined and 0 for 0", () => {
    const { transport, lost, latency_p50_us, ...others } = readBack({ transport: "ws", lost: 0 });
    expect({ transport, lost, latency_p50_us }).toEqual({ transport: "ws", lost: "0", latency_p50_us: "" });
    expect(new Set(Object.values(others))).toEqual(new Set([""]));
    expect(Object.keys(readBack({}))).toEqual(names);
  });

  it("is read back as it was written, with any text and number", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(" ", ",", ";", '"', "\n", "\r", "a") }),
    );
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const plain = text.filter((cell) => !/^[=+\-@\t\r＝＋－＠]/.test(cell));
    fc.assert(
      fc.property(plain, plain, number, (error, reasons, latency) => {
        const row: Row = { transport: "ws", reasons, error, latency_mean_us: latency, client: "last" };
        const back = readBack(row);
        expect(back).toMatchObject({ transport: "ws", reasons, error, client: "last" });
        expect(Number(back["latency_mean_us"]) === latency).toBe(true);
      }),
    );
  }, 30_000);

  it("has commas, quotes and line ends inside a cell", () => {
    const error = 'received "no, never",\nthen\r\nclosed; twice';
    expect(readBack(failedRow(testKeys, error))).toMatchObject({ status: "failed", error, client: testKeys.client });
  });

  it("has no text that a spreadsheet would run as a formula; negative numbers stay numbers", () => {
    for (const error of ["=1+1", "+1", "-1", "@sum"]) expect(readBack({ error })["error"]).toBe(`'${error}`);
    expect(readBack({ overhead_bytes_per_send: -3.5 })["overhead_bytes_per_send"]).toBe("-3.5");
  });
});

it("side files are passed over beside result files, in any case of letters, and kept where there is nothing else", () => {
  expect(withoutSideFiles(["a.csv", "a.timeline.csv", "A.SUMMARY.CSV", "a.search.csv", "b.csv"])).toEqual([
    "a.csv",
    "b.csv",
  ]);
  expect(withoutSideFiles(["a.timeline.csv"])).toEqual(["a.timeline.csv"]);
});

describe("a result file", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "results-"));
    path = join(folder, "out.csv");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const onDisk = (): Record<string, string>[] => read(readFileSync(path, "utf8"));

  it("has each row as soon as it is appended", () => {
    const file = createResultFile(path, false);
    expect(readFileSync(path, "utf8")).toBe(formatCsvLine("header"));
    for (const repeat of [1, 2, 3]) {
      file.append({ ...testKeys, repeat });
      expect(file.rows()).toBe(repeat);
      expect(onDisk().map((row) => row["repeat"])).toEqual(["1", "2", "3"].slice(0, repeat));
    }
    file.close();
    expect(onDisk().length).toBe(3);
  });

  it("is not created where a file exists, and that file stays unchanged", () => {
    writeFileSync(path, "precious");
    expect(() => createResultFile(path, false)).toThrow(expect.objectContaining({ code: "EEXIST" }));
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  it("replaces an existing file with overwrite", () => {
    writeFileSync(path, "old ".repeat(10_000));
    const file = createResultFile(path, true);
    file.append(testKeys);
    file.close();
    expect(readFileSync(path, "utf8")).toBe(formatCsvLine("header") + formatCsvLine(testKeys));
  });

  it("without rows is removed when it is closed", () => {
    createResultFile(path, false).close();
    expect(existsSync(path)).toBe(false);
  });

  // A symbolic link, so that a defect would remove the link and not the device.
  it.skipIf(!existsSync("/dev/null"))("on a device is never removed", () => {
    symlinkSync("/dev/null", path);
    createResultFile(path, true).close();
    expect(existsSync(path)).toBe(true);
  });

  it.skipIf(!existsSync("/dev/full"))("on a full device cannot be created", () => {
    symlinkSync("/dev/full", path);
    expect(() => createResultFile(path, true)).toThrow(expect.objectContaining({ code: "ENOSPC" }));
    expect(existsSync(path)).toBe(true);
  });

  /**
   * Writes a short and a long row in a process whose files are limited to a number of blocks. Returns the error code.
   */
  function writeWithLittleRoom(blocks: number): string {
    const script = `import { createResultFile } from ${JSON.stringify(new URL("./csv.js", import.meta.url).href)};
      try {
        const file = createResultFile(${JSON.stringify(path)}, false);
        file.append({ repeat: 1 });
        file.append({ repeat: 2, latency_histogram: "x".repeat(100_000) });
      } catch (error) {
        console.log(error.code);
      }`;
    const command = `ulimit -f ${blocks} && exec "$0" --input-type=module -e "$1"`;
    return spawnSync("sh", ["-c", command, process.execPath, script], { encoding: "utf8" }).stdout.trim();
  }

  it.skipIf(process.platform === "win32")(
    "keeps the rows before one that does not fit, and no part of that one",
    () => {
      expect(writeWithLittleRoom(16)).toBe("EFBIG");
      expect(readFileSync(path, "utf8")).toBe(formatCsvLine("header") + formatCsvLine({ repeat: 1 }));
    },
  );

  it.skipIf(process.platform === "win32")("is removed where not even its header fits", () => {
    expect(writeWithLittleRoom(0)).toBe("EFBIG");
    expect(existsSync(path)).toBe(false);
  });
});
