import { html, type Html, type Part } from "./html.ts";

/** Column of a table: its heading, the cell of a row, and whether cells are text, which is aligned to the left. */
export interface HtmlColumn<L> {
  heading: Part;
  text?: true;
  value(row: L): Part;
}

/** A table in a box that scrolls sideways on a narrow page. The first column is the heading of each row. */
export function htmlTable<L>(caption: string, columns: readonly HtmlColumn<L>[], rows: readonly L[]): Html {
  const head = columns.map(({ heading, text }) => html`<th scope="col" ${text && html` class="text"`}>${heading}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>
        ${columns.map((column, i) => cell(column, row, i === 0))}
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

function cell<L>({ text, value }: HtmlColumn<L>, row: L, first: boolean): Html {
  const found = value(row);
  const content = found === undefined || found === "" ? "-" : found;
  if (first) return html`<th scope="row" ${text && html` class="text"`}>${content}</th>`;
  return html`<td${text && html` class="text"`}>${content}</td>`;
}

/** A term with its text. */
export interface Definition {
  term: Part;
  text: Part;
}

/** Terms in a narrow column beside their texts; undefined for none. */
export function definitionList(definitions: readonly Definition[]): Html | undefined {
  if (definitions.length === 0) return undefined;
  const items = definitions.map(
    ({ term, text }) =>
      html`<dt>${term}</dt>
        <dd>${text}</dd>`,
  );
  return html`<dl class="definitions">${items}</dl>`;
}

/** Content that is hidden until the reader opens it. */
export function foldedSection(summary: string, ...content: readonly Part[]): Html {
  return html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;
}

/** A drawing with a caption that explains it, and its numbers as a folded table. */
export function figure(parts: { drawn: Part; caption: Part; data: Part }): Html {
  return html`<figure>
    ${parts.drawn}
    <figcaption>${parts.caption}</figcaption>
    ${foldedSection("Numbers", parts.data)}
  </figure> `;
}
