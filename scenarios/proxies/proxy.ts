import type { Address } from "../contract.ts";
import type { Transport } from "../transports/transport.ts";

/** A configuration of a reverse proxy, as clients of a product meet it in front of the servers. */
export interface Proxy {
  /** Name in `programs` of start-proxy.ts. */
  program: "nginx" | "haproxy" | "caddy";
  /** Why it cannot carry a transport, as a sentence with a remedy. Undefined where it can, or where a trial is to show it. */
  refuses(transport: Transport, label: string): string | undefined;
  /** What it does to a transport, and what to do about it, for the sentence of a trial that fails. Default: nothing. */
  spoils?(transport: Transport): string | undefined;
  /** True where TLS goes on to the servers. Default: it ends at the proxy. */
  passesTls?: true;
  /** The text of its configuration file. */
  configuration(request: ProxyRequest): string;
}

/** What a proxy is to be between. Times are in milliseconds. */
export interface ProxyRequest {
  /** Where clients join. */
  front: Pick<Address, "host" | "port">;
  /** The addresses of all server processes. */
  servers: readonly Pick<Address, "host" | "port">[];
  speaks: Spoken;
  /** True where all connections of a client must reach the same one of several servers. */
  sticky: boolean;
  /** Most connections of clients at once. */
  connections: number;
  /** File descriptors that the proxy may have. */
  descriptors: number;
  /** Time for which a connection may be silent. */
  silenceMs: number;
  /** File with the certificate and the key for TLS with clients, as PEM. Default: no TLS. */
  pem?: string | undefined;
  /** Folder for its own files. */
  folder: string;
}

/** What a transport speaks over TCP, as a proxy must know it. */
export type Spoken = "http1" | "http2" | "grpc" | "tcp";

/** What a transport speaks. Undefined where it needs more than TCP. */
export function spokenBy({ protocols = [], http2, overTcp }: Transport): Spoken | undefined {
  if (overTcp === false) return undefined;
  if (protocols.includes("grpc")) return "grpc";
  if (protocols.includes("http") || protocols.includes("ws")) return http2 ? "http2" : "http1";
  return "tcp";
}

/** Why a proxy for HTTP, which knows these protocols, cannot carry a transport. Undefined where it can. */
export function refusalOfHttp(
  program: string,
  known: readonly Spoken[],
  transport: Transport,
  label: string,
): string | undefined {
  const spoken = spokenBy(transport);
  if (spoken === undefined) return notOverTcp(program, label);
  if (known.includes(spoken)) return undefined;
  if (spoken === "tcp")
    return `${program} passes on HTTP, and ${label} is none: --through haproxy-tcp passes on every TCP connection.`;
  return `${program} speaks HTTP/1.1 with the servers it passes requests on to, and ${label} speaks HTTP/2 alone: take --through haproxy or caddy.`;
}

/** Why no proxy carries a transport that needs more than TCP. */
export function notOverTcp(program: string, label: string): string {
  return `${program} passes on TCP connections, and ${label} does not run over TCP alone: there is no proxy for it here.`;
}

/** The comment above what keeps a client at one of several servers. */
export const stickyComment = "# All connections of a client reach the same server.";

/** The host and the port as configurations write them. */
export function place({ host, port }: Pick<Address, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Milliseconds as whole seconds, not below them. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
