import type { Row } from "../../model/columns.ts";
import { windowDeliveries } from "../../rows/window-deliveries.ts";
import { median } from "../../statistics/median.ts";

/**
 * Bytes of one delivery by purpose: bytes on the wire divided by the number of deliveries. Undefined means not
 * measured.
 */
export interface ByteParts {
  payload: number;
  /** Everything but the payload, with empty polls. */
  overhead: number;
  /** The part of the overhead that frames messages on a permanent connection; undefined for a polling transport. */
  framing: number | undefined;
  /**
   * The part of the overhead that is HTTP headers and the format of the body; undefined for a transport that does not
   * poll.
   */
  headers: number | undefined;
  /**
   * The part of the overhead of polls that carried no message; undefined without polls, and in files older than the
   * column.
   */
  emptyPolls: number | undefined;
  /** Payload and overhead of sending the message, divided by its deliveries. */
  sends: number | undefined;
  tcpIp: number | undefined;
}

/** Byte parts of a row; undefined where it has no deliveries or their bytes were not counted. */
export function byteParts(row: Row): ByteParts | undefined {
  const { payload_bytes: size, overhead_bytes_per_delivery: overhead, overhead_bytes_per_send: perSend } = row;
  if (size === undefined || overhead === undefined) return undefined;
  const { payload_bytes_in: bytesIn, payload_bytes_out: bytesOut, tcp_ip_bytes_per_delivery: tcpIp } = row;
  const deliveries = windowDeliveries(row);
  const payload = deliveries === undefined ? size : bytesOut! / deliveries;
  const sends =
    perSend !== undefined && bytesIn !== undefined && deliveries !== undefined
      ? ((size + perSend) * (bytesIn / size)) / deliveries
      : undefined;
  const { polls_answered: polls, empty_poll_bytes_per_delivery: emptyPolls } = row;
  const split = polls === undefined ? { framing: overhead } : { headers: overhead - (emptyPolls ?? 0) };
  return { payload, overhead, framing: undefined, headers: undefined, emptyPolls, ...split, sends, tcpIp };
}

/** Median of each byte part over several repeats. */
export function medianByteParts(rows: readonly Row[]): ByteParts | undefined {
  const all = rows.map(byteParts).filter((parts) => parts !== undefined);
  const medianOf = (part: keyof ByteParts): number | undefined =>
    median(all.map((parts) => parts[part]).filter((value) => value !== undefined));
  const [payload, overhead] = [medianOf("payload"), medianOf("overhead")];
  if (payload === undefined || overhead === undefined) return undefined;
  const split = { framing: medianOf("framing"), headers: medianOf("headers"), emptyPolls: medianOf("emptyPolls") };
  return { payload, overhead, ...split, sends: medianOf("sends"), tcpIp: medianOf("tcpIp") };
}

/** Sum of all byte parts that are known. */
export function totalBytes({ payload, overhead, sends = 0, tcpIp = 0 }: ByteParts): number {
  return payload + overhead + sends + tcpIp;
}
