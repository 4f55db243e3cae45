import { noticedText } from "../../../results/text/fault-numbers.ts";
import { countOf } from "../../../results/text/lists.ts";
import { formatCount, formatNumber, textTable, wrapText, type TextColumn } from "../../../results/text/text-table.ts";
import { faultCases } from "./fault-rows.ts";
import type { FaultCell, FaultProof } from "./fault-cells.ts";

const whole = (value: number | undefined): string => formatNumber(value, 0);

const columns: TextColumn<FaultCell>[] = [
  { heading: "\ntransport", value: ({ transport }) => transport },
  { heading: "\nnoticed", number: true, value: noticedText },
  { heading: "detected\nms", number: true, value: ({ detect_p50_ms: ms }) => whole(ms) },
  { heading: "back\nms", number: true, value: ({ back_p50_ms: ms }) => whole(ms) },
  { heading: "gave\nup", number: true, value: ({ gave_up: count }) => formatCount(count) },
  { heading: "live\nms", number: true, value: ({ live_p50_ms: ms }) => whole(ms) },
  { heading: "\nmissed", number: true, value: ({ missed }) => formatCount(missed) },
  { heading: "\n%", number: true, value: ({ missed_percent: percent }) => formatNumber(percent, 1) },
  { heading: "storm\nper s", number: true, value: ({ storm_per_s: storm }) => formatCount(storm) },
];

/** The table of each fault, as text of at most 80 columns. */
export function faultProofText({ clients, cases }: FaultProof): string {
  if (cases.length === 0) return "No row counts yet.";
  const tables = cases.map(
    ({ name, fault, cells }) => `${wrapText(`${faultCases[name].title} (${fault}):`)}\n${textTable(columns, cells)}`,
  );
  const rows = cases.flatMap(({ cells }) => cells.map((cell) => cell.rows));
  const [least, most] = [Math.min(...rows), Math.max(...rows)];
  const count = least === most ? countOf(most, "row") : `${least} to ${countOf(most, "row")}`;
  const legend = [
    `${countOf(clients, "client")}; medians of ${count} of each transport.`,
    "detected: by the clients that noticed. back, live: from the end of the fault until in the room again, and until the first fresh message.",
    "missed: what never came, and its share of what was said meanwhile.",
  ];
  return [...tables, wrapText(legend.join(" "))].join("\n\n");
}
