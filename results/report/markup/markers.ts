import { html, trusted, type Html } from "./html.ts";

/** Shapes of markers, 2 x 2 around 0. They distinguish transports without colour. */
const shapes = [
  "M0 -1A1 1 0 1 1 0 1A1 1 0 1 1 0 -1Z",
  "M-.9 -.9H.9V.9H-.9Z",
  "M0 -1.1L1.1 .9H-1.1Z",
  "M0 -1.2L1.2 0L0 1.2L-1.2 0Z",
  "M0 1.1L1.1 -.9H-1.1Z",
  "M-.35 -1H.35V-.35H1V.35H.35V1H-.35V.35H-1V-.35H-.35Z",
  "M0 -1.2L.35 -.35L1.2 0L.35 .35L0 1.2L-.35 .35L-1.2 0L-.35 -.35Z",
];

const dashes: number[][] = [[], [8, 3], [2, 3], [9, 3, 2, 3], [5, 2]];

/** Number of colours. style.ts has a light and a dark value of each. */
export const colours = 8;

/**
 * Marker and dash of a slot. The numbers of colours, shapes and dashes have no common factor, so 280 slots look
 * different.
 */
export function markerOf(slot: number): { shape: string; dash: number[] } {
  return { shape: shapes[slot % shapes.length]!, dash: dashes[slot % dashes.length]! };
}

/**
 * Legend of a chart: line, marker and name of each transport. The script makes them buttons that hide the transport.
 */
export function markerLegend(entries: readonly { label: string; slot: number }[]): Html {
  const items = entries.map(({ label, slot }) => html`<li data-slot="${slot}">${swatch(slot)} ${label}</li>`);
  return html`<ul class="legend">
    ${items}
  </ul>`;
}

function swatch(slot: number): Html {
  const { shape, dash } = markerOf(slot);
  return trusted(
    `<svg class="swatch s${slot}" viewBox="0 0 32 12" aria-hidden="true"><path class="line" d="M0 6H32" stroke-dasharray="${dash.join(" ")}"/>` +
      `<path class="mark" transform="translate(16 6) scale(4)" d="${shape}"/></svg>`,
  );
}
