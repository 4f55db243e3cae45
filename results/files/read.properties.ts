import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { stringify } from "csv-stringify/sync";
import * as fc from "fast-check";
import { UserError } from "../../scenarios/lib/errors.ts";
import { columns, type ColumnName, type Row } from "../model/columns.ts";
import { buildRow } from "../rows/row.ts";
import { testKeys, testMeasurement } from "../testing/measurement.ts";
import { readResults } from "./read.ts";

const names = Object.keys(columns) as ColumnName[];
const sound = buildRow(testKeys, testMeasurement());

/** Texts that spreadsheets would not run as formulas, which the writer marks. */
const text = fc
  .oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(" ", ",", ";", '"', "\n", "\r", "a", "é") }))
  .filter((cell) => !/^['=+\-@\t\r＝＋－＠]/.test(cell));
const number = fc.double({ noNaN: true, noDefaultInfinity: true });

const rows = fc.array(fc.tuple(text, number), { minLength: 1, maxLength: 3 }).map((cells) =>
  cells.map(([reasons, latency_mean_us], i): Row => {
    const started_at = `2025-01-02T03:04:0${i}.000Z`;
    return withoutEmpty({
      ...sound,
      started_at,
      reasons,
      latency_mean_us: Object.is(latency_mean_us, -0) ? 0 : latency_mean_us,
    });
  }),
);

function withoutEmpty(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== ""));
}

/** How a program may write a CSV without a change of its cells. */
const writing = fc.record({
  order: fc.shuffledSubarray(names, { minLength: names.length }),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  quoted: fc.boolean(),
  mark: fc.boolean(),
  trailingComma: fc.boolean(),
  emptyLines: fc.boolean(),
  headerAgain: fc.boolean(),
  lastLineEnds: fc.boolean(),
  encoding: fc.constantFrom("utf8", "utf16le", "utf16be"),
});

type Writing = typeof writing extends fc.Arbitrary<infer T> ? T : never;

function written(all: readonly Row[], how: Writing): Buffer {
  const header = how.order as string[];
  const lines = [header, ...all.flatMap((row) => [how.order.map((name) => String(row[name] ?? "")), header])];
  const kept = lines.filter((line, i) => how.headerAgain || i === 0 || line !== header);
  const csv = kept.map((cells) =>
    stringify([how.trailingComma ? [...cells, ""] : cells], {
      record_delimiter: how.lineEnd,
      quoted: how.quoted,
      quoted_match: /[\r\n]/,
    }),
  );
  const joined = csv.join(how.emptyLines ? how.lineEnd : "");
  return encoded(how.lastLineEnds ? joined : joined.slice(0, -how.lineEnd.length), how.encoding, how.mark);
}

function encoded(content: string, encoding: string, mark = true): Buffer {
  if (encoding === "utf8") return Buffer.from(mark ? `\uFEFF${content}` : content);
  const littleEndian = Buffer.from(`\uFEFF${content}`, "utf16le");
  return encoding === "utf16le" ? littleEndian : littleEndian.swap16();
}

/** The rows of a file with these bytes, or the sentence that refuses it. */
async function outcome(bytes: Buffer): Promise<Row[] | string> {
  const folder = mkdtempSync(join(tmpdir(), "results-"));
  const path = join(folder, "run.csv");
  try {
    writeFileSync(path, bytes);
    return (await readResults(path)).rows;
  } catch (error) {
    assert(error instanceof UserError, error as Error);
    const sentence = error.message.replaceAll(path, "run.csv");
    assert(sentence.length < 400 && !/[\n\r]/.test(sentence), sentence);
    return sentence;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A change of the text of a CSV that people and programs make, which may damage it. */
const damage = fc.oneof(
  fc.tuple(fc.nat(), fc.string({ unit: "binary", maxLength: 5 })).map(([at, inserted]) => (csv: string) => {
    const place = at % csv.length;
    return csv.slice(0, place) + inserted + csv.slice(place);
  }),
  fc.tuple(fc.nat(), fc.nat({ max: 200 })).map(([at, length]) => (csv: string) => {
    const place = at % csv.length;
    return csv.slice(0, place) + csv.slice(place + length);
  }),
  fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => (csv: string) => {
    const cells = csv.split(",");
    const [i, j] = [a % cells.length, b % cells.length];
    return cells.with(i, cells[j]!).with(j, cells[i]!).join(",");
  }),
  fc
    .tuple(
      fc.nat(),
      fc.constantFrom("1,234", '"1,234"', "1.2E+06", "02.01.2025", "#REF!", "x".repeat(40_000), "\0", "1e999"),
    )
    .map(([at, cell]) => (csv: string) => {
      const cells = csv.split(",");
      return cells.with(at % cells.length, cell).join(",");
    }),
  fc.constantFrom(";", "\t", "|").map((separator) => (csv: string) => csv.replaceAll(",", separator)),
  fc.constantFrom("\r", "\r\n", "\n\n").map((end) => (csv: string) => csv.replaceAll("\n", end)),
  fc.constant((csv: string) => csv + csv),
);

const packing = fc.constantFrom<((csv: string) => Buffer)[]>(
  (csv) => Buffer.from(csv),
  (csv) => Buffer.from(csv),
  (csv) => encoded(csv, "utf16be"),
  (csv) => Buffer.from(csv, "utf16le"),
  (csv) => Buffer.from(csv, "latin1"),
  (csv) => gzipSync(csv),
);

const plainWriting: Writing = {
  order: names,
  lineEnd: "\n",
  quoted: false,
  mark: false,
  trailingComma: false,
  emptyLines: false,
  headerAgain: false,
  lastLineEnds: true,
  encoding: "utf8",
};

export const properties: Record<string, fc.IRawProperty<unknown>> = {
  "a file is read with all its rows, however a program writes the same cells": fc.asyncProperty(
    rows,
    writing,
    async (all, how) => assert.deepEqual(await outcome(written(all, how)), all),
  ),
  "a file that is cut anywhere has the rows before the cut, and no part of another": fc.asyncProperty(
    rows,
    writing,
    fc.nat(),
    async (all, how, at) => {
      const bytes = written(all, { ...how, order: names });
      const read = await outcome(bytes.subarray(0, at % bytes.length));
      if (typeof read === "string") return;
      for (const [i, row] of read.entries()) {
        const { latency_histogram = row.latency_histogram, ...others } = all[i]!;
        assert.deepEqual({ latency_histogram, ...row }, { latency_histogram, ...others });
      }
    },
  ),
  "a damaged file has rows or one sentence that refuses it": fc.asyncProperty(
    rows,
    fc.array(damage, { minLength: 1, maxLength: 3 }),
    packing,
    async (all, changes, pack) => {
      const csv = changes.reduce((changed, change) => change(changed), written(all, plainWriting).toString());
      const read = await outcome(pack(csv));
      if (typeof read === "string") return;
      for (const value of read.flatMap((row) => Object.values(row)))
        assert(typeof value === "string" || Number.isFinite(value));
    },
  ),
  "any bytes have one sentence that refuses them": fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) =>
    assert.equal(typeof (await outcome(Buffer.from(bytes))), "string"),
  ),
};
