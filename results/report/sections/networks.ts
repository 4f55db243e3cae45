import { joinWords } from "../../text/lists.ts";
import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import { html, type Html } from "../markup/html.ts";
import { definitionList, figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";
import { markerLegend } from "../markup/markers.ts";
import { linkFillPercent, socketBytesPerDelivery } from "../text/link-bytes.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { networkAnswers } from "../text/network-answers.ts";
import { wordsText } from "../text/network-conditions.ts";
import { connectMeasure } from "../text/network-costs.ts";
import { latencyMeasure, pointText } from "../text/network-order.ts";
import {
  entriesOf,
  networkTitles,
  seriesEntries,
  type NetworkAxis,
  type NetworkedLoad,
  type NetworkPoint,
  type NetworkSeries,
} from "../text/network-series.ts";
import { leadersIn, rankedMeasures, ranking, type RankedMeasure } from "../text/ranking.ts";
import { seriesChart } from "./series-chart.ts";

/** One load over several networks: the answers, all networks beside one another, and a figure for each condition. */
export function networksSection(load: NetworkedLoad): Html {
  const [lead, ...others] = load.series.flatMap(networkAnswers);
  const findings = others.map(({ topic, text }) => ({ term: topic, text }));
  return html`${lead && html`<p class="lead">${lead.text}</p>`}${definitionList(findings)}
  ${networkTable(load)}${load.series.flatMap((series) => seriesFigures(load, series))}`;
}

/** Latency of each transport in each network: the median with the 99th percentile below it. */
function networkTable({ title, groups }: NetworkedLoad): Html {
  const titles = networkTitles(groups);
  const labels = entriesOf(groups).map(({ label }) => label);
  const columns: HtmlColumn<LoadGroup>[] = [
    { heading: "network", text: true, value: (group) => titles[groups.indexOf(group)] },
    ...labels.map((label): HtmlColumn<LoadGroup> => ({
      heading: html`${label}<small>p50, p99 ms</small>`,
      value: (group) => latencyCell(group, label),
    })),
  ];
  return html`<div class="overview">${htmlTable(`Latency over each network, ${title}`, columns, groups)}</div>`;
}

function latencyCell({ entries }: LoadGroup, label: string): Html | undefined {
  const { p50 } = rankedMeasures;
  const ranks = ranking(entries, p50);
  const rank = ranks.find(({ entry }) => entry.label === label);
  if (!rank) return undefined;
  const leads = leadersIn(ranks, p50).includes(rank);
  const tail = formatMilliseconds(rank.entry.summary.latency_p99_us);
  return html`<span${leads && html` class="first"`}>${p50.format(rank.value)}</span><small>${tail}</small>`;
}

/** A number that is drawn over a condition. */
interface NetworkQuantity {
  title: string;
  unit: string;
  valueOf(entry: TransportEntry): number | undefined;
  cellOf(entry: TransportEntry): string;
  caption: string;
}

function quantityOf({ heading, column, unit, format }: RankedMeasure, caption: string): NetworkQuantity {
  const read = ({ summary }: TransportEntry): number | undefined => summary[column] as number | undefined;
  const perUnit = column.endsWith("_us") ? 1000 : 1;
  return {
    title: heading,
    unit,
    valueOf: (entry) => {
      const value = read(entry);
      return value === undefined ? undefined : value / perUnit;
    },
    cellOf: (entry) => format(read(entry)),
    caption,
  };
}

const bytes: NetworkQuantity = {
  title: "Bytes per delivery",
  unit: "B",
  valueOf: socketBytesPerDelivery,
  cellOf: (entry) => {
    const fill = linkFillPercent(entry);
    const filled = fill === undefined ? "" : ` (${formatNumber(fill, 0)} %)`;
    return `${formatNumber(socketBytesPerDelivery(entry), 0)}${filled}`;
  },
  caption:
    "Bytes on the sockets in both directions, payload included, without TCP and IP headers. In brackets: how full the fuller way of a client's link is.",
};

/** What is drawn over each condition. */
const quantities: Record<NetworkAxis["word"], (series: NetworkSeries) => NetworkQuantity[]> = {
  rtt: (series) => [
    quantityOf(latencyMeasure(series), "Half of the deliveries take at most so long."),
    ...(series.fixed ? [quantityOf(connectMeasure, "Time until a connection is ready.")] : []),
  ],
  loss: (series) => [quantityOf(latencyMeasure(series), "A lost segment is sent again a round trip later or more.")],
  rate: (series) => [
    bytes,
    quantityOf(latencyMeasure(series), "What does not fit into the link waits in front of it."),
  ],
};

function seriesFigures(load: NetworkedLoad, series: NetworkSeries): Html[] {
  return quantities[series.axis.word](series).flatMap((quantity) => seriesFigure(load, series, quantity) ?? []);
}

function seriesFigure(load: NetworkedLoad, series: NetworkSeries, quantity: NetworkQuantity): Html | undefined {
  const { axis } = series;
  const points = series.points.toSorted((one, other) => one.x - other.x);
  const entries = seriesEntries(series);
  const name = `${quantity.title} by ${axis.title}`;
  const title = `${name}, ${[load.title, fixedText(load, series)].filter(Boolean).join(", ")}`;
  const plotted = points.flatMap(({ x, group }) =>
    group.entries.map((entry) => ({ entry, x, y: quantity.valueOf(entry) })),
  );
  const pointers = points.map(({ x }) => x);
  const drawn = seriesChart({ title, x: axisName(axis), y: quantity.unit, points: plotted, pointers });
  if (!drawn) return undefined;
  return figure({
    drawn: html`<h3>${title}</h3>
      ${markerLegend(entries)}${drawn}`,
    caption: html`Lower is better. Horizontal: ${axis.title}. ${quantity.caption} Each marker is one network. Invalid
    and failed rows are left out.`,
    data: htmlTable(`${title}, ${quantity.unit}`, figureColumns(series, quantity, entries), points),
  });
}

function figureColumns(
  series: NetworkSeries,
  { cellOf }: NetworkQuantity,
  entries: readonly TransportEntry[],
): HtmlColumn<NetworkPoint>[] {
  return [
    { heading: series.axis.title, value: (point) => pointText(series, point) },
    ...entries.map(({ label }): HtmlColumn<NetworkPoint> => ({
      heading: label,
      value: ({ group }) => {
        const entry = group.entries.find((each) => each.label === label);
        return entry && cellOf(entry);
      },
    })),
  ];
}

function axisName({ title, unit }: NetworkAxis): string {
  return `${title}, ${unit}`;
}

/** The conditions that all networks of a series share, and what makes them. */
function fixedText({ groups }: NetworkedLoad, { fixed, points }: NetworkSeries): string {
  if (!fixed) return joinWords(networkTitles(points.map(({ group }) => group)));
  const loads = groups.map(({ load }) => load);
  return wordsText(fixed, loads);
}
