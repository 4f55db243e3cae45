import type { Row } from "../model/columns.ts";
import { ruleAdvice, ruleIds } from "../rows/validity-rules.ts";
import { groupBy } from "./lists.ts";
import { wrapText } from "./text-table.ts";

/**
 * Notes below a table of rows, each in lines of at most 80 columns: one per failed row, and one per validity rule with
 * all the rows to which it applies and what to do. The sentences with their numbers are in the `reasons` column.
 */
export function rowNotes(rows: readonly Row[]): string[] {
  const failures = rows.filter(({ error }) => error !== undefined).map((row) => `${rowName(row)} failed: ${row.error}`);
  const applying = rows
    .filter(({ error }) => error === undefined)
    .flatMap((row) => ruleIds(row).map((id) => ({ id, row })));
  const perRule = groupBy(applying, ({ id }) => id).map(([id, group]) =>
    ruleNote(
      id,
      group.map(({ row }) => row),
      rows,
    ),
  );
  // Rows of versions without rule ids.
  const older = rows.filter((row) => row.reasons && ruleIds(row).length === 0);
  const sentences = older.map((row) => `${rowName(row)} ${row.status}: ${row.reasons}`);
  return [...failures, ...perRule, ...sentences].map(wrapText);
}

function ruleNote(id: string, affected: readonly Row[], all: readonly Row[]): string {
  const advice = ruleAdvice(id, affected);
  const label = advice?.verdict === "valid" ? "note" : (advice?.verdict ?? "rule");
  const names = groupBy(affected, ({ transport }) => transport!).map(([transport, rows]) => {
    const repeats = all.filter((row) => row.transport === transport).length;
    return repeats === 1 ? transport : `${transport} ${rows.length} of ${repeats}`;
  });
  return `${label} ${id}: ${names.join(", ")}${advice?.remedy === undefined ? "" : `; ${advice.remedy}`}.`;
}

/** Name of a row in a table: its transport, and its repeat from the second on. */
export function rowName({ transport, repeat }: Row): string {
  return repeat === 1 ? transport! : `${transport} #${repeat}`;
}
