import type { Options } from "../../../scenarios/contract.ts";
import { transportLabel } from "../../../scenarios/transports/load-transport.ts";
import type { PageWire, Transport } from "../../../scenarios/transports/transport.ts";
import { transports } from "../../../scenarios/transports.ts";
import { sharedOptions } from "../../../servers/protocols/socket-io-options.ts";

/** What the page has to know to speak to one server. */
export interface AboutTransport {
  name: string;
  title: string;
  wire: PageWire;
  /** Port of the server. Default: the one that the page came from. */
  port?: number;
  /** Milliseconds between polls; 0 where the server holds them. */
  pollIntervalMs: number;
  /** True if a message is one WebSocket frame without compression, so that its header bytes are known. */
  plainFrames: boolean;
  /** Transports of Engine.IO that the server allows. */
  transports?: readonly string[];
  /** True if the server speaks MessagePack, which needs another client. */
  msgpack: boolean;
}

/** Why the page cannot speak to a server, as one sentence. Undefined where it can. */
export function pageRefusal(name: string, { page, http2, options }: Transport): string | undefined {
  const label = transportLabel(name);
  if (page === undefined) return `There is no page to chat in, since a page in a browser cannot speak ${label}.`;
  if (http2 && !options.tls)
    return `There is no page to chat in, since browsers speak HTTP/2 over TLS alone: ${label}+tls has one.`;
  return undefined;
}

/** Names of the transports that a page can speak without TLS, variants left out. */
export function pageTransports(): string[] {
  const able = Object.entries<Transport>(transports).filter(
    ([name, transport]) => transport.variantOf === undefined && pageRefusal(name, transport) === undefined,
  );
  return able.map(([name]) => name);
}

/** What the page is told about a server with these options. */
export async function aboutTransport(
  name: string,
  { title, page, idlePeriodOption }: Transport,
  options: Options,
): Promise<AboutTransport> {
  const shared = page === "socket.io" ? await sharedOptions(options) : undefined;
  return {
    name: transportLabel(name),
    title,
    wire: page!,
    pollIntervalMs: idlePeriodOption === "pollIntervalMs" ? options.pollIntervalMs : 0,
    plainFrames: page === "websocket" && options.transportOptions["deflate"] !== true,
    ...(shared && { transports: shared.transports }),
    msgpack: shared !== undefined && "parser" in shared,
  };
}
