import type { Row } from "../model/columns.ts";
import { formatCount, formatNumber } from "./text-table.ts";

/** The columns of a fault, of a row or of a summary of repeats. */
export type FaultNumbers = Pick<
  Row,
  | "affected"
  | "noticed"
  | "detect_p50_ms"
  | "back_p50_ms"
  | "back_p99_ms"
  | "gave_up"
  | "live_p50_ms"
  | "missed"
  | "missed_percent"
>;

/** Of the affected clients, the ones that knew: `48/50`. */
export function noticedText({ noticed, affected }: FaultNumbers): string {
  return `${formatCount(noticed)}/${formatCount(affected)}`;
}

/** Missed deliveries with their share where there are any: `1,556 (99.7 %)`. */
export function missedText({ missed, missed_percent: percent }: FaultNumbers): string {
  const share = missed && percent !== undefined ? ` (${formatNumber(percent, 1)} %)` : "";
  return `${formatCount(missed)}${share}`;
}

/** What a person wants to know of one trial with a fault, in one line. */
export function faultLine(row: FaultNumbers): string {
  const { back_p50_ms: back, live_p50_ms: live, gave_up: gaveUp } = row;
  return [
    `${noticedText(row)} noticed`,
    back !== undefined && `back p50 ${formatNumber(back, 0)} ms`,
    Boolean(gaveUp) && `${formatCount(gaveUp)} never back`,
    live !== undefined && `live p50 ${formatNumber(live, 0)} ms`,
    `missed ${missedText(row)}`,
  ]
    .filter((part) => typeof part === "string")
    .join(" · ");
}
