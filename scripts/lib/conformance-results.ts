import { hangingIndent } from "../../results/text/text-table.ts";
import type { Check } from "../../scenarios/conformance/check.ts";
import { checkGroups } from "../../scenarios/conformance/checks.ts";
import type { TimedResult } from "../../scenarios/conformance/early-stop.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import { commaList } from "./cli.ts";

/** The results of one transport. */
export interface TransportResults {
  transport: string;
  results: readonly TimedResult[];
  /** Number of its checks that were not run. */
  notRun: number;
  /** Why the run stopped early, as a clause. */
  stopReason?: string;
}

const labels: Record<TimedResult["outcome"], string> = {
  passed: "  passed   ",
  failed: "  FAILED   ",
  skipped: "  skipped  ",
};

/**
 * The checks that `--only` names, all without it. It holds comma-separated ids, or parts of ids: a part selects every
 * check whose id contains it. Throws a UserError if a part selects nothing.
 */
export function selectChecks(checks: readonly Check[], only: string | undefined, transport: string): readonly Check[] {
  if (only === undefined) return checks;
  const selected = new Set<string>();
  for (const part of commaList(only)) {
    const exact = checks.filter(({ id }) => id === part);
    const matches = exact.length > 0 ? exact : checks.filter(({ id }) => id.includes(part));
    if (matches.length === 0)
      throw new UserError(`No check of ${transport} has an id that contains "${part}". --list prints the ids.`);
    for (const { id } of matches) selected.add(id);
  }
  return checks.filter(({ id }) => selected.has(id));
}

/** Width of the column of ids: that of the longest, and two spaces. */
const idWidth = 23;

/** Id and description of every check, under the headings of the suite. */
export function checkListText(): string {
  const groups = Object.entries(checkGroups).map(([heading, checks]) => {
    const lines = checks.map(({ id, description }) => hangingIndent(`  ${id.padEnd(idWidth)}`, description));
    return `${heading}:\n${lines.join("\n")}\n`;
  });
  return groups.join("\n");
}

/** One result, with its reason on lines of their own. A reason equal to `firstReason` is not repeated. */
export function resultText({ outcome, reason }: TimedResult, check: Check, firstReason: string | undefined): string {
  const label = labels[outcome];
  const line = hangingIndent(label, `${check.id}: ${check.description}`);
  if (reason === undefined) return line;
  const text = reason === firstReason ? "as for the first check" : reason;
  return `${line}\n${hangingIndent(" ".repeat(label.length), `Reason: ${text}`)}`;
}

export function stopText(reason: string): string {
  const remedy = "--keep-going runs the other checks anyway, --only ID runs one.";
  return `\n${hangingIndent("", `Stopped because ${reason}. ${remedy}`)}`;
}

/** The last line of a transport: how many checks had each outcome. */
export function summaryText({ transport, results, notRun }: TransportResults): string {
  const { passed, failed, skipped } = countOutcomes(results);
  const rest = notRun > 0 ? `, ${notRun} not run` : "";
  return `${transport}: ${passed} passed, ${failed} failed, ${skipped} skipped${rest}.`;
}

export function countOutcomes(results: readonly TimedResult[]): Record<TimedResult["outcome"], number> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

/** The document of `--format json`: per transport the counts, and the results with the milliseconds of each check. */
export function resultsJson(all: readonly TransportResults[]): string {
  const descriptions = new Map(
    Object.values(checkGroups).flatMap((checks) => checks.map((each) => [each.id, each.description])),
  );
  const document = all.map(({ transport, results, notRun, stopReason }) => ({
    transport,
    ...countOutcomes(results),
    notRun,
    ...(stopReason !== undefined && { stopReason }),
    checks: results.map(({ id, outcome, reason, ms }) => ({
      id,
      description: descriptions.get(id),
      outcome,
      ...(reason !== undefined && { reason }),
      ms: Math.round(ms),
    })),
  }));
  return JSON.stringify(document, undefined, 2);
}
