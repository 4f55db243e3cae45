import type { Row } from "../columns.ts";
import { median } from "../median.ts";

/** What the bytes of one delivery are: in all, those on the wire divided by the deliveries. What is undefined was not measured. */
export interface Parts {
  payload: number;
  /** Framing or headers, empty polls included: the columns do not tell these apart. */
  overhead: number;
  /** What sending the message took, payload and overhead, spread over its deliveries. */
  sends: number | undefined;
  tcpIp: number | undefined;
}

/** The parts of a row's bytes; undefined where it has no deliveries or their bytes were not counted. */
export function partsOf(row: Row): Parts | undefined {
  const { payload_bytes: payload, overhead_bytes_per_delivery: overhead, overhead_bytes_per_send: perSend } = row;
  if (payload === undefined || overhead === undefined) return undefined;
  const { payload_bytes_in: into, payload_bytes_out: out, tcp_ip_bytes_per_delivery: tcpIp } = row;
  const sends = perSend !== undefined && into !== undefined && out ? ((payload + perSend) * into) / out : undefined;
  return { payload, overhead, sends, tcpIp };
}

/** Of several repeats each part is its median. */
export function medianParts(rows: readonly Row[]): Parts | undefined {
  const all = rows.map(partsOf).filter((parts) => parts !== undefined);
  const middle = (of: (parts: Parts) => number | undefined): number | undefined =>
    median(all.map(of).filter((value) => value !== undefined));
  const [payload, overhead] = [middle((parts) => parts.payload), middle((parts) => parts.overhead)];
  if (payload === undefined || overhead === undefined) return undefined;
  return { payload, overhead, sends: middle((parts) => parts.sends), tcpIp: middle((parts) => parts.tcpIp) };
}

/** All that is known of a delivery's bytes. */
export function totalOf({ payload, overhead, sends = 0, tcpIp = 0 }: Parts): number {
  return payload + overhead + sends + tcpIp;
}
