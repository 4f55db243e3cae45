import { columns, type ColumnName } from "../../model/columns.ts";
import type { ReportSource } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { foldedSection, htmlTable } from "../markup/html-table.ts";

/** Rows that a page shows; all are in the CSV. */
const most = 200;

/** Every column of the rows as the CSV has them, the histogram excepted. Columns that no row has are named below. */
export function rowsSection({ rows, name: file }: ReportSource): Html {
  const names = (Object.keys(columns) as ColumnName[]).filter((name) => name !== "latency_histogram");
  const used = names.filter((name) => rows.some((row) => row[name] !== undefined));
  const empty = names.filter((name) => !used.includes(name));
  // The transport heads its line: run_id is the same in all of them.
  const ordered: ColumnName[] = ["transport", ...used.filter((name) => name !== "transport")];
  const shown = ordered.map((name) => ({
    heading: name,
    value: (row: (typeof rows)[number]) => row[name],
    ...(columns[name].type === "text" && { text: true as const }),
  }));
  return foldedSection(
    rows.length > most ? `The first ${most} of ${rows.length.toLocaleString("en")} rows` : `All ${rows.length} rows`,
    htmlTable(`Rows as ${file} has them, without the histograms`, shown, rows.slice(0, most)),
    empty.length > 0 && html`<p>Empty in every row: ${empty.join(", ")}.</p>`,
  );
}
