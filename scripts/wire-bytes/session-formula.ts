import { emptyPollCost, sumCosts, type ExchangeShape, type HttpFormula } from "./http1-formula.ts";
import { jsonTextBytes } from "./frame-sizes.ts";
import type { HeaderField } from "./hpack.ts";
import type { ByteCost, WireFormula, ByteContext } from "./formula.ts";

/*
 * Cost of the session protocol (servers/lib/http/session-routes.ts), by polls and by streams, in any version of HTTP.
 */

/** Session id of the right length: 16 letters, to each of which HPACK gives six bits. */
const sessionId = "b".repeat(16);

const plainText: HeaderField = ["content-type", "text/plain; charset=utf-8"];

const joinExchange = (path: string): ExchangeShape => ({
  role: "up",
  method: "POST",
  path,
  headers: [],
  bodyBytes: 0,
  response: { status: 201, headers: [plainText], bodyBytes: sessionId.length },
});

const sendExchange = (path: string, payload: Buffer, text: boolean): ExchangeShape => ({
  role: "up",
  method: "POST",
  path: `${path}/${sessionId}`,
  headers: [["content-type", text ? "text/plain;charset=UTF-8" : "application/octet-stream"]],
  bodyBytes: payload.length,
  response: { status: 204, headers: [], bodyBytes: 0 },
});

/** A poll without its response. `cursor` is the number of messages that the client has received. */
const pollRequest = (cursor: number): ExchangeShape => ({
  role: "down",
  method: "GET",
  path: `/poll/${sessionId}?after=${String(cursor).padStart(10, "0")}`,
  headers: [],
  bodyBytes: 0,
});

const emptyResponse = { status: 204, headers: [], bodyBytes: 0 } as const;

/**
 * Short polling, or long polling where the server `holds` a poll until there is a message. A delivery by short polling
 * is one exchange; by long polling it is the response to the held poll and the request of the next one. The body is a
 * JSON array of one string, or one record of 4 + P bytes.
 */
export function pollingFormula(http: HttpFormula, holds: boolean): WireFormula {
  const poll = (context: ByteContext, cursor: number, response: ExchangeShape["response"]) => ({
    ...http.repeatedExchange({ ...pollRequest(cursor), ...(response && { response }) }, context),
    polls: 1,
  });
  function emptyPoll(context: ByteContext): ByteCost {
    const cost = poll(context, context.received, emptyResponse);
    return cost.down ? { ...cost, ...emptyPollCost(cost.down) } : cost;
  }
  return {
    setUp: (context) => http.firstExchanges([joinExchange("/poll"), ...(holds ? [pollRequest(0)] : [])], context),
    send: (payload, text, context) => http.repeatedExchange(sendExchange("/poll", payload, text), context),
    delivery(payload, text, context) {
      const bodyBytes = text ? "[]".length + jsonTextBytes(payload.toString()) : 4 + payload.length;
      const type: HeaderField = ["content-type", text ? "application/json; charset=utf-8" : "application/vnd.records"];
      const cursor = holds ? context.received : context.received - 1;
      return poll(context, cursor, { status: 200, headers: [type], bodyBytes });
    },
    backgroundTraffic: (context) => [emptyPoll(context)],
    idle: { name: "empty poll", cost: emptyPoll },
  };
}

/** Sizes of the parts of one stream format. */
interface StreamSizes {
  path: string;
  type: string;
  openingBytes(context: ByteContext): number;
  messageBytes(payload: Buffer, text: boolean): number;
  heartbeatBytes: number;
}

/** Streaming: a delivery is one piece of a response body that does not end. */
export function streamingFormula(http: HttpFormula, sizes: StreamSizes): WireFormula {
  const { path, type, openingBytes, messageBytes, heartbeatBytes } = sizes;
  const streamExchange: ExchangeShape = {
    role: "down",
    method: "GET",
    path: `${path}/${sessionId}`,
    headers: [["accept", type]],
    bodyBytes: 0,
    response: {
      status: 200,
      headers: [
        ["content-type", type],
        ["cache-control", "no-store"],
      ],
      bodyBytes: "streamed",
    },
  };
  return {
    setUp(context) {
      const bytes = openingBytes(context);
      const exchanges = http.firstExchanges([joinExchange(path), streamExchange], context);
      return sumCosts([exchanges, bytes > 0 ? http.bodyPiece(bytes) : {}]);
    },
    send: (payload, text, context) => http.repeatedExchange(sendExchange(path, payload, text), context),
    delivery: (payload, text) => http.bodyPiece(messageBytes(payload, text)),
    idle: { name: "heartbeat", cost: () => http.bodyPiece(heartbeatBytes) },
  };
}

const base64Bytes = (payload: Buffer): number => 4 * Math.ceil(payload.length / 3);

/**
 * Server-sent events (HTML standard, section 9.2). `data: X` and two line ends take 8 bytes, and each further line of
 * the text 6 more. `id:` with 8 digits takes 13. Bytes are sent in base64, and an `event:` line names that.
 */
export const sseSizes: StreamSizes = {
  path: "/events",
  type: "text/event-stream",
  openingBytes: ({ options }) => `retry: ${options.idleMs / 20}\n\n`.length,
  messageBytes(payload, text) {
    const idBytes = "id: 00000001\n".length;
    if (!text) return idBytes + "event: base64\n".length + 8 + base64Bytes(payload);
    const lines = payload.toString().split("\n").length;
    return idBytes + 8 + 6 * (lines - 1) + payload.length;
  },
  heartbeatBytes: ":\n\n".length,
};

/** Lines of JSON: a text is a JSON string, bytes are `{"base64":"..."}`, and a line end follows. */
export const ndjsonSizes: StreamSizes = {
  path: "/stream",
  type: "application/x-ndjson",
  openingBytes: () => 0,
  messageBytes: (payload, text) =>
    1 + (text ? jsonTextBytes(payload.toString()) : '{"base64":""}'.length + base64Bytes(payload)),
  heartbeatBytes: 1,
};
