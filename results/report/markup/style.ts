import { colours } from "./markers.ts";

/**
 * Colours of the slots on a light page and on a dark page: those of Okabe and Ito, darker where white needs more
 * contrast.
 */
const light = ["#0072b2", "#c14f00", "#00795a", "#a8497f", "#3d3d3d", "#8a6100", "#2c7fb0", "#7a6fd0"];
const dark = ["#56b4e9", "#f28e3c", "#2fc49a", "#e39ac2", "#d0d0d0", "#e6b800", "#8ecdf2", "#b3aaf7"];

/** Colours of the parts of a bar, from the left. */
const lightParts = ["#8b939d", "#00795a", "#0072b2", "#c14f00", "#e6b422", "#7a3b69"];
const darkParts = ["#88919b", "#2fc49a", "#56b4e9", "#f2793c", "#f0dc6a", "#c88fb8"];

const variables = (values: readonly string[], name: string): string =>
  values.map((value, i) => `--${name}${i}:${value}`).join(";");

const lightPage =
  `--paper:#fff;--ink:#1a1d21;--muted:#555b63;--rule:#9aa0a8;--grid:#e4e6ea;--faint:#f4f5f7;--bad:#a3230e;--warn:#7a5200;--good:#00664b;` +
  `${variables(light, "c")};${variables(lightParts, "p")};`;
const darkPage =
  `--paper:#15181c;--ink:#e8eaed;--muted:#a9b0b9;--rule:#6a727c;--grid:#2b3036;--faint:#1e2227;--bad:#ff9b85;--warn:#f0c060;--good:#5fd3ac;` +
  `${variables(dark, "c")};${variables(darkParts, "p")};`;

/** Style sheet of the page. Each slot has a colour, and a class on the body that hides it. */
export function pageStyle(slots: number): string {
  const each = Array.from(
    { length: slots },
    (_, i) => `.s${i}{--c:var(--c${i % colours})}.hide-${i} .s${i}:not(.swatch){display:none}`,
  );
  return `:root{color-scheme:light dark;${lightPage}}
@media screen and (prefers-color-scheme:dark){:root{${darkPage}}}
${rules}
${each.join("\n")}`;
}

const rules = `*{box-sizing:border-box}
html{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink)}
header,main,footer{max-width:58rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:3rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .5rem;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.375rem;line-height:1.3;margin:4rem 0 1rem;padding-top:.75rem;border-top:1px solid var(--rule)}
h3{font-size:1.0625rem;margin:2rem 0 .5rem}
h1,h2,h3,caption{overflow-wrap:anywhere}
h4{font-size:.875rem;font-weight:600;margin:.5rem 0 .25rem}
p,figcaption,dd{max-width:44rem;overflow-wrap:anywhere}
p{margin:.5rem 0}
.lead{font-size:1.1875rem;line-height:1.5;margin:.75rem 0 1.25rem}
.note,.meta,figcaption,footer{color:var(--muted);font-size:.875rem}
a{color:inherit;text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:1.25rem 0 0;padding:0;font-size:.875rem}
dl.definitions{display:grid;grid-template-columns:7.5rem 1fr;gap:.6rem 1rem;margin:1.5rem 0}
dl.definitions dt{font-weight:600}
dl.definitions dd{margin:0}
figure{margin:1.5rem 0 2.5rem}
figcaption{margin:.5rem 0}
.scroll{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;line-height:1.4}
caption{text-align:left;color:var(--muted);padding:.25rem 0}
th,td{padding:.3rem .9rem .3rem 0;text-align:right;vertical-align:top;white-space:nowrap}
thead th{font-weight:600;border-bottom:1px solid var(--rule);vertical-align:bottom}
thead small{display:block;font-weight:400;color:var(--muted)}
.panel{font-size:.8125rem;margin:0 0 .25rem}
tbody tr+tr>*{border-top:1px solid var(--grid)}
th:first-child,.text{text-align:left}
tbody th{font-weight:500}
.text{white-space:normal;min-width:6rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,16rem),1fr));gap:0 2.5rem;align-items:start}.facts table{width:100%}.facts .text{overflow-wrap:anywhere}
dt .status{display:block;font-size:.875rem}
.status{font-weight:600}
.failed,.invalid,.worse{color:var(--bad)}.suspect,.undecided,.within-noise{color:var(--warn)}.valid,.better{color:var(--good)}
.overview thead th+th{white-space:normal;min-width:4.25rem;max-width:8rem}
.overview td small{color:var(--muted);display:block;font-size:.8125rem}
.overview .first{font-weight:700}
pre{overflow-x:auto;background:var(--faint);padding:.75rem 1rem;font-size:.8125rem}
details{margin:.5rem 0;font-size:.875rem}
summary{cursor:pointer;color:var(--muted);padding:.2rem 0}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:.5rem 0;padding:0;font-size:.875rem}
.legend button{font:inherit;color:inherit;background:none;border:0;padding:.25rem 0;cursor:pointer;display:inline-flex;gap:.4rem;align-items:center}
.legend button[aria-pressed=false]{text-decoration:line-through;color:var(--muted)}
.swatch{width:32px;height:12px;vertical-align:-1px}.key{width:12px;height:12px;vertical-align:-1px}
.swatch .line{stroke:var(--c);stroke-width:2}.swatch .mark{fill:var(--c)}
.plot{display:block;width:100%;height:auto;touch-action:pan-y}
.plot text{font-family:inherit;font-size:13px}.narrow text,.small text{font-size:12px}
.plot .name{fill:var(--ink)}
.plot.wide{max-width:880px}.plot.narrow{display:none;max-width:480px}
.fill{fill:var(--c)}.stroke{stroke:var(--c)}
.guide{stroke:var(--muted);stroke-dasharray:2 2}
.readout{color:var(--muted);min-height:1.4em;margin:.25rem 0;font-size:.875rem;font-variant-numeric:tabular-nums;max-width:none}
.columns{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:1rem 2rem}
.timelines .columns{grid-auto-flow:row;grid-template-columns:repeat(3,minmax(0,1fr))}
.bars{width:100%}
.bars caption{font-weight:600;color:var(--ink)}
.bars tr>*{border:0!important;padding:.2rem .6rem .2rem 0;vertical-align:middle}
.bars th{width:1%;max-width:9rem;overflow:hidden;text-overflow:ellipsis}
.bars td:last-child{width:1%;padding-right:0;text-align:left}
.bars svg{display:block;overflow:visible}
${lightParts.map((_, i) => `.p${i}{fill:var(--p${i})}`).join("")}
.bars rect:not(.fill){stroke:var(--paper);stroke-width:1}
.whisker{stroke:var(--ink);stroke-width:2}
.subject{font-weight:600;margin:1.75rem 0 .5rem}.timelines figure{margin:0}.plot.small{max-width:none}
footer{padding-top:2rem;padding-bottom:4rem}
@media (max-width:760px){
header{padding-top:1.5rem}h1{font-size:1.625rem}h2{margin-top:3rem}
dl.definitions{grid-template-columns:1fr;gap:.1rem}dl.definitions dd{margin-bottom:.75rem}
.columns,.timelines .columns{grid-auto-flow:row;grid-template-columns:minmax(0,1fr)}
}
@media screen and (max-width:760px){.plot.wide{display:none}.plot.narrow{display:block}}
@media print{
@page{margin:16mm}
html{font-size:12px}
header,main,footer{max-width:none;padding:0}
nav,details,.readout,.guide{display:none}
h2{margin-top:2rem}h2,h3,h4,.subject{break-after:avoid}
figure,table,.lead,dl.definitions>*{break-inside:avoid}
.columns{grid-auto-flow:column}.timelines .columns{grid-auto-flow:row;grid-template-columns:repeat(3,minmax(0,1fr))}
#rows{display:none}
.scroll{overflow:visible}.scroll :is(th,td){white-space:normal}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}`;
