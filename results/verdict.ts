import type { Row } from "./columns.ts";
import type { Measurement } from "./measurement.ts";

/** How far a row can be believed. Loss and saturation are results and do not count against it. */
export type Status = "valid" | "suspect" | "invalid";

/** Something that makes a row doubtful: when it does, and what to tell the reader to do about it. */
interface Rule {
  verdict: Exclude<Status, "valid">;
  applies(row: Row, measurement: Measurement): boolean;
  says(row: Row, measurement: Measurement): string;
}

const rules: Rule[] = [
  {
    verdict: "invalid",
    applies: ({ sent }, { planned }) => sent! < planned,
    says: ({ sent }, { planned }) =>
      `Only ${sent} of ${planned} planned messages were sent: lower --rate or give more --workers.`,
  },
  {
    verdict: "invalid",
    applies: (row) =>
      !isSorted([
        row.latency_min_us,
        row.latency_p50_us,
        row.latency_p90_us,
        row.latency_p99_us,
        row.latency_p999_us,
        row.latency_max_us,
      ]),
    says: () =>
      "The latency percentiles are out of order, which is a defect of the harness: please report it with the CSV.",
  },
  {
    // What the generator adds must be too small to change an answer: a tenth, or a millisecond where that is more.
    verdict: "suspect",
    applies: ({ latency_p99_us: latency = 0, service_p99_us: service = 0 }) =>
      latency - service > Math.max(0.1 * latency, 1000),
    says: ({ send_lag_p99_us }) =>
      `The generator was late (send lag p99 ${send_lag_p99_us} us) and that is in the latency: lower --rate or give more --workers.`,
  },
  {
    verdict: "suspect",
    applies: ({ limited_by }) => limited_by === "workers",
    says: () =>
      "A worker used its whole core, so its own queue is in the latency: give more --workers or fewer --clients.",
  },
];

/** The worst verdict of all rules that apply, with a sentence from each. */
export function judge(row: Row, measurement: Measurement): { status: Status; reasons: string[] } {
  const found = rules.filter((rule) => rule.applies(row, measurement));
  const status = found.some(({ verdict }) => verdict === "invalid")
    ? "invalid"
    : found.length > 0
      ? "suspect"
      : "valid";
  return { status, reasons: found.map((rule) => rule.says(row, measurement)) };
}

function isSorted(values: readonly (number | undefined)[]): boolean {
  const known = values.filter((value) => value !== undefined);
  return known.every((value, i) => i === 0 || known[i - 1]! <= value);
}
