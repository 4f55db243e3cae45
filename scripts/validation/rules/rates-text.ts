import { formatNumber, textTable, wrapText, type TextColumn } from "../../../results/text/text-table.ts";
import { injections } from "./disturbances.ts";
import {
  detectedSize,
  type FalseAlarms,
  type InjectionRates,
  type MovedColumn,
  type RuleRates,
} from "./error-rates.ts";

/** The rates of all rules as text of at most 80 columns. */
export function ratesText({ undisturbed, falseAlarms, injections: ofInjections }: RuleRates): string {
  return [validText(undisturbed), alarmsText(falseAlarms), injectionsText(ofInjections)].join("\n\n");
}

const percent = (share: number | undefined): string => (share === undefined ? "-" : formatNumber(100 * share, 1));

function validText(cells: RuleRates["undisturbed"]): string {
  const [valid, rows] = [
    cells.reduce((sum, each) => sum + each.valid, 0),
    cells.reduce((sum, each) => sum + each.rows, 0),
  ];
  const columns: TextColumn<(typeof cells)[number]>[] = [
    { heading: "undisturbed", value: ({ cell }) => cell },
    { heading: "rows", number: true, value: (each) => String(each.rows) },
    { heading: "valid", number: true, value: (each) => String(each.valid) },
  ];
  return `${textTable(columns, cells)}\nUndisturbed rows that are valid: ${valid} of ${rows}.`;
}

function alarmsText(alarms: readonly FalseAlarms[]): string {
  const columns: TextColumn<FalseAlarms>[] = [
    { heading: "rule", value: ({ rule }) => rule },
    { heading: "false alarms", number: true, value: ({ flagged, rows }) => `${flagged} of ${rows}` },
    {
      heading: "95 % interval",
      number: true,
      value: ({ interval }) => (interval ? `${percent(interval.low)}..${percent(interval.high)} %` : "-"),
    },
  ];
  return textTable(columns, alarms);
}

function injectionsText(rates: readonly InjectionRates[]): string {
  const change =
    (name: MovedColumn) =>
    ({ changes }: InjectionRates): string =>
      changes[name] === undefined ? "-" : `${changes[name] < 0 ? "" : "+"}${percent(changes[name])} %`;
  const columns: TextColumn<InjectionRates>[] = [
    { heading: "disturbance", value: ({ injection }) => injection },
    { heading: "size", number: true, value: ({ injection, size }) => `${size} ${injections[injection]!.unit}` },
    { heading: "p50", number: true, value: change("latency_p50_us") },
    { heading: "p99", number: true, value: change("latency_p99_us") },
    { heading: "CPU/dlv", number: true, value: change("server_cpu_us_per_delivery") },
    { heading: "found", number: true, value: ({ found }) => String(found) },
    { heading: "flagged", number: true, value: ({ flagged, rows }) => `${flagged} of ${rows}` },
  ];
  const moving = rates.filter(({ moves }) => moves);
  const sum = (of: (each: InjectionRates) => number): number => moving.reduce((total, each) => total + of(each), 0);
  return [
    textTable(columns, rates),
    "found: by a rule that is for this disturbance. flagged: by any rule.",
    wrapText(
      `Of the sizes that move p50, p99 or CPU by a tenth, and not by chance, ${sum(({ flagged }) => flagged)} of ` +
        `${sum(({ rows }) => rows)} rows are flagged.`,
    ),
    ...Object.keys(injections).map((id) => wrapText(injectionSentence(rates, id))),
  ].join("\n");
}

/** `cpu-hog: another program uses this share of a core. Found by cpu-contention from 50 % on in 95 of 100 rows.` */
function injectionSentence(rates: readonly InjectionRates[], id: string): string {
  const { title, rules, unit } = injections[id]!;
  const size = detectedSize(rates, id);
  const found = size === undefined ? "No size was found" : `Found from ${size} ${unit} on`;
  return `${id}: ${title}. ${found} in 95 of 100 rows, by ${rules.join(" or ")}.`;
}
