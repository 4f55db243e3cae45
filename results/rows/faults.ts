import type { Row } from "../model/columns.ts";

/** True for a row in whose window something broke. */
export function hasFault({ fault = "none" }: Pick<Row, "fault">): boolean {
  return fault !== "none";
}
