import { isIPv6 } from "node:net";
import type { Address } from "../contract.ts";
import { parseAddress, type UrlProtocol } from "../lib/addresses.ts";
import { UserError } from "../lib/errors.ts";
import { keepSecret } from "../lib/secrets.ts";

/** Every scheme of a target's URL: its protocol, whether it means TLS, and its port where the URL has none. */
const schemes: Record<string, { protocol: UrlProtocol; tls: boolean; port?: number }> = {
  ws: { protocol: "ws", tls: false, port: 80 },
  wss: { protocol: "ws", tls: true, port: 443 },
  http: { protocol: "http", tls: false, port: 80 },
  https: { protocol: "http", tls: true, port: 443 },
  tcp: { protocol: "tcp", tls: false },
  tls: { protocol: "tcp", tls: true },
  udp: { protocol: "udp", tls: false },
  mqtt: { protocol: "mqtt", tls: false, port: 1883 },
  mqtts: { protocol: "mqtt", tls: true, port: 8883 },
  grpc: { protocol: "grpc", tls: false },
  grpcs: { protocol: "grpc", tls: true },
};

/** Schemes of Unix sockets with their protocol; `unix` alone suits every protocol over a stream. */
const unixSchemes: Record<string, UrlProtocol | undefined> = { unix: undefined, "ws+unix": "ws", "http+unix": "http" };

/** A target as its URL names it, before a name is looked up. */
export interface TargetUrl {
  /** Undefined where the URL does not say: HOST:PORT, and `unix:`. */
  protocol: UrlProtocol | undefined;
  tls: boolean;
  address: Address;
  /** The URL as it may be shown: without a user, a password or the values of the query. */
  title: string;
}

/**
 * The target that a URL or HOST:PORT names. Throws a UserError, one sentence, for any other text. The password and the
 * values of the query are secrets from then on. `what` names the text.
 */
export function parseTargetUrl(what: string, text: string): TargetUrl {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):(?!\d{1,5}$)/i.exec(text) ?? [];
  hideCredentials(text);
  if (scheme === undefined) {
    const bracketed = /^\[([\da-f:.]+)\]:(\d{1,5})$/i.exec(text);
    const address = bracketed ? ipv6Address(what, bracketed[1]!, bracketed[2]!) : parseAddress(what, text);
    return { protocol: undefined, tls: false, address, title: text };
  }
  const name = scheme.toLowerCase();
  if (Object.hasOwn(unixSchemes, name)) return unixTarget(what, name, text.slice(scheme.length + 1));
  if (!Object.hasOwn(schemes, name))
    throw new UserError(
      `${what} has the scheme "${scheme}:", which is unknown: use ${[...Object.keys(schemes), ...Object.keys(unixSchemes)].join(", ")}, or HOST:PORT.`,
    );
  return networkTarget(what, name, text);
}

/** Keeps a password and the values of a query secret, also in a text that is no URL. */
function hideCredentials(text: string): void {
  const password = /\/\/[^/@:]*:([^/@]+)@/.exec(text)?.[1];
  if (password !== undefined) keepSecret(password);
  for (const [, value] of text.matchAll(/[?&][^=&#]*=([^&#]*)/g)) keepSecret(value!);
}

function networkTarget(what: string, scheme: string, text: string): TargetUrl {
  const { protocol, tls, port: defaultPort } = schemes[scheme]!;
  // URL knows the default port of ws, wss, http and https only, and reads a host in other schemes as it is.
  const url = URL.parse(text.replace(/^[^:]+/, isWeb(protocol) ? (tls ? "https" : "http") : scheme));
  if (!url || url.hostname === "") throw new UserError(`${what} is not a URL: write ${scheme}://HOST:PORT/path.`);
  if (url.hash !== "") throw new UserError(`${what} has a fragment (${url.hash}), which no server sees: remove it.`);
  const port = url.port === "" ? defaultPort : Number(url.port);
  if (port === undefined || port === 0)
    throw new UserError(`${what} has no port: write ${scheme}://${url.hostname}:PORT.`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const path = pathIn(url) + url.search;
  const [user, password] = [url.username, url.password].map((each) => decoded(what, each));
  if (password) keepSecret(password);
  for (const value of url.searchParams.values()) keepSecret(value);
  const address: Address = { host, port };
  if (isWeb(protocol)) {
    address.authority = url.host;
    if (path !== "/") address.path = path;
    if (user || password) address.headers = { authorization: basicAuthorization(user!, password!) };
  } else if (path !== "" && path !== "/") {
    throw new UserError(`${what} has a path (${pathIn(url)}), and ${scheme} has none: remove it.`);
  } else if (user) Object.assign(address, { user, ...(password && { password }) });
  return { protocol, tls, address, title: `${scheme}://${url.host}${shownPath(url)}` };
}

function decoded(what: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UserError(`${what} has a "%" in its user or password that encodes nothing: write %25 for it.`);
  }
}

function basicAuthorization(user: string, password: string): string {
  const value = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  keepSecret(value);
  return value;
}

function isWeb(protocol: UrlProtocol | undefined): boolean {
  return protocol === "ws" || protocol === "http";
}

/** The path of a request, which is no path of a file. */
function pathIn(url: URL): string {
  return url.pathname; // oxlint-disable-line no-restricted-properties
}

/** Path and query without the values of the query. */
function shownPath(url: URL): string {
  const names = [...url.searchParams.keys()];
  const path = pathIn(url) === "/" && names.length === 0 ? "" : pathIn(url);
  return path + (names.length > 0 ? `?${names.map((each) => `${each}=***`).join("&")}` : "");
}

function ipv6Address(what: string, host: string, digits: string): Address {
  const port = Number(digits);
  if (!isIPv6(host) || port === 0 || port > 65_535)
    throw new UserError(`${what} is not [IPv6]:PORT, such as [::1]:18001.`);
  return { host, port };
}

/** `unix:/run/x.sock`; with a protocol, an HTTP path may follow after a colon, as the `ws` library has it. */
function unixTarget(what: string, scheme: string, rest: string): TargetUrl {
  const protocol = unixSchemes[scheme];
  const [socketPath = "", path = "", ...more] = rest.replace(/^\/\/(?=\/)/, "").split(":");
  if (!socketPath.startsWith("/") || more.length > 0 || (path !== "" && (!protocol || !path.startsWith("/"))))
    throw new UserError(
      `${what} is not the path of a Unix socket: write ${scheme}:/run/chat.sock${protocol ? ", or with a path after a colon" : ""}.`,
    );
  const url = new URL(`http://localhost${path}`);
  for (const value of url.searchParams.values()) keepSecret(value);
  const address: Address = {
    host: "localhost",
    port: 0,
    socketPath,
    authority: "localhost",
    ...(path !== "" && { path }),
  };
  const shown = shownPath(url);
  return { protocol, tls: false, address, title: `${scheme}:${socketPath}${shown && `:${shown}`}` };
}
