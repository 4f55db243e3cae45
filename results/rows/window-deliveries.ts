import type { Row } from "../model/columns.ts";

/** An answer may have another length than its message, where it is matched by its order. */
const equalShare = 0.05;

/**
 * Deliveries in the window of a row, by the bytes of their payloads. Where these have another length than what was sent,
 * the deliveries of the messages that were due in the window. Undefined where the bytes were not counted.
 */
export function windowDeliveries({
  payload_bytes: size,
  payload_bytes_out: bytes,
  delivered,
}: Row): number | undefined {
  if (!size || !bytes) return undefined;
  const ofEqualLength = bytes / size;
  return delivered && Math.abs(ofEqualLength / delivered - 1) > equalShare ? delivered : ofEqualLength;
}
