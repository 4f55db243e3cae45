import { readWarningTexts } from "../../files/read-warnings.ts";
import type { RunRecord } from "../../files/run-record.ts";
import type { ReportSource } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { foldedSection, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

type Values = Record<string, unknown>;

/**
 * Command and environment of a run, the settings of its trials, and the options of its transports. Without a record of
 * the run only the warning about that.
 */
export function settingsSection({ record, warnings, name }: ReportSource): Html {
  const remarks = readWarningTexts(warnings).map((warning) => html`<p class="note">${warning}</p>`);
  if (!record) return html`${remarks}`;
  const { environment, command, options, trials } = record;
  const { libraries, harness, ...machine } = environment;
  const commit = `${harness.commit ?? "unknown"}${harness.changed ? ", with local changes" : ""}`;
  return html`${remarks}
    <p>Command:</p>
    <pre tabindex="0"><code>npm run bench -- ${command.map(shellQuoted).join(" ")}</code></pre>
    <div class="facts">
      ${valueTable(`Environment of ${name}`, { harness: harness.version, commit, ...machine })}
      ${perTransport(`Settings of ${name}`, "setting", trialSettings(trials))}
      ${perTransport(`Transport options of ${name}`, "option", options)}
    </div>
    ${foldedSection("Library versions", valueTable(`Libraries of ${name}`, libraries))}`;
}

/** Settings of each transport's trials. Where repeats differ, as in their seeds, a setting has all values. */
function trialSettings(trials: RunRecord["trials"]): Record<string, Values> {
  const found: Record<string, Record<string, Set<string>>> = {};
  for (const { transport, settings } of trials)
    for (const [name, value] of Object.entries(settings))
      ((found[transport] ??= {})[name] ??= new Set()).add(textOf(value));
  return Object.fromEntries(
    Object.entries(found).map(([transport, settings]) => [
      transport,
      Object.fromEntries(Object.entries(settings).map(([name, values]) => [name, [...values]])),
    ]),
  );
}

/** Values that are equal for all transports in one table, the others in a table with a column for each transport. */
function perTransport(caption: string, heading: string, all: Record<string, Values>): Html {
  const names = [...new Set(Object.values(all).flatMap((each) => Object.keys(each)))];
  const texts = (name: string): string[] => Object.values(all).map((each) => textOf(each[name]));
  const differing = names.filter((name) => new Set(texts(name)).size > 1);
  const equal = Object.fromEntries(
    names.filter((name) => !differing.includes(name)).map((name) => [name, texts(name)[0]]),
  );
  const columns: HtmlColumn<string>[] = [
    { heading, value: (name) => name },
    ...Object.entries(all).map(([transport, each]) => ({
      heading: transport,
      value: (name: string) => textOf(each[name]),
    })),
  ];
  return html`${valueTable(`${caption}${differing.length > 0 ? ", equal for all transports" : ""}`, equal)}
  ${differing.length > 0 && htmlTable(`${caption}, different by transport`, columns, differing)}`;
}

function valueTable(caption: string, values: Values): Html {
  return htmlTable(
    caption,
    [
      { heading: "name", value: ([name]) => name },
      { heading: "value", text: true, value: ([, value]) => textOf(value) },
    ],
    Object.entries(values),
  );
}

/** A network and a threshold are shown as their text. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return "unknown";
  if (Array.isArray(value) && value.length > 8)
    return `${textOf(value[0])} ... ${textOf(value.at(-1))} (${value.length})`;
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value === "object" && "text" in value && typeof value.text === "string") return value.text;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** An argument as a POSIX shell accepts it. */
function shellQuoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
