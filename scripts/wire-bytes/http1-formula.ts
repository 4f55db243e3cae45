import type { ByteCounts, Role } from "../../scenarios/contract.ts";
import { headBytes } from "./frame-sizes.ts";
import type { HeaderField } from "./hpack.ts";
import type { ByteCost, ByteContext } from "./formula.ts";

/** A request and its response, in any version of HTTP. The response is left out while the server holds it. */
export interface ExchangeShape {
  role: Exclude<Role, "duplex">;
  method: "GET" | "POST" | "DELETE";
  path: string;
  headers: readonly HeaderField[];
  bodyBytes: number;
  response?: ResponseShape;
}

interface ResponseShape {
  status: 200 | 201 | 204;
  headers: readonly HeaderField[];
  /** `streamed`: the body does not end, and each piece of it is counted by itself. */
  bodyBytes: number | "streamed";
}

/** Cost of requests and responses in one version of HTTP. */
export interface HttpFormula {
  /** The first exchanges of a client, in this order, and the bytes that opening its connections takes. */
  firstExchanges(exchanges: readonly ExchangeShape[], context: ByteContext): ByteCost;
  /** An exchange that the connection has carried before. */
  repeatedExchange(exchange: ExchangeShape, context: ByteContext): ByteCost;
  /** One piece of a streamed response body. */
  bodyPiece(bytes: number): ByteCost;
}

/** Sum of these costs: bytes by role, and polls. */
export function sumCosts(costs: readonly ByteCost[]): ByteCost {
  const total: ByteCost = {};
  for (const cost of costs) {
    for (const role of ["up", "down", "duplex"] as const) {
      const { in: bytesIn, out } = cost[role] ?? { in: 0, out: 0 };
      if (cost[role]) total[role] = { in: (total[role]?.in ?? 0) + bytesIn, out: (total[role]?.out ?? 0) + out };
    }
    if (cost.polls) total.polls = (total.polls ?? 0) + cost.polls;
  }
  return total;
}

/** Cost of a poll that brings no message, on a connection that carries only polls. */
export function emptyPollCost(down: ByteCounts): ByteCost {
  return { down, polls: 1, emptyPollBytes: down.in + down.out };
}

const reasonPhrases = { 200: "OK", 201: "Created", 204: "No Content" };

/** A date has a fixed width (IMF-fixdate: RFC 9110, section 5.6.7), so any date gives the right size. */
const exampleDate = "Sun, 06 Nov 1994 08:49:37 GMT";

/**
 * HTTP/1.1 as undici writes requests and Node writes responses. HTTP/1.1 has no compressed form (RFC 9112), so the
 * bytes follow from the strings. `keepAliveMs` is how long the server keeps an idle connection; 0 closes it after each
 * exchange.
 */
export function http1Formula(keepAliveMs: (context: ByteContext) => number): HttpFormula {
  function requestBytes({ method, path, headers, bodyBytes }: ExchangeShape, context: ByteContext): number {
    const { host, port } = context.address;
    return (
      bodyBytes +
      context.options.extraHeaderBytes +
      headBytes([
        `${method} ${path} HTTP/1.1`,
        `host: ${host}:${port}`,
        `connection: ${keepAliveMs(context) > 0 ? "keep-alive" : "close"}`,
        ...headers.map(([name, value]) => `${name}: ${value}`),
        ...(method === "POST" ? [`content-length: ${bodyBytes}`] : []),
      ])
    );
  }

  function responseBytes({ status, headers, bodyBytes }: ResponseShape, context: ByteContext): number {
    const keepAlive = [`Connection: keep-alive`, `Keep-Alive: timeout=${Math.floor(keepAliveMs(context) / 1000)}`];
    const lines = [
      `HTTP/1.1 ${status} ${reasonPhrases[status]}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      `Date: ${exampleDate}`,
      ...(keepAliveMs(context) > 0 ? keepAlive : ["Connection: close"]),
      ...(bodyBytes === "streamed" ? ["Transfer-Encoding: chunked"] : []),
      ...(status !== 204 && bodyBytes !== "streamed" ? [`content-length: ${bodyBytes}`] : []),
    ];
    return headBytes(lines) + (bodyBytes === "streamed" ? 0 : bodyBytes);
  }

  const repeatedExchange: HttpFormula["repeatedExchange"] = (exchange, context) => ({
    [exchange.role]: {
      in: requestBytes(exchange, context),
      out: exchange.response ? responseBytes(exchange.response, context) : 0,
    },
  });

  return {
    firstExchanges: (exchanges, context) => sumCosts(exchanges.map((exchange) => repeatedExchange(exchange, context))),
    repeatedExchange,
    // A chunk: its size in hex and two line ends (RFC 9112, section 7.1).
    bodyPiece: (bytes) => ({ down: { in: 0, out: bytes + bytes.toString(16).length + 4 } }),
  };
}
