import { z } from "zod";
import { UserError } from "../../scenarios/lib/errors.ts";
import type { Row } from "../model/columns.ts";
import type { ResultFileContent } from "../files/read.ts";
import type { ReadWarning } from "../files/read-warnings.ts";
import type { RunRecord } from "../files/run-record.ts";
import type { ComparedSide } from "./types.ts";

/** One side with its rows and what its run recorded of itself. */
export interface RecordedRows extends ComparedSide {
  rows: Row[];
  record: RunRecord | undefined;
  warnings: readonly ReadWarning[];
}

const libraries = z.record(z.string(), z.string().nullable());

/** What `bench --baseline` records: which of the two builds it measured is the baseline, and with which libraries that ran. */
const baselineRecord = z.object({
  baseline: z.object({ build: z.string(), environment: z.looseObject({ libraries }).optional() }),
});

/**
 * The baseline, then what is compared with it: of several files the first and the others, of one the builds in it. Throws a UserError
 * where one file holds one build, or one of several holds more.
 */
export function splitSides(read: readonly ResultFileContent[]): [RecordedRows, ...RecordedRows[]] {
  const [first, ...others] = read;
  if (!first) throw new UserError("Name the CSVs to compare: the one before, then the one after.");
  return others.length === 0 ? buildsOf(first) : [allRows(first), ...others.map(allRows)];
}

/** A file as one side. Throws a UserError where it holds several builds, which are no repeats of one another. */
export function allRows(results: ResultFileContent): RecordedRows {
  const [build, ...more] = builds(results.rows);
  if (more.length > 0)
    throw new UserError(
      `${results.path} holds the builds ${[build, ...more].join(" and ")}: compare them by giving it alone, or delete the rows of one.`,
    );
  return { ...results, build };
}

function buildsOf(results: ResultFileContent): [RecordedRows, ...RecordedRows[]] {
  const { path, rows, record } = results;
  const found = builds(rows);
  const { data: recorded } = baselineRecord.safeParse(record);
  const baseline = found.find((build) => build === recorded?.baseline.build) ?? found[0];
  const others = found.filter((build) => build !== baseline);
  if (others.length === 0)
    throw new UserError(
      `${path} holds one build only (${baseline ?? "not named"}): name a second file, or give it twice with --pair to set its transports against each other.`,
    );
  const side = (build: string | undefined): RecordedRows => ({
    ...results,
    build,
    rows: rows.filter((row) => row.build === build),
  });
  const theirs = recorded?.baseline.build === baseline ? recorded?.baseline.environment : undefined;
  const place = record && {
    ...record,
    environment: { ...record.environment, ...(theirs && { libraries: theirs.libraries }) },
  };
  return [{ ...side(baseline), record: place }, ...others.map(side)];
}

function builds(rows: readonly Row[]): (string | undefined)[] {
  return [...new Set(rows.map(({ build }) => build))];
}
