import { html, trusted, type Html } from "./html.ts";

/** One bar: its label, its parts from the left, and the text at its end. */
export interface Bar {
  label: string;
  slot: number;
  parts: readonly number[];
  text: string;
  /** Interval of the median over repeats; only for a bar with one part. */
  interval?: { low: number; high: number } | undefined;
}

/**
 * Bars on one linear axis from 0. They are a table, so that they fit any width and a screen reader reads the numbers.
 */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const most = Math.max(...bars.flatMap(({ parts, interval }) => [sum(parts), interval?.high ?? 0]), Number.MIN_VALUE);
  const rows = bars.map(
    (bar) =>
      html`<tr class="s${bar.slot}">
        <th scope="row">${bar.label}</th>
        <td>${barSvg(bar, most)}</td>
        <td>${bar.text}</td>
      </tr> `,
  );
  return html`<table class="bars">
    <caption>
      ${title}
    </caption>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** Legend of the parts of bars, in their order. */
export function partLegend(names: readonly string[]): Html {
  const items = names.map(
    (name, i) =>
      html`<li>
        ${trusted(`<svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="p${i}" width="12" height="12"/></svg>`)}
        ${name}
      </li>`,
  );
  return html`<ul class="legend">
    ${items}
  </ul>`;
}

function barSvg({ parts, interval }: Bar, most: number): Html {
  const percent = (value: number): string => `${((100 * value) / most).toFixed(2)}%`;
  const rects = parts.map((part, i) => {
    const from = sum(parts.slice(0, i));
    return `<rect class="${parts.length > 1 ? `p${i}` : "fill"}" x="${percent(from)}" width="${percent(Math.max(0, part))}" height="16"/>`;
  });
  const line = interval
    ? `<line class="whisker" x1="${percent(interval.low)}" x2="${percent(interval.high)}" y1="8" y2="8"/>`
    : "";
  return trusted(`<svg width="100%" height="16" aria-hidden="true">${rects.join("")}${line}</svg>`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
