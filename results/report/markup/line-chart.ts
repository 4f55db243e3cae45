import { LineChart, type LineSeriesOption } from "echarts/charts";
import { GridComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { html, trusted, type Html } from "./html.ts";
import { markerOf } from "./markers.ts";
import { withoutOverlap, type Axis } from "./axes.ts";

echarts.use([LineChart, GridComponent, LabelLayout, SVGRenderer]);

/** One line of a drawing, in the look of its slot. */
export interface ChartLine {
  slot: number;
  label: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Where a marker stands; everywhere unless given. */
  marked?: (x: number) => boolean;
  /** `main`, with the slot's dash, unless given. Where one transport is alone: `strong`, `thin` for a second quantity, `faint` for other repeats. */
  look?: keyof typeof looks;
}

/** What is drawn, and the x at which a reader can point: where the rows of its table stand. */
export interface LineChart {
  /** For those who cannot see it. */
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
  /** Room on the right, for names at the ends of lines where `named`. */
  right: number;
  named: boolean;
}

const wide: Size = { name: "wide", width: 880, height: 400, right: 110, named: true };
const narrow: Size = { name: "narrow", width: 340, height: 300, right: 14, named: false };
const small: Size = { name: "small", width: 300, height: 140, right: 12, named: false };

/** The drawing twice, for a wide page and for a phone, of which the style sheet shows one. */
export function lineChart(drawn: LineChart): Html {
  return html`${draw(drawn, wide)}${draw(drawn, narrow)}`;
}

/** The drawing once, small enough for several beside each other. */
export function smallLineChart(drawn: LineChart): Html {
  return draw(drawn, small);
}

function draw(drawn: LineChart, size: Size): Html {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: size.width, height: size.height });
  try {
    chart.setOption(option(drawn, size));
    const pixels = drawn.pointers.map((x) => Math.round(chart.convertToPixel({ xAxisIndex: 0 }, x)));
    return html`<svg
      class="plot ${size.name}"
      viewBox="0 0 ${size.width} ${size.height}"
      role="img"
      aria-label="${drawn.title}"
      data-at="${pixels.join(" ")}"
    >
      ${trusted(themed(chart.renderToSVGString()))}
    </svg>`;
  } finally {
    chart.dispose(); // its clock would keep the process alive
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

/** An axis of so many pixels, whose numbers are so many apart. */
function axis(given: Axis, pixels: number, apart: number): object {
  const { name, log, min, max, format } = given;
  const ticks = withoutOverlap(given, pixels, apart);
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

/** The inside of an SVG without what a style sheet says better, and with a class for each slot, by which it is coloured and hidden. */
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
