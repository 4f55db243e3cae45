import { createHash } from "node:crypto";
import { bytesSection } from "./sections/bytes.ts";
import { claimsSection } from "./sections/claims.ts";
import { buildLoadGroups, countNoun, listWords, type LoadGroup, type ReportSource } from "./text/load-groups.ts";
import { comparisonSection, type ReportComparison } from "./sections/comparison.ts";
import { cpuSection, memorySection } from "./sections/cpu-memory.ts";
import { percentilesSection } from "./sections/percentiles.ts";
import { html, trusted, type Html, type Part } from "./markup/html.ts";
import { throughputSection } from "./sections/throughput.ts";
import { rowsSection } from "./sections/rows.ts";
import { browserScript } from "./markup/browser-script.ts";
import { settingsSection } from "./sections/settings.ts";
import { pageStyle } from "./markup/style.ts";
import { timelinesSection } from "./sections/timelines.ts";
import { answerSection } from "./sections/answer.ts";
import { validitySection } from "./sections/validity.ts";

/** Loads that are told and drawn one by one; a search for the highest rate tries many more, which its curve shows. */
const mostCases = 6;

interface Section {
  id: string;
  title: string;
  content: Part;
}

/** The whole page as one file that needs nothing from anywhere. `compared` is empty where there is only one side. */
export function reportPage(sources: readonly ReportSource[], compared: readonly ReportComparison[]): string {
  const all = buildLoadGroups(sources);
  const cases = chosen(all);
  const headed = cases.length > 1;
  const each = (draw: (each: LoadGroup) => Html | undefined): Part =>
    cases.flatMap((one) => {
      const drawn = draw(one);
      return drawn ? [html`${headed && html`<h3>${one.title}</h3>`}${drawn}`] : [];
    });
  const sections: Section[] = [
    {
      id: "answer",
      title: "The answer",
      content: [...cases.map((one) => answerSection(one, headed)), leftOut(all, cases)],
    },
    { id: "comparison", title: "What changed", content: compared.length > 0 && comparisonSection(compared) },
    {
      id: "claims",
      title: "What is said of transports",
      content: claimsSection(sources.flatMap(({ rows }) => rows)) ?? false,
    },
    { id: "latency", title: "Latency", content: each(percentilesSection) },
    { id: "rates", title: "Latency by throughput", content: throughputSection(all) },
    { id: "bytes", title: "Bytes", content: each(bytesSection) },
    { id: "cpu", title: "Throughput and CPU", content: each(cpuSection) },
    { id: "memory", title: "Memory of the server", content: each(memorySection) },
    { id: "time", title: "Second by second", content: each(timelinesSection) },
    { id: "verdicts", title: "Verdicts", content: validitySection(all) },
    {
      id: "settings",
      title: "Settings and place",
      content: perFile(sources, settingsSection),
    },
    { id: "rows", title: "The rows", content: perFile(sources, rowsSection) },
  ];
  const shown = sections.filter(
    ({ content }) => content !== false && !(Array.isArray(content) && content.length === 0),
  );
  const slots = 1 + Math.max(...all.flatMap(({ entries }) => entries.map(({ slot }) => slot)));
  return whole(title(sources), header(sources, shown), shown, pageStyle(slots)).markup;
}

/** Those with the most transports, in the order of the files. */
function chosen(all: readonly LoadGroup[]): LoadGroup[] {
  const most = all.toSorted((one, other) => other.entries.length - one.entries.length).slice(0, mostCases);
  return all.filter((each) => most.includes(each));
}

function leftOut(all: readonly LoadGroup[], cases: readonly LoadGroup[]): Part {
  return (
    all.length > cases.length &&
    html`<p class="note">
      ${countNoun(all.length, "load")} were measured. These are the ${cases.length} with the most transports; the others
      are in the verdicts, in the rows and, where only the rate differs, in the curves of latency by throughput.
    </p>`
  );
}

function perFile(sources: readonly ReportSource[], content: (source: ReportSource) => Html): Html[] {
  return sources.map((source) => html`${sources.length > 1 && html`<h3>${source.name}</h3>`}${content(source)}`);
}

function title(sources: readonly ReportSource[]): string {
  return `${listWords([...new Set(sources.flatMap(({ rows }) => rows.map(({ scenario }) => scenario ?? "no scenario")))])}: which transport, and what it costs`;
}

function header(sources: readonly ReportSource[], sections: readonly Section[]): Html {
  const about = sources.map((source) => {
    const place = source.record?.environment;
    const first = source.rows[0]!.started_at?.slice(0, 16).replace("T", " ");
    const parts = [
      source.name,
      countNoun(source.rows.length, "row"),
      first && `measured ${first} UTC`,
      place && `${place.cpu}, ${countNoun(place.cores, "core")}, Node ${place.node}`,
      `build ${[...new Set(source.rows.map(({ build }) => build ?? "unknown"))].join(" and ")}`,
    ];
    return html`<p class="meta">${parts.filter(Boolean).join(" · ")}</p>`;
  });
  const links = sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`);
  return html`<header>
    <h1>Which transport suits this load, and what does it cost?</h1>
    ${about}
    <nav aria-label="Contents">
      <ul>
        ${links}
      </ul>
    </nav>
  </header>`;
}

function whole(name: string, top: Html, sections: readonly Section[], css: string): Html {
  const hash = createHash("sha256").update(browserScript).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const body = sections.map(
    ({ id, title: heading, content }) =>
      html`<section id="${id}" aria-labelledby="h-${id}">
        <h2 id="h-${id}">${heading}</h2>
        ${content}
      </section> `,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${name}</title>
        <style>
          ${trusted(css)}
        </style>
      </head>
      <body>
        ${top}
        <main>${body}</main>
        <footer>
          Bytes are counted on the server's sockets, latencies from the moment a message was due; dlv is a delivery, one
          message at one receiver. Made by transport-bench.
        </footer>
        ${trusted(`<script>${browserScript}</script>`)}
      </body>
    </html> `;
}
