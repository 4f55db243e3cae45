import { columns, type ColumnName } from "../../model/columns.ts";
import type { ReportSource } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { foldedSection, htmlTable } from "../markup/html-table.ts";

/** Rows that the page shows. The CSV has all of them. */
const maxRows = 200;

/** The rows with all columns of the CSV except the histogram. Columns that are empty in every row are only named. */
export function rowsSection({ rows, name: file }: ReportSource): Html {
  const names = (Object.keys(columns) as ColumnName[]).filter((name) => name !== "latency_histogram");
  const used = names.filter((name) => rows.some((row) => !isEmpty(row[name])));
  const empty = names.filter((name) => !used.includes(name));
  // The transport comes first as the heading of the row, since run_id is the same in all rows.
  const ordered: ColumnName[] = ["transport", ...used.filter((name) => name !== "transport")];
  const tableColumns = ordered.map((name) => ({
    heading: name,
    value: (row: (typeof rows)[number]) => row[name],
    ...(columns[name].type === "text" && { text: true as const }),
  }));
  return foldedSection(
    rows.length > maxRows
      ? `The first ${maxRows} of ${rows.length.toLocaleString("en")} rows`
      : `All ${rows.length} rows`,
    htmlTable(`Rows of ${file}, without the histograms`, tableColumns, rows.slice(0, maxRows)),
    empty.length > 0 && html`<p>Columns that are empty in every row: ${empty.join(", ")}.</p>`,
  );
}

/** True for a value that the CSV shows as an empty cell. The rows of older versions have an empty text as `rules`. */
function isEmpty(value: string | number | undefined): boolean {
  return value === undefined || value === "";
}
