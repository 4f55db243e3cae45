import { isEmptyPoll, sumCosts, type ExchangeShape, type VersionFormula } from "./http1-formula.ts";
import { jsonTextBytes } from "./frame-sizes.ts";
import type { HeaderField } from "./hpack.ts";
import type { ByteCost, WireFormula, ByteContext } from "./formula.ts";

/*
 * What the session protocol costs: in any version of HTTP, by polls and by streams.
 */

/** A session's id: 16 letters that HPACK spells in six bits each. */
const id = "b".repeat(16);

const plain: HeaderField = ["content-type", "text/plain; charset=utf-8"];

const joins = (path: string): ExchangeShape => ({
  role: "up",
  method: "POST",
  path,
  headers: [],
  bodyBytes: 0,
  answer: { status: 201, headers: [plain], bodyBytes: id.length },
});

const sends = (path: string, payload: Buffer, text: boolean): ExchangeShape => ({
  role: "up",
  method: "POST",
  path: `${path}/${id}`,
  headers: [["content-type", text ? "text/plain;charset=UTF-8" : "application/octet-stream"]],
  bodyBytes: payload.length,
  answer: { status: 204, headers: [], bodyBytes: 0 },
});

const asks = (after: number): ExchangeShape => ({
  role: "down",
  method: "GET",
  path: `/poll/${id}?after=${String(after).padStart(10, "0")}`,
  headers: [],
  bodyBytes: 0,
});

const empty = { status: 204, headers: [], bodyBytes: 0 } as const;

/**
 * A polled message is a whole exchange, whose body is a JSON array of one string, or one record of 4 + P bytes. A long poll's delivery is
 * the answer to the ask that was held, and the next ask's request.
 */
export function pollingFormula(version: VersionFormula, holds: boolean): WireFormula {
  const ask = (place: ByteContext, after: number, answer: ExchangeShape["answer"]) => ({
    ...version.again({ ...asks(after), ...(answer && { answer }) }, place),
    polls: 1,
  });
  function asksInVain(place: ByteContext): ByteCost {
    const cost = ask(place, place.received, empty);
    return cost.down ? { ...cost, ...isEmptyPoll(cost.down) } : cost;
  }
  return {
    setUp: (place) => version.first([joins("/poll"), ...(holds ? [asks(0)] : [])], place),
    send: (payload, text, place) => version.again(sends("/poll", payload, text), place),
    delivery(payload, text, place) {
      const bodyBytes = text ? "[]".length + jsonTextBytes(payload.toString()) : 4 + payload.length;
      const type: HeaderField = ["content-type", text ? "application/json; charset=utf-8" : "application/vnd.records"];
      return ask(place, holds ? place.received : place.received - 1, { status: 200, headers: [type], bodyBytes });
    },
    backgroundTraffic: (place) => [asksInVain(place)],
    idle: { name: "empty ask", cost: asksInVain },
  };
}

/** How messages are worded in a stream. */
interface StreamSizes {
  path: string;
  type: string;
  openingBytes(place: ByteContext): number;
  messageBytes(payload: Buffer, text: boolean): number;
  heartbeatBytes: number;
}

/** A streamed message is a piece of a body that goes on. */
export function streamingFormula(version: VersionFormula, words: StreamSizes): WireFormula {
  const { path, type, openingBytes, messageBytes, heartbeatBytes } = words;
  const begins: ExchangeShape = {
    role: "down",
    method: "GET",
    path: `${path}/${id}`,
    headers: [["accept", type]],
    bodyBytes: 0,
    answer: {
      status: 200,
      headers: [
        ["content-type", type],
        ["cache-control", "no-store"],
      ],
      bodyBytes: "flows",
    },
  };
  return {
    setUp(place) {
      const bytes = openingBytes(place);
      return sumCosts([version.first([joins(path), begins], place), bytes > 0 ? version.piece(bytes) : {}]);
    },
    send: (payload, text, place) => version.again(sends(path, payload, text), place),
    delivery: (payload, text) => version.piece(messageBytes(payload, text)),
    idle: { name: "heartbeat", cost: () => version.piece(heartbeatBytes) },
  };
}

const base64Bytes = (payload: Buffer): number => 4 * Math.ceil(payload.length / 3);

/**
 * `data: X` and two line ends: 8 bytes, and 6 more for each further line (HTML standard, section 9.2); `id:` with 8 digits, 13; text with a CR
 * as JSON and bytes in base64 name their type.
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

/** A JSON string or `{"base64":"..."}`, and a line end. */
export const ndjsonSizes: StreamSizes = {
  path: "/stream",
  type: "application/x-ndjson",
  openingBytes: () => 0,
  messageBytes: (payload, text) =>
    1 + (text ? jsonTextBytes(payload.toString()) : '{"base64":""}'.length + base64Bytes(payload)),
  heartbeatBytes: 1,
};
