import { headline } from "../text/headline.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { validityNotes } from "../text/validity-notes.ts";
import { html, type Html, type Part } from "../markup/html.ts";
import { relativeTo, leadersIn, rankedMeasures, ranking, type RankedMeasure } from "../text/ranking.ts";
import { definitionList, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** Findings of one load: the leading sentence, a table of all transports, and one sentence per topic. */
export function overviewSection(group: LoadGroup): Html {
  const { lead, sentences } = headline(group);
  const findings = [...sentences, ...validityNotes(group)].map(({ topic, text }) => ({ term: topic, text }));
  return html`<p class="lead">${lead}</p>
    <p class="note">${group.description}</p>
    ${comparisonTable(group)}${definitionList(findings)}`;
}

/** Values of each transport in each measure, and their difference from the best. */
function comparisonTable({ title, entries }: LoadGroup): Part {
  const known = Object.values<RankedMeasure>(rankedMeasures)
    .map((measure) => ({ measure, ranks: ranking(entries, measure) }))
    .filter(({ ranks }) => ranks.length > 0);
  if (known.length === 0) return undefined;
  const columns = known.map(({ measure, ranks }): HtmlColumn<TransportEntry> => {
    const leaders = leadersIn(ranks, measure);
    return {
      heading: html`${measure.heading}<small>${measure.unit}</small>`,
      value: (entry) => {
        const rank = ranks.find((each) => each.entry === entry);
        if (!rank) return undefined;
        if (ranks.length === 1) return measure.format(rank.value);
        const leads = leaders.includes(rank);
        const remark = leads ? (leaders.length > 1 ? "tied" : "first") : relativeTo(rank.value, ranks[0]!.value);
        return html`<span${leads && html` class="first"`}>${measure.format(rank.value)}</span><small>${remark}</small>`;
      },
    };
  });
  const names: HtmlColumn<TransportEntry> = { heading: "transport", value: ({ label }) => label };
  const caption = entries.length > 1 ? `Transports compared with the best, ${title}` : `Results, ${title}`;
  return html`<div class="overview">${htmlTable(caption, [names, ...columns], entries)}</div>`;
}
