import type { Cost, Place } from "./bytes.ts";
import type { Bytes } from "../contract.ts";
import { headBytes, jsonStringBytes } from "./frames.ts";

/*
 * The exchanges of the polling protocol, written out line by line as undici sends them and Node answers them on a connection that is
 * kept: HTTP/1.1 has no shorter way to say it (RFC 9112), so the bytes follow from the strings.
 */

/** A session's id: 12 bytes in base64url. */
const session = "s".repeat(16);

/** The cursor of an ask: of fixed width. */
const cursor = "0".repeat(10);

/** A date of fixed width (IMF-fixdate: RFC 9110, section 5.6.7). */
const date = "Date: Sun, 06 Nov 1994 08:49:37 GMT";

function request(line: string, headers: readonly string[], { address: { host, port }, options }: Place): number {
  const lines = [`${line} HTTP/1.1`, `host: ${host}:${port}`, "connection: keep-alive", ...headers];
  return headBytes(lines) + options.extraHeaderBytes;
}

function response(status: string, headers: readonly string[], { options }: Place): number {
  const keptS = Math.floor((options.pollIntervalMs + options.idleMs + 5_000) / 1000);
  return headBytes([`HTTP/1.1 ${status}`, ...headers, date, "Connection: keep-alive", `Keep-Alive: timeout=${keptS}`]);
}

/** Bytes of the exchange that makes a session. */
export function joins(place: Place): { up: Bytes } {
  const answer = ["content-type: text/plain; charset=utf-8", `content-length: ${session.length}`];
  return {
    up: {
      in: request("POST /poll", ["content-length: 0"], place),
      out: response("201 Created", answer, place) + session.length,
    },
  };
}

/** Bytes of the exchange that sends a message: its body is the payload as it is. */
export function posts(payload: Buffer, text: boolean, place: Place): { up: Bytes } {
  const headers = [
    `content-type: ${text ? "text/plain;charset=UTF-8" : "application/octet-stream"}`,
    `content-length: ${payload.length}`,
  ];
  return {
    up: {
      in: request(`POST /poll/${session}`, headers, place) + payload.length,
      out: empties(place),
    },
  };
}

/** Bytes of an ask's request. */
export function asks(place: Place): number {
  return request(`GET /poll/${session}?after=${cursor}`, [], place);
}

/** Bytes of a response without a body. */
export function empties(place: Place): number {
  return response("204 No Content", [], place);
}

/** The cost of an ask that brings nothing. */
export function bringsNothing(down: Bytes): Cost {
  return { down, asks: 1, emptyBytes: down.in + down.out };
}

/** Bytes of the response that carries one message: `["..."]` with JSON's escapes, or a record of 4 + P bytes. */
export function responds(payload: Buffer, text: boolean, place: Place): number {
  const bodyBytes = text ? "[]".length + jsonStringBytes(payload.toString()) : 4 + payload.length;
  const type = text ? "application/json; charset=utf-8" : "application/vnd.records";
  return response("200 OK", [`content-type: ${type}`, `content-length: ${bodyBytes}`], place) + bodyBytes;
}
