import { readWarningTexts } from "../../files/read-warnings.ts";
import type { RunRecord } from "../../files/run-record.ts";
import type { ReportSource } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { foldedSection, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

type Facts = Record<string, unknown>;

/** The command that made a file, where it ran, and every setting as it was resolved. */
export function settingsSection({ record, warnings, name }: ReportSource): Html {
  const remarks = readWarningTexts(warnings).map((warning) => html`<p class="note">${warning}</p>`);
  if (!record)
    return html`${remarks}
      <p class="note">Without that record neither the machine nor the settings are known.</p>`;
  const { environment, command, options, trials } = record;
  const { libraries, harness, ...place } = environment;
  return html`${remarks}
    <p>Made by:</p>
    <pre tabindex="0"><code>npm run bench -- ${command.map(quoted).join(" ")}</code></pre>
    <div class="facts">
      ${facts(`The place of ${name}`, { harness: harness.version, commit: `${harness.commit ?? "unknown"}${harness.changed ? ", with changes" : ""}`, ...place })}
      ${sides(`Settings of the trials of ${name}`, "setting", byTransport(trials))}
      ${sides(`Options of the transports of ${name}`, "option", options)}
    </div>
    ${foldedSection("Versions of the libraries", facts(`Libraries of ${name}`, libraries))}`;
}

/** Each setting of a transport's trials; where they differ, as the seeds of repeats do, all its values. */
function byTransport(trials: RunRecord["trials"]): Record<string, Facts> {
  const found: Record<string, Record<string, Set<string>>> = {};
  for (const { transport, settings: each } of trials)
    for (const [name, value] of Object.entries(each))
      ((found[transport] ??= {})[name] ??= new Set()).add(textOf(value));
  return Object.fromEntries(
    Object.entries(found).map(([transport, each]) => [
      transport,
      Object.fromEntries(Object.entries(each).map(([name, values]) => [name, [...values]])),
    ]),
  );
}

/** What all transports share in one column, and the others' in a table with a column for each. */
function sides(caption: string, heading: string, all: Record<string, Facts>): Html {
  const names = [...new Set(Object.values(all).flatMap((each) => Object.keys(each)))];
  const values = (name: string): string[] => Object.values(all).map((each) => textOf(each[name]));
  const differing = names.filter((name) => new Set(values(name)).size > 1);
  const shared = Object.fromEntries(
    names.filter((name) => !differing.includes(name)).map((name) => [name, values(name)[0]]),
  );
  const columns: HtmlColumn<string>[] = [
    { heading, value: (name) => name },
    ...Object.entries(all).map(([transport, each]) => ({
      heading: transport,
      value: (name: string) => textOf(each[name]),
    })),
  ];
  return html`${facts(`${caption}${differing.length > 0 ? ", equal for all" : ""}`, shared)}
  ${differing.length > 0 && htmlTable(`${caption}, where they differ`, columns, differing)}`;
}

function facts(caption: string, all: Facts): Html {
  return htmlTable(
    caption,
    [
      { heading: "name", value: ([name]) => name },
      { heading: "value", text: true, value: ([, value]) => textOf(value) },
    ],
    Object.entries(all),
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "not known";
  if (Array.isArray(value) && value.length > 8)
    return `${textOf(value[0])} ... ${textOf(value.at(-1))} (${value.length})`;
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
