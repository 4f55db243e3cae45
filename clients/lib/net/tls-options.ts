import { createSecureContext, type SecureContext } from "node:tls";
import type { Address } from "../../../scenarios/contract.ts";

/** Options of `tls.connect`, also for libraries that pass them on. */
export interface TlsClientOptions {
  secureContext?: SecureContext;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** One context per certificate, for all connections: to create one takes longer than a handshake, and much memory. */
const contexts = new Map<string, SecureContext>();

/** True if connections to an address run over TLS. */
export function isEncrypted({ certificate, tls }: Pick<Address, "certificate" | "tls">): boolean {
  return certificate !== undefined || tls !== undefined;
}

/**
 * Options of `tls.connect` for an address; empty without TLS. For a server of ours they ask for TLS 1.3 only, with the
 * key exchange X25519 whatever OpenSSL's default is, and trust no other certificate.
 */
export function tlsOptions({ certificate, tls }: Pick<Address, "certificate" | "tls">): TlsClientOptions {
  if (tls) {
    const { servername, ca, cert, key, insecure = false } = tls;
    const secureContext = contextFor(JSON.stringify([ca, cert, key]), () =>
      createSecureContext({ minVersion: "TLSv1.2", ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }),
    );
    return { secureContext, ...(servername !== undefined && { servername }), rejectUnauthorized: !insecure };
  }
  if (certificate === undefined) return {};
  return {
    secureContext: contextFor(certificate, () =>
      createSecureContext({ ca: certificate, minVersion: "TLSv1.3", ecdhCurve: "X25519" }),
    ),
  };
}

function contextFor(key: string, create: () => SecureContext): SecureContext {
  let context = contexts.get(key);
  if (!context) contexts.set(key, (context = create()));
  return context;
}

/**
 * The URL of an address, with this scheme or, over TLS, with the scheme over TLS ("https", "wss"). Its host is the
 * address, so nothing looks up a name.
 */
export function urlOf(scheme: "http" | "ws", address: Address): string {
  return `${scheme}${isEncrypted(address) ? "s" : ""}://${hostAndPort(address)}`;
}

function hostAndPort({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Headers of every request to an address, for a library: those of the address, and its name where that is known. */
export function libraryHeaders({ authority, headers }: Address): Record<string, string> {
  return { ...(authority !== undefined && { host: authority }), ...headers };
}

/** The `Host` header of requests to an address: without the default port of HTTP. */
export function hostHeader(address: Address): string {
  return address.authority ?? hostAndPort(address).replace(/:80$/, "");
}
