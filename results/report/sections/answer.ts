import { headline, type HeadlineSentence } from "../text/headline.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { validityNotes } from "../text/validity-notes.ts";
import { html, type Html, type Part } from "../markup/html.ts";
import { relativeTo, leadersIn, rankedMeasures, ranking, type RankedMeasure } from "../text/ranking.ts";
import { htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** What the numbers of a case say: a sentence that leads, the numbers side by side, and a sentence for each thing. */
export function answerSection(given: LoadGroup, headed: boolean): Html {
  const { lead, sentences } = headline(given);
  const said = [...sentences, ...validityNotes(given)].map(
    ({ topic, text }: HeadlineSentence) =>
      html`<dt>${topic}</dt>
        <dd>${text}</dd>`,
  );
  return html`${headed && html`<h3>${given.title}</h3>`}
    <p class="lead">${capital(lead)}</p>
    <p class="note">${given.description}</p>
    ${overview(given)}${said.length > 0 && html`<dl class="answer">${said}</dl>`}`;
}

function capital(sentence: string): string {
  return sentence.startsWith("nothing") || sentence.startsWith("no ")
    ? sentence[0]!.toUpperCase() + sentence.slice(1)
    : sentence;
}

/** Each transport's values of the measures, and what it takes against the first. */
function overview({ title: name, entries }: LoadGroup): Part {
  const known = Object.values<RankedMeasure>(rankedMeasures)
    .map((measure) => ({ measure, places: ranking(entries, measure) }))
    .filter(({ places }) => places.length > 0);
  if (known.length === 0) return undefined;
  const columns = known.map(({ measure, places }): HtmlColumn<TransportEntry> => {
    const first = leadersIn(places, measure);
    return {
      heading: html`${measure.heading}<small>${measure.unit}</small>`,
      value: (entry) => {
        const place = places.find((each) => each.entry === entry);
        if (!place) return undefined;
        const isFirst = places.length > 1 && first.includes(place);
        const ratio = isFirst ? (first.length > 1 ? "level" : "first") : relativeTo(place.value, places[0]!.value);
        return html`<span${isFirst && html` class="first"`}>${measure.format(place.value)}</span>${places.length > 1 && html`<small>${ratio}</small>`}`;
      },
    };
  });
  const first: HtmlColumn<TransportEntry> = { heading: "transport", value: ({ label }) => label };
  return html`<div class="answers">${htmlTable(`Against the first, ${name}`, [first, ...columns], entries)}</div>`;
}
