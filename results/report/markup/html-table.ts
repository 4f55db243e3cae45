import { html, type Html, type Part } from "./html.ts";

/** One column of a table: its heading, what it shows of a line, and whether that is a text, which stands to the left. */
export interface HtmlColumn<L> {
  heading: Part;
  text?: true;
  value(line: L): Part;
}

/** A table in a box that scrolls by itself when the page is too narrow. The first column heads its line. */
export function htmlTable<L>(caption: string, shown: readonly HtmlColumn<L>[], lines: readonly L[]): Html {
  const head = shown.map(({ heading, text }) => html`<th scope="col" ${text && html` class="text"`}>${heading}</th>`);
  const body = lines.map(
    (line) =>
      html`<tr>
        ${shown.map((column, i) => cell(column, line, i === 0))}
      </tr> `,
  );
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

function cell<L>({ text, value }: HtmlColumn<L>, line: L, first: boolean): Html {
  const shown = value(line);
  const content = shown === undefined || shown === "" ? "-" : shown;
  if (first) return html`<th scope="row" ${text && html` class="text"`}>${content}</th>`;
  return html`<td${text && html` class="text"`}>${content}</td>`;
}

/** Something folded away until a reader asks for it. */
export function foldedSection(summary: string, ...content: readonly Part[]): Html {
  return html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;
}

/** A drawing, the caption that says how to read it, and its numbers as a table. */
export function figure(parts: { drawn: Part; caption: Part; data: Part }): Html {
  return html`<figure>
    ${parts.drawn}
    <figcaption>${parts.caption}</figcaption>
    ${foldedSection("The numbers", parts.data)}
  </figure> `;
}
