import { LineChart, type LineSeriesOption } from "echarts/charts";
import { GridComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { html, trusted, type Html } from "./html.ts";
import { markerOf } from "./markers.ts";
import { withoutOverlap, type Axis } from "./axes.ts";

echarts.use([LineChart, GridComponent, LabelLayout, SVGRenderer]);

/** Line of a chart, with the colour and marker of its slot. */
export interface ChartLine {
  slot: number;
  label: string;
  points: readonly (readonly [x: number, y: number])[];
  /** True if the point at x has a marker. Default: every point has one. */
  marked?: (x: number) => boolean;
  /**
   * Default: `main`, with the dash of the slot. In a chart of one transport: `strong`, `thin` for a second quantity,
   * `faint` for other repeats.
   */
  look?: keyof typeof looks;
}

/** Content of a chart. `pointers` has the x of each row of the table below, where the script prints that row. */
export interface LineChart {
  /** Text for screen readers. */
  title: string;
  x: Axis;
  y: Axis;
  lines: readonly ChartLine[];
  pointers: readonly number[];
}

interface Size {
  name: string;
  width: number;
  height: number;
  /** Margin on the right, in pixels. */
  right: number;
  /** True if each line has its name at its end. */
  named: boolean;
}

const wide: Size = { name: "wide", width: 880, height: 400, right: 110, named: true };
const narrow: Size = { name: "narrow", width: 340, height: 300, right: 14, named: false };
const small: Size = { name: "small", width: 300, height: 140, right: 12, named: false };

/** The chart twice, for a wide page and for a phone. The style sheet shows one of them. */
export function lineChart(content: LineChart): Html {
  return html`${draw(content, wide)}${draw(content, narrow)}`;
}

/** The chart once, small enough for several side by side. */
export function smallLineChart(content: LineChart): Html {
  return draw(content, small);
}

function draw(content: LineChart, size: Size): Html {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: size.width, height: size.height });
  try {
    chart.setOption(option(content, size));
    const pixels = content.pointers.map((x) => Math.round(chart.convertToPixel({ xAxisIndex: 0 }, x)));
    return html`<svg
      class="plot ${size.name}"
      viewBox="0 0 ${size.width} ${size.height}"
      role="img"
      aria-label="${content.title}"
      data-at="${pixels.join(" ")}"
    >
      ${trusted(themed(chart.renderToSVGString()))}
    </svg>`;
  } finally {
    chart.dispose(); // otherwise its timer keeps the process alive
  }
}

function option({ x, y, lines }: LineChart, size: Size): echarts.EChartsCoreOption {
  const [top, bottom] = [y.name === "" ? 10 : 30, x.name === "" ? 2 : 24];
  const muted = { color: "var(--muted)" };
  return {
    animation: false,
    textStyle: { fontFamily: "inherit" },
    grid: { left: 8, right: size.right, top, bottom, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { ...axis(x, size.width - 60 - size.right, 46), nameLocation: "middle", nameGap: 28, nameTextStyle: muted },
    yAxis: {
      ...axis(y, size.height - 60, 22),
      nameLocation: "end",
      nameGap: 12,
      nameTextStyle: { ...muted, align: "left" },
    },
    series: lines.map((line) => series(line, size)),
  };
}

/** ECharts option of an axis of `pixels`, whose labels are at least `apart` pixels from each other. */
function axis(content: Axis, pixels: number, apart: number): object {
  const { name, log, min, max, format } = content;
  const ticks = withoutOverlap(content, pixels, apart);
  return {
    type: log ? "log" : "value",
    min,
    max,
    name,
    axisLine: { show: true, lineStyle: { color: "var(--rule)" } },
    axisTick: { customValues: ticks, lineStyle: { color: "var(--rule)" } },
    axisLabel: { customValues: ticks, color: "var(--muted)", formatter: format },
    splitLine: { lineStyle: { color: "var(--grid)" } },
  };
}

const looks = {
  main: { width: 2, opacity: 1 },
  strong: { type: "solid", width: 2, opacity: 1 },
  thin: { type: [4, 3], width: 1.25, opacity: 1 },
  faint: { type: "solid", width: 1, opacity: 0.35 },
} satisfies Record<string, { type?: "solid" | number[]; width: number; opacity: number }>;

function series({ slot, label, points, marked, look = "main" }: ChartLine, { named }: Size): LineSeriesOption {
  const { shape, dash } = markerOf(slot);
  const colour = `var(--slot${slot})`;
  return {
    type: "line",
    name: label,
    silent: true,
    data: points.map(([x, y]) => ({ value: [x, y], symbol: !marked || marked(x) ? `path://${shape}` : "none" })),
    symbolSize: look === "main" ? 8 : 4,
    lineStyle: { color: colour, type: dash.length > 0 ? dash : "solid", ...looks[look] },
    itemStyle: { color: colour, opacity: looks[look].opacity },
    endLabel: { show: named, formatter: () => label, color: `var(--label${slot})`, fontSize: 13, offset: [4, 0] },
    labelLayout: { moveOverlap: "shiftY" },
  };
}

/**
 * The elements inside an SVG, without the attributes that the style sheet sets, and with a class for the slot, which
 * colours or hides them.
 */
function themed(svg: string): string {
  return svg
    .replace(/^<svg[^>]*>\s*<rect[^>]*><\/rect>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<style[^>]*>.*?<\/style>/s, "")
    .replaceAll(/ (?:class|ecmeta_\w+|pointer-events|xml:space|stroke-linejoin|style)="[^"]*"/g, "")
    .replaceAll(/ (fill|stroke)="var\(--slot(\d+)\)"/g, ' class="s$2 $1"')
    .replaceAll(/ fill="var\(--label(\d+)\)"/g, ' class="s$1 name"')
    .replaceAll(/(\d\.\d)\d+/g, "$1")
    .replaceAll(/>\s+</g, "><");
}
