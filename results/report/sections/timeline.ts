import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import type { TimelinePoint } from "../../model/timeline.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { smallLineChart, type ChartLine } from "../markup/line-chart.ts";
import { axisFor, type Axis } from "../markup/axes.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** Timeline points of a transport: one list for each valid or suspect repeat. */
interface EntryTimelines {
  entry: TransportEntry;
  repeats: TimelinePoint[][];
}

type Quantity = (point: TimelinePoint) => number | undefined;

const toMs = (us: number | undefined): number | undefined => (us === undefined ? undefined : us / 1000);

/** Charts of each transport. The second quantity of a chart is a thin dashed line. */
const panels: { title: string; unit: string; solid: Quantity; dashed?: Quantity; allowLog: boolean }[] = [
  {
    title: "Fan-out latency",
    unit: "ms",
    solid: (point) => toMs(point.fanout_p50_us),
    dashed: (point) => toMs(point.fanout_max_us),
    allowLog: true,
  },
  {
    title: "Event loop delay",
    unit: "ms",
    solid: (point) => point.server_loop_delay_max_ms,
    dashed: (point) => point.client_loop_delay_max_ms,
    allowLog: true,
  },
  { title: "Server CPU", unit: "%", solid: (point) => point.server_cpu_percent, allowLog: false },
];

/** Repeats in a chart. More faint lines merge into a grey area. */
const maxRepeats = 10;

/** Seconds in a table. */
const maxSeconds = 120;

/** Each transport over the seconds of the measured window; undefined where there are no points. */
export function timelineSection({ entries, source }: LoadGroup): Html | undefined {
  const all = entries
    .map((entry) => ({ entry, repeats: repeatsOf(entry, source.points) }))
    .filter(({ repeats }) => repeats.length > 0);
  if (all.length === 0) return undefined;
  const points = all.flatMap(({ repeats }) => repeats.flat());
  const x = unnamed(
    axisFor(
      "s",
      points.map(({ second }) => second ?? 0),
      false,
    ),
  );
  const ys = panels.map(({ unit, solid, dashed, allowLog }) => {
    const values = points.flatMap((point) => [solid(point), dashed?.(point)].filter((value) => value !== undefined));
    return unnamed(axisFor(unit, values, allowLog));
  });
  const tooMany = all.some(({ repeats }) => repeats.length > maxRepeats);
  return html`<div class="timelines">
    <p class="note">
      Horizontal: seconds from the start of the measured window. The axes are the same for all transports. Fan-out
      latency: time until the last receiver of a message has it; solid is the median over the messages of a second,
      dashed the maximum. Event loop delay: maximum delay of a timer; solid is the server, dashed the slowest worker.
      Server CPU: percent of one core. The first repeat has a strong line, the others a faint
      one${tooMany && ` (only the first ${maxRepeats} repeats)`}. A step or a slope means that the window was not
      steady. A spike in all charts of a transport is a pause of the server or of the machine.
    </p>
    ${all.map((each) => entryCharts(each, x, ys))}
  </div>`;
}

function unnamed(axis: Axis): Axis {
  return { ...axis, name: "" };
}

function repeatsOf({ counted }: TransportEntry, points: readonly TimelinePoint[]): TimelinePoint[][] {
  return counted
    .map((row) =>
      points.filter(
        (point) =>
          point.run_id === row.run_id && point.started_at === row.started_at && point.transport === row.transport,
      ),
    )
    .filter(({ length }) => length > 0);
}

function entryCharts({ entry, repeats }: EntryTimelines, x: Axis, ys: readonly Axis[]): Html {
  const first = repeats[0]!.slice(0, maxSeconds);
  const pointers = first.map(({ second }) => second ?? 0);
  const charts = panels.map(({ title, unit, solid, dashed }, i) => {
    if (!repeats.flat().some((point) => solid(point) !== undefined)) return undefined;
    const lines = linesOf(entry, repeats, solid, dashed);
    return html`<div>
      <p class="panel">${title}, ${unit}</p>
      ${smallLineChart({ title: `${title}: ${entry.label}`, x, y: ys[i]!, lines, pointers })}
    </div>`;
  });
  const incomplete = repeats.length > 1 || repeats[0]!.length > maxSeconds;
  return html`<div class="s${entry.slot}">
    <p class="subject">${entry.label}</p>
    ${figure({
      drawn: html`<div class="columns">${charts}</div>`,
      caption: "",
      data: html`${htmlTable(`Timeline, ${entry.label}`, tableColumns, first)}${
        incomplete &&
        html`<p>
          The table has the first ${first.length} seconds of the first repeat. The .timeline.csv beside the results has
          all of them.
        </p>`
      }`,
    })}
  </div>`;
}

/** Lines of a chart. Faint lines come first, so that strong ones are drawn above them. */
function linesOf(
  { slot, label }: TransportEntry,
  repeats: readonly TimelinePoint[][],
  solid: Quantity,
  dashed?: Quantity,
): ChartLine[] {
  const line = (points: readonly TimelinePoint[], of: Quantity, look: NonNullable<ChartLine["look"]>): ChartLine => ({
    slot,
    label,
    look,
    marked: () => points.length === 1,
    points: points.flatMap((point): [number, number][] => {
      const value = of(point);
      return value === undefined || point.second === undefined ? [] : [[point.second, value]];
    }),
  });
  const [first = [], ...others] = repeats.slice(0, maxRepeats);
  return [
    ...others.map((points) => line(points, solid, "faint")),
    ...(dashed ? [line(first, dashed, "thin")] : []),
    line(first, solid, "strong"),
  ];
}

const tableColumns: HtmlColumn<TimelinePoint>[] = [
  { heading: "second", value: ({ second }) => second },
  { heading: "messages", value: ({ messages }) => messages },
  { heading: "fan-out p50, ms", value: (point) => formatMilliseconds(point.fanout_p50_us) },
  { heading: "fan-out max, ms", value: (point) => formatMilliseconds(point.fanout_max_us) },
  { heading: "server loop delay max, ms", value: (point) => formatNumber(point.server_loop_delay_max_ms, 2) },
  { heading: "client loop delay max, ms", value: (point) => formatNumber(point.client_loop_delay_max_ms, 2) },
  { heading: "server CPU, %", value: (point) => formatNumber(point.server_cpu_percent, 1) },
  { heading: "server memory, MiB", value: (point) => formatNumber(point.server_rss_mib, 1) },
];
