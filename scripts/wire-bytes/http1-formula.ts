import type { ByteCounts, Role } from "../../scenarios/contract.ts";
import { headBytes } from "./frame-sizes.ts";
import type { HeaderField } from "./hpack.ts";
import type { ByteCost, ByteContext } from "./formula.ts";

/** A request and its answer; the answer is left out where it has not come yet. */
export interface ExchangeShape {
  role: Exclude<Role, "duplex">;
  method: "GET" | "POST" | "DELETE";
  path: string;
  headers: readonly HeaderField[];
  bodyBytes: number;
  answer?: Answer;
}

/** `flows`: its body goes on, and is weighed piece by piece. */
interface Answer {
  status: 200 | 201 | 204;
  headers: readonly HeaderField[];
  bodyBytes: number | "flows";
}

/** What exchanges cost in a version of HTTP. */
export interface VersionFormula {
  /** The first exchanges of a client, in this order, and what connections cost by themselves. */
  first(exchanges: readonly ExchangeShape[], place: ByteContext): ByteCost;
  /** An exchange whose like there has been before. */
  again(exchange: ExchangeShape, place: ByteContext): ByteCost;
  /** One piece of a body that goes on. */
  piece(bytes: number): ByteCost;
}

/** All of these together. */
export function sumCosts(costs: readonly ByteCost[]): ByteCost {
  const all: ByteCost = {};
  for (const cost of costs) {
    for (const role of ["up", "down", "duplex"] as const) {
      const { in: bytesIn, out } = cost[role] ?? { in: 0, out: 0 };
      if (cost[role]) all[role] = { in: (all[role]?.in ?? 0) + bytesIn, out: (all[role]?.out ?? 0) + out };
    }
    if (cost.polls) all.polls = (all.polls ?? 0) + cost.polls;
  }
  return all;
}

/** The cost of an ask that brings nothing, on a connection that carries nothing but asks. */
export function isEmptyPoll(down: ByteCounts): ByteCost {
  return { down, polls: 1, emptyBytes: down.in + down.out };
}

const phrases = { 200: "OK", 201: "Created", 204: "No Content" };

/** A date of fixed width (IMF-fixdate: RFC 9110, section 5.6.7). */
const anyDate = "Sun, 06 Nov 1994 08:49:37 GMT";

/**
 * HTTP/1.1 line by line, as undici writes requests and Node answers them: it has no shorter way to say it (RFC 9112), so the bytes follow
 * from the strings. A connection is kept for `keptMs`, or closed after each exchange where that is 0.
 */
export function http1Formula(keptMs: (place: ByteContext) => number): VersionFormula {
  function requestBytes({ method, path, headers, bodyBytes }: ExchangeShape, place: ByteContext): number {
    const { host, port } = place.address;
    return (
      bodyBytes +
      place.options.extraHeaderBytes +
      headBytes([
        `${method} ${path} HTTP/1.1`,
        `host: ${host}:${port}`,
        `connection: ${keptMs(place) > 0 ? "keep-alive" : "close"}`,
        ...headers.map(([name, value]) => `${name}: ${value}`),
        ...(method === "POST" ? [`content-length: ${bodyBytes}`] : []),
      ])
    );
  }

  function answerBytes({ status, headers, bodyBytes }: Answer, place: ByteContext): number {
    const kept = [`Connection: keep-alive`, `Keep-Alive: timeout=${Math.floor(keptMs(place) / 1000)}`];
    const lines = [
      `HTTP/1.1 ${status} ${phrases[status]}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      `Date: ${anyDate}`,
      ...(keptMs(place) > 0 ? kept : ["Connection: close"]),
      ...(bodyBytes === "flows" ? ["Transfer-Encoding: chunked"] : []),
      ...(status !== 204 && bodyBytes !== "flows" ? [`content-length: ${bodyBytes}`] : []),
    ];
    return headBytes(lines) + (bodyBytes === "flows" ? 0 : bodyBytes);
  }

  const again: VersionFormula["again"] = (exchange, place) => ({
    [exchange.role]: {
      in: requestBytes(exchange, place),
      out: exchange.answer ? answerBytes(exchange.answer, place) : 0,
    },
  });

  return {
    first: (exchanges, place) => sumCosts(exchanges.map((exchange) => again(exchange, place))),
    again,
    // A chunk: its size in hex and two line ends (RFC 9112, section 7.1).
    piece: (bytes) => ({ down: { in: 0, out: bytes + bytes.toString(16).length + 4 } }),
  };
}
