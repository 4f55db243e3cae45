import { columns } from "../../model/columns.ts";
import { formatNumber } from "../../text/text-table.ts";
import type { Summary } from "../../rows/summary.ts";
import { barChart, type Bar } from "../markup/bars.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { relativeTo, rankOf, type RankedMeasure, type Rank } from "../text/ranking.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** A column that is drawn as bars, one bar for each transport. */
export interface Quantity {
  column: RankedMeasure["column"];
  title: string;
  unit: string;
  digits: number;
  /** True if values are also shown relative to the `base` of the figure. */
  relative?: true;
}

/** Content of a figure of quantities. */
export interface QuantityFigure {
  name: string;
  caption: Html;
  quantities: readonly Quantity[];
  /** Further columns of the table. */
  tableColumns: readonly RankedMeasure["column"][];
  /** Summary of the transport that relative values refer to. */
  base?: Summary | undefined;
}

/**
 * Bars of several quantities side by side, with a table of the numbers; undefined where no transport has any of them.
 */
export function quantityFigure({ title, entries }: LoadGroup, content: QuantityFigure): Html | undefined {
  const { name, caption, quantities, tableColumns, base } = content;
  const known = quantities.filter(({ column }) => entries.some(({ summary }) => summary[column] !== undefined));
  if (known.length === 0) return undefined;
  const counting = entries.filter(({ counted }) => counted.length > 0);
  const charts = known.map(
    (quantity) => html`<div>${barChart(quantity.title, barsOf(quantity, counting, base))}</div>`,
  );
  return figure({
    drawn: html`<div class="columns">${charts}</div>`,
    caption,
    data: htmlTable(
      `${name}, ${title}`,
      [...quantityColumns(known, base), ...summaryColumns(tableColumns, counting)],
      counting,
    ),
  });
}

function barsOf(
  { column, unit, digits, relative }: Quantity,
  entries: readonly TransportEntry[],
  base: Summary | undefined,
): Bar[] {
  return entries.flatMap((entry): Bar[] => {
    const rank = rankOf(entry, column);
    if (!rank) return [];
    const { value, interval } = rank;
    const ratio = relative && base && base !== entry.summary ? relativeTo(value, Number(base[column])) : "";
    const text = `${formatNumber(value, digits)} ${unit}${ratio && ` (${ratio.replace(" times", "x")})`}`;
    return [{ label: entry.label, slot: entry.slot, parts: [value], text, interval }];
  });
}

function quantityColumns(all: readonly Quantity[], base: Summary | undefined): HtmlColumn<TransportEntry>[] {
  return [
    { heading: "transport", value: ({ label }) => label },
    ...all.flatMap(({ column, relative }): HtmlColumn<TransportEntry>[] => [
      { heading: column, value: ({ summary }) => asInCsv(summary[column]) },
      { heading: "interval", value: (entry) => intervalText(rankOf(entry, column)) },
      ...(relative && base
        ? [
            {
              heading: "relative to tcp",
              value: ({ summary }: TransportEntry) => formatNumber(Number(summary[column]) / Number(base[column]), 2),
            },
          ]
        : []),
    ]),
  ];
}

function summaryColumns(
  names: readonly RankedMeasure["column"][],
  entries: readonly TransportEntry[],
): HtmlColumn<TransportEntry>[] {
  return names
    .filter((name) => entries.some(({ summary }) => summary[name] !== undefined))
    .map((name) => ({
      heading: name,
      value: ({ summary }) => asInCsv(summary[name]),
      ...(columns[name].type === "text" && { text: true }),
    }));
}

function intervalText(rank: Rank | undefined): string | undefined {
  return rank?.interval && `${asInCsv(rank.interval.low)} to ${asInCsv(rank.interval.high)}`;
}

/** The value as the CSV has it, with separators between thousands. */
function asInCsv(value: string | number | undefined): string | undefined {
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 3 }) : value;
}
