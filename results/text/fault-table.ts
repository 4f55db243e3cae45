import { noticedText, type FaultNumbers } from "./fault-numbers.ts";
import { formatCount, formatMilliseconds, formatNumber, textTable, type TextColumn } from "./text-table.ts";

/** The numbers of a fault under a name. */
export interface NamedFault {
  name: string;
  numbers: FaultNumbers;
}

/** Milliseconds as seconds with about three digits, as milliseconds are of microseconds. */
const seconds = formatMilliseconds;

const columns: TextColumn<NamedFault>[] = [
  { heading: "fault\n", value: ({ name }) => name },
  { heading: "noticed\n", number: true, value: ({ numbers }) => noticedText(numbers) },
  { heading: "after\ns", number: true, value: ({ numbers }) => seconds(numbers.detect_p50_ms) },
  { heading: "back\np50", number: true, value: ({ numbers }) => seconds(numbers.back_p50_ms) },
  { heading: "s\np99", number: true, value: ({ numbers }) => seconds(numbers.back_p99_ms) },
  { heading: "gave\nup", number: true, value: ({ numbers }) => formatCount(numbers.gave_up) },
  { heading: "live\np50 s", number: true, value: ({ numbers }) => seconds(numbers.live_p50_ms) },
  { heading: "missed\n", number: true, value: ({ numbers }) => formatCount(numbers.missed) },
  { heading: "\n%", number: true, value: ({ numbers }) => formatNumber(numbers.missed_percent, 1) },
];

/** What a fault did to each transport, as a table of at most 80 columns. */
export function faultTable(faults: readonly NamedFault[]): string {
  return textTable(columns, faults);
}

/** The explanation of that table, in lines of at most 80 columns. */
export const faultLegend = [
  "noticed: affected clients that knew, and after how long. back: from the end of",
  "the fault until they were in their rooms again. live: from that end until the",
  "first message that was due after it. missed: what never came, and its share of",
  "what was said meanwhile.",
].join("\n");
