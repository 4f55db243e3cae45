import { htmlShell } from "../../../results/report/markup/document.ts";
import { html } from "../../../results/report/markup/html.ts";
import { pageStyle } from "../../../results/report/markup/style.ts";
import { livePageScript } from "./live-page-script.ts";

/** Colours that the page has ready. A run of more transports begins again with the first. */
const slots = 24;

const style = `${pageStyle(slots)}
header{padding-bottom:.5rem}
h2{margin-top:2rem}
.live-state{display:grid;grid-template-columns:repeat(4,auto);grid-auto-flow:column;grid-template-rows:auto auto;justify-content:start;gap:.1rem 2.5rem;margin:1rem 0;font-variant-numeric:tabular-nums}
.live-state dt{color:var(--muted);font-size:.875rem;padding-top:.1rem}.live-state dd{margin:0;min-height:1.55em}
.live-state .trial{font-weight:600}.live-state #phase{min-width:14rem}.live-state #clients{min-width:11rem}
progress{display:block;width:100%;max-width:44rem;height:.6rem;accent-color:var(--c0);margin:.25rem 0}
.live-charts{margin-top:1.25rem;display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1.5rem 2rem}
.live-charts figure{margin:0}.live-charts h3{margin:0;font-size:.9375rem}
.live-charts .plot{max-width:none}
.plot .old{opacity:.6}.plot path{fill:none;stroke-linejoin:round}
.plot .grid{stroke:var(--grid)}.plot .axis{stroke:var(--rule)}.plot text{fill:var(--muted)}
.plot circle{fill:var(--c);stroke:none}
.value{font-size:1.25rem;font-variant-numeric:tabular-nums;margin:0;min-height:1.6em}
.value small{color:var(--muted);font-size:.8125rem}
.live-state .swatch{margin-right:.4rem}
#problem:empty{display:none}
#problem{border-left:3px solid var(--warn);padding-left:.75rem}
@media (max-width:760px){.live-charts{grid-template-columns:minmax(0,1fr)}.live-state{grid-template-columns:auto 1fr;grid-template-rows:none;grid-auto-flow:row;gap:.1rem 1rem}.live-state dd{min-width:0!important}}
@media screen and (max-width:760px){.live-charts .plot{display:block}}`;

/** The panels of charts, in their order. The script finds them by their ids. */
const panels = [
  { id: "delivered", title: "Deliveries per second", note: "First deliveries in the window, over all clients." },
  { id: "sent", title: "Messages sent per second", note: "Messages that the clients have sent." },
  {
    id: "fanout",
    title: "Fan-out latency, ms: median / maximum",
    note: "Time until the last receiver of a message has it: the thick line is the median of a second, the thin one its maximum, of the running trial alone. A second is read one second later, and again when the trial has ended.",
  },
  {
    id: "cpu",
    title: "Server CPU, % of one core",
    note: "Known when a trial has ended: servers are not asked before.",
  },
] as const;

/** The page that follows a run of this scenario. It has no number yet: events bring them all. */
export function livePage(scenario: string): string {
  const body = html`<header>
      <h1>Live: ${scenario}</h1>
      <dl class="live-state">
        <dt>Trial</dt>
        <dd class="trial"><span id="trial" role="status">waiting for the first trial</span></dd>
        <dt>Phase</dt>
        <dd id="phase">-</dd>
        <dt>Clients</dt>
        <dd id="clients">-</dd>
        <dt>Deliveries</dt>
        <dd id="deliveries">-</dd>
      </dl>
      <progress id="trials" max="1" value="0" aria-label="Trials of the run that have ended"></progress>
      <p class="note" id="problem" role="status"></p>
      <noscript
        ><p>This page needs scripts to follow the run. The report, which replaces it at the end, does not.</p></noscript
      >
    </header>
    <main>
      <section aria-labelledby="h-charts">
        <h2 id="h-charts">Second by second</h2>
        <ul class="legend" id="legend"></ul>
        <p class="note">
          Horizontal: seconds from the start of the measured window. The running trial has a strong line, earlier ones a
          faint one.
        </p>
        <div class="live-charts">
          ${panels.map(
            ({ id, title, note }) =>
              html`<figure id="${id}">
                <h3>${title}</h3>
                <p class="value">-</p>
                <svg class="plot small" viewBox="0 0 400 180" role="img" aria-label="${title}: no numbers yet"></svg>
                <figcaption>${note}</figcaption>
              </figure> `,
          )}
        </div>
      </section>
      <section aria-labelledby="h-rows">
        <h2 id="h-rows">Rows so far</h2>
        <div id="rows"><p class="note">The row of a trial appears when it has ended.</p></div>
      </section>
    </main>
    <footer>
      At the end this page becomes the report. Opened on the machine that measures, a browser uses some of its CPU.
    </footer>`;
  return htmlShell({ title: `Live: ${scenario}`, style, script: livePageScript, body, connects: true });
}
