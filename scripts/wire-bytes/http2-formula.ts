import type { ByteCounts } from "../../scenarios/contract.ts";
import type { ExchangeShape, VersionFormula } from "./http1-formula.ts";
import { headerBlocks, type HeaderField } from "./hpack.ts";
import type { ByteContext } from "./formula.ts";

/** A frame's header, and the most that a frame carries unless more is agreed (RFC 9113, sections 4.1 and 4.2). */
const frameBytes = 9;
const maxBytes = 16_384;

/** Bytes of the DATA frames that carry so much (section 6.1). */
function dataBytes(bytes: number): number {
  return bytes + frameBytes * Math.ceil(bytes / maxBytes);
}

/** SETTINGS with two values (6 bytes each), a larger window for the connection, and the acknowledgement of the other's SETTINGS. */
const greetingBytes = frameBytes + 2 * 6 + frameBytes + 4 + frameBytes;
const prefaceBytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;

/** What has been said on a connection, in either direction. */
function connection() {
  const [requests, answers] = [headerBlocks(), headerBlocks()];
  return function weigh(
    { method, path, headers, bodyBytes, answer }: ExchangeShape,
    { address: { host, port }, date }: ByteContext,
  ): ByteCounts {
    const request: HeaderField[] = [
      [":path", path],
      [":method", method],
      [":authority", `${host}:${port}`],
    ];
    const bytesIn = frameBytes + requests([...request, [":scheme", "http"], ...headers]) + dataBytes(bodyBytes);
    if (!answer) return { in: bytesIn, out: 0 };
    const answered = answers([[":status", String(answer.status)], ...answer.headers, ["date", date]]);
    const { bodyBytes: answerBytes } = answer;
    return { in: bytesIn, out: frameBytes + answered + (answerBytes === "flows" ? 0 : dataBytes(answerBytes)) };
  };
}

/**
 * HTTP/2 frame by frame, headers in HPACK, all on one duplex connection. What is weighed again is weighed in a second in which another answer
 * had that date: a new date takes 23 bytes more, or so, by its digits.
 */
export const http2Formula: VersionFormula = {
  first(exchanges, place) {
    const weigh = connection();
    const duplex = { in: prefaceBytes + greetingBytes, out: greetingBytes };
    for (const exchange of exchanges) {
      const bytes = weigh(exchange, place);
      duplex.in += bytes.in;
      duplex.out += bytes.out;
    }
    return { duplex };
  },
  again(exchange, place) {
    const weigh = connection();
    weigh(exchange, place);
    return { duplex: weigh(exchange, place) };
  },
  piece: (bytes) => ({ duplex: { in: 0, out: dataBytes(bytes) } }),
};
