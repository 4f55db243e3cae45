import type { ByteCounts } from "../../scenarios/contract.ts";
import type { ExchangeShape, HttpFormula } from "./http1-formula.ts";
import { headerBlockSizes, type HeaderField } from "./hpack.ts";
import type { ByteContext } from "./formula.ts";

/** Header bytes of a frame (RFC 9113, section 4.1). */
const frameHeaderBytes = 9;
/** Largest content of a frame unless the peers agree on more (section 4.2). */
const maxFrameBytes = 16_384;

/** Bytes of the DATA frames that carry a body (section 6.1). */
function dataBytes(bytes: number): number {
  return bytes + frameHeaderBytes * Math.ceil(bytes / maxFrameBytes);
}

/**
 * First frames of either side: SETTINGS with two values (6 bytes each), WINDOW_UPDATE, and the acknowledgement of the
 * peer's SETTINGS.
 */
const settingsBytes = frameHeaderBytes + 2 * 6 + frameHeaderBytes + 4 + frameHeaderBytes;
const prefaceBytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;

/**
 * Sizes of the exchanges on one connection, in order. Each depends on the header fields that the connection carried
 * before.
 */
function openHeaderState(): (exchange: ExchangeShape, context: ByteContext) => ByteCounts {
  const [requestBlock, responseBlock] = [headerBlockSizes(), headerBlockSizes()];
  return function exchangeBytes({ method, path, headers, bodyBytes, response }, { address: { host, port }, date }) {
    const request: HeaderField[] = [
      [":path", path],
      [":method", method],
      [":authority", `${host}:${port}`],
    ];
    const bytesIn =
      frameHeaderBytes + requestBlock([...request, [":scheme", "http"], ...headers]) + dataBytes(bodyBytes);
    if (!response) return { in: bytesIn, out: 0 };
    const headerBytes = responseBlock([[":status", String(response.status)], ...response.headers, ["date", date]]);
    const { bodyBytes: responseBytes } = response;
    return {
      in: bytesIn,
      out: frameHeaderBytes + headerBytes + (responseBytes === "streamed" ? 0 : dataBytes(responseBytes)),
    };
  };
}

/**
 * HTTP/2 frame by frame, with headers in HPACK, all on one duplex connection. A repeated exchange is measured in the
 * second of the first one: a new date in its response takes about 23 bytes more, depending on the digits.
 */
export const http2Formula: HttpFormula = {
  firstExchanges(exchanges, context) {
    const exchangeBytes = openHeaderState();
    const duplex = { in: prefaceBytes + settingsBytes, out: settingsBytes };
    for (const exchange of exchanges) {
      const bytes = exchangeBytes(exchange, context);
      duplex.in += bytes.in;
      duplex.out += bytes.out;
    }
    return { duplex };
  },
  repeatedExchange(exchange, context) {
    const exchangeBytes = openHeaderState();
    exchangeBytes(exchange, context);
    return { duplex: exchangeBytes(exchange, context) };
  },
  bodyPiece: (bytes) => ({ duplex: { in: 0, out: dataBytes(bytes) } }),
};
