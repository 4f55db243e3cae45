import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import type { TimelinePoint } from "../../model/timeline.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { smallLineChart, type ChartLine } from "../markup/line-chart.ts";
import { axisFor, type Axis } from "../markup/axes.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** The points of a transport, a list for each repeat that counts. */
interface Trials {
  entry: TransportEntry;
  repeats: TimelinePoint[][];
}

type Quantity = (point: TimelinePoint) => number | undefined;

const inMs = (us: number | undefined): number | undefined => (us === undefined ? undefined : us / 1000);

/** One drawing of each transport: the thick line, and a thin one where there are two quantities of a kind. */
const panels: { title: string; unit: string; thick: Quantity; thin?: Quantity; wantsLog: boolean }[] = [
  {
    title: "Last receiver",
    unit: "ms",
    thick: (point) => inMs(point.fanout_p50_us),
    thin: (point) => inMs(point.fanout_max_us),
    wantsLog: true,
  },
  {
    title: "Event loop delay",
    unit: "ms",
    thick: (point) => point.server_loop_delay_max_ms,
    thin: (point) => point.client_loop_delay_max_ms,
    wantsLog: true,
  },
  { title: "Server CPU", unit: "%", thick: (point) => point.server_cpu_percent, wantsLog: false },
];

/** Beyond this many repeats, faint lines are a grey field, and beyond this many seconds nobody reads a table. */
const mostRepeats = 10;
const mostRows = 120;

/** Each transport over the seconds of its window; undefined where there are no points. */
export function timelinesSection({ entries, source }: LoadGroup): Html | undefined {
  const all = entries
    .map((entry) => ({ entry, repeats: repeatsOf(entry, source.points) }))
    .filter(({ repeats }) => repeats.length > 0);
  if (all.length === 0) return undefined;
  const every = all.flatMap(({ repeats }) => repeats.flat());
  const x = {
    ...axisFor(
      "s",
      every.map(({ second }) => second ?? 0),
      false,
    ),
    name: "",
  };
  const ys = panels.map(({ unit, thick, thin, wantsLog }) => ({
    ...axisFor(
      unit,
      every.flatMap((point) => [thick(point), thin?.(point)].filter((value) => value !== undefined)),
      wantsLog,
    ),
    name: "",
  }));
  const dropped = all.some(({ repeats }) => repeats.length > mostRepeats);
  return html`<div class="timelines">
    <p class="note">
      Seconds from the start of the window go across; the axes are the same for all transports. Last receiver: how long
      until the last one had a message, the median of a second's messages, and dashed the latest. Event loop delay: how
      late it came round to a timer at most, the server's, and dashed the latest worker's. CPU is of one core. The first
      repeat is drawn strongly, the others faintly${dropped && ` (the first ${mostRepeats} of them)`}. A step or a slope
      says that the window was not steady; a spike in a whole row is a pause of the server or of the machine.
    </p>
    ${all.map((each) => trialFigure(each, x, ys))}
  </div>`;
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

function trialFigure({ entry, repeats }: Trials, x: Axis, ys: readonly Axis[]): Html {
  const first = repeats[0]!.slice(0, mostRows);
  const pointers = first.map(({ second }) => second ?? 0);
  const drawn = panels.map(({ title, unit, thick, thin }, i) => {
    if (!repeats.flat().some((point) => thick(point) !== undefined)) return undefined;
    const drawing = smallLineChart({
      title: `${title}: ${entry.label}`,
      x,
      y: ys[i]!,
      lines: linesOf(entry, repeats, thick, thin),
      pointers,
    });
    return html`<div>
      <p class="panel">${title}, ${unit}</p>
      ${drawing}
    </div>`;
  });
  const cut = repeats.length > 1 || repeats[0]!.length > mostRows;
  return html`<div class="s${entry.slot}">
    <p class="subject">${entry.label}</p>
    ${figure({
      drawn: html`<div class="trio">${drawn}</div>`,
      caption: "",
      data: html`${htmlTable(`${entry.label}, second by second`, shown, first)}${
        cut &&
        html`<p>
          These are the first ${first.length} seconds of the first repeat; all are in the .timeline.csv beside the
          results.
        </p>`
      }`,
    })}
  </div>`;
}

/** The faint ones first, so that the strong ones lie above. */
function linesOf(
  { slot, label }: TransportEntry,
  repeats: readonly TimelinePoint[][],
  thick: Quantity,
  thin?: Quantity,
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
  const [first = [], ...others] = repeats.slice(0, mostRepeats);
  return [
    ...others.map((points) => line(points, thick, "faint")),
    ...(thin ? [line(first, thin, "thin")] : []),
    line(first, thick, "strong"),
  ];
}

const shown: HtmlColumn<TimelinePoint>[] = [
  { heading: "second", value: ({ second }) => second },
  { heading: "messages", value: ({ messages }) => messages },
  { heading: "last receiver p50, ms", value: (point) => formatMilliseconds(point.fanout_p50_us) },
  { heading: "last receiver max, ms", value: (point) => formatMilliseconds(point.fanout_max_us) },
  { heading: "server loop late, ms", value: (point) => formatNumber(point.server_loop_delay_max_ms, 2) },
  { heading: "clients' loop late, ms", value: (point) => formatNumber(point.client_loop_delay_max_ms, 2) },
  { heading: "server CPU, %", value: (point) => formatNumber(point.server_cpu_percent, 1) },
  { heading: "server memory, MiB", value: (point) => formatNumber(point.server_rss_mib, 1) },
];
