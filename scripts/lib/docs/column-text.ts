import { columns, columnsFor, type ColumnName } from "../../../results/model/columns.ts";
import { timelineColumns } from "../../../results/model/timeline.ts";
import { ruleAdvice, validityRules } from "../../../results/rows/validity-rules.ts";
import { searchColumns } from "../bench/search-results.ts";
import { bulletList } from "./markdown.ts";

/** The groups of measured columns, each by the first column that is in it. */
const measuredGroups = new Map<ColumnName, string>([
  ["connect_p50_ms", "Connecting"],
  ["warmup_s", "Messages and deliveries"],
  ["latency_min_us", "Latency"],
  ["wire_bytes_in", "Bytes"],
  ["server_cpu_us_per_delivery", "CPU and memory of the servers"],
  ["client_cpu_percent", "CPU and memory of the workers"],
  ["cpu_wait_percent", "The machine"],
  ["worker_processes", "Other"],
]);

function line(name: ColumnName): string {
  const column = columns[name];
  const arrow = "better" in column ? (column.better === "lower" ? " ↓" : " ↑") : "";
  return `\`${name}\`${arrow}: ${column.meaning}`;
}

function group(heading: string, introduction: string, names: readonly ColumnName[]): string {
  return [`### ${heading}`, ...(introduction ? [introduction] : []), bulletList(names.map(line))].join("\n\n");
}

function measured(): [heading: string, names: ColumnName[]][] {
  const groups: [string, ColumnName[]][] = [];
  for (const name of columnsFor("measured")) {
    const heading = measuredGroups.get(name);
    if (heading !== undefined) groups.push([heading, []]);
    groups.at(-1)![1].push(name);
  }
  return groups;
}

/** Every column of a result file, by group. */
export function columnsText(): string {
  return [
    group("Identity", "These tell rows apart. They are never compared.", columnsFor("identity")),
    group("Match", "Two rows are compared only if all of these are equal.", columnsFor("match")),
    group("Outcome", "These say whether to believe the row.", columnsFor("outcome")),
    ...measured().map(([heading, names]) => group(heading, "", names)),
  ].join("\n\n");
}

/** Every column of a `.timeline.csv`. */
export function timelineColumnsText(): string {
  return bulletList(Object.entries(timelineColumns).map(([name, { meaning }]) => `\`${name}\`: ${meaning}`));
}

/** Every column of a `.search.csv`. */
export function searchColumnsText(): string {
  return bulletList(Object.entries(searchColumns).map(([name, { meaning }]) => `\`${name}\`: ${meaning}`));
}

/** Every validity rule: its verdict, why it exists, and what to do. */
export function rulesText(): string {
  return bulletList(
    Object.entries(validityRules).map(([id, { verdict, meaning }]) => {
      const remedy = ruleAdvice(id, [])?.remedy;
      return `\`${id}\` (${verdict === "valid" ? "a note" : verdict}): ${meaning}${remedy ? ` Remedy: ${remedy}.` : ""}`;
    }),
  );
}
