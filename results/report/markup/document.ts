import { createHash } from "node:crypto";
import { browserScript } from "./browser-script.ts";
import { html, trusted, type Html, type Part } from "./html.ts";
import { pageStyle } from "./style.ts";

/** A section of the page. Its id is the target of its link in the contents. */
export interface PageSection {
  id: string;
  title: string;
  content: Part;
}

/** What every page has, and nothing else: a report and a page that follows a run differ in the rest. */
export interface PageShell {
  title: string;
  style: string;
  script: string;
  body: Html;
  /** True if the script may ask the server of the page. Default: it may not. */
  connects?: boolean;
}

/** A complete HTML document in one file. Its content security policy forbids everything that it does not need. */
export function htmlShell({ title, style, script, body, connects = false }: PageShell): string {
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; ${connects ? "connect-src 'self'; " : ""}base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        ${body} ${trusted(`<script>${script}</script>`)}
      </body>
    </html> `.markup;
}

/** Content of a whole page. */
export interface PageContent {
  title: string;
  /** A sentence about where the page comes from. Default: none. */
  note?: string | undefined;
  /** One line for each source of the page. */
  sources: readonly string[];
  sections: readonly PageSection[];
  footer: string;
  /** Number of slots that need a colour. */
  slots: number;
}

/** A report as one file that loads nothing: a content security policy forbids every request. */
export function htmlDocument({ title, note, sources, sections, footer, slots }: PageContent): string {
  const body = html`<header>
      <h1>${title}</h1>
      ${sources.map((source) => html`<p class="meta">${source}</p>`)}${note !== undefined && html`<p class="meta">${note}</p>`}${contents(sections)}
    </header>
    <main>${sections.map(sectionOf)}</main>
    <footer>${footer}</footer>`;
  return htmlShell({ title, style: pageStyle(slots), script: browserScript, body });
}

function contents(sections: readonly PageSection[]): Html {
  return html`<nav aria-label="Contents">
    <ul>
      ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
    </ul>
  </nav>`;
}

function sectionOf({ id, title, content }: PageSection): Html {
  return html`<section id="${id}" aria-labelledby="h-${id}">
    <h2 id="h-${id}">${title}</h2>
    ${content}
  </section> `;
}
