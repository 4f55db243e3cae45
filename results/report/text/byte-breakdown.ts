import type { Row } from "../../model/columns.ts";
import { median } from "../../statistics/median.ts";

/** What the bytes of one delivery are: in all, those on the wire divided by the deliveries. What is undefined was not measured. */
export interface ByteParts {
  payload: number;
  /** Everything but the payload, empty polls included. */
  overhead: number;
  /** That of it which frames a message on a connection that stays; undefined where there are headers. */
  framing: number | undefined;
  /** That of it which is headers and what puts messages into a body; undefined where nobody asks. */
  headers: number | undefined;
  /** That of it which asked for messages when there were none; undefined where nobody asks, or the file is older than the column. */
  empty: number | undefined;
  /** What sending the message took, payload and overhead, spread over its deliveries. */
  sends: number | undefined;
  tcpIp: number | undefined;
}

/** The parts of a row's bytes; undefined where it has no deliveries or their bytes were not counted. */
export function byteParts(row: Row): ByteParts | undefined {
  const { payload_bytes: payload, overhead_bytes_per_delivery: overhead, overhead_bytes_per_send: perSend } = row;
  if (payload === undefined || overhead === undefined) return undefined;
  const { payload_bytes_in: into, payload_bytes_out: out, tcp_ip_bytes_per_delivery: tcpIp } = row;
  const sends = perSend !== undefined && into !== undefined && out ? ((payload + perSend) * into) / out : undefined;
  const { polls_answered, empty_poll_bytes_per_delivery: empty } = row;
  const split = polls_answered === undefined ? { framing: overhead } : { headers: overhead - (empty ?? 0) };
  return { payload, overhead, framing: undefined, headers: undefined, empty, ...split, sends, tcpIp };
}

/** Of several repeats each part is its median. */
export function medianByteParts(rows: readonly Row[]): ByteParts | undefined {
  const all = rows.map(byteParts).filter((parts) => parts !== undefined);
  const middle = (of: keyof ByteParts): number | undefined =>
    median(all.map((parts) => parts[of]).filter((value) => value !== undefined));
  const [payload, overhead] = [middle("payload"), middle("overhead")];
  if (payload === undefined || overhead === undefined) return undefined;
  const split = { framing: middle("framing"), headers: middle("headers"), empty: middle("empty") };
  return { payload, overhead, ...split, sends: middle("sends"), tcpIp: middle("tcpIp") };
}

/** All that is known of a delivery's bytes. */
export function totalBytes({ payload, overhead, sends = 0, tcpIp = 0 }: ByteParts): number {
  return payload + overhead + sends + tcpIp;
}
