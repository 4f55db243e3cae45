import { createSecureContext, type SecureContext } from "node:tls";
import type { Address } from "../../../scenarios/contract.ts";

/** One context per certificate, for all connections: to create one takes longer than a handshake, and much memory. */
const contexts = new Map<string, SecureContext>();

/**
 * Options of `tls.connect` for an address, also for libraries that pass them on; empty without a certificate. They ask
 * for TLS 1.3 only, with the key exchange X25519 whatever OpenSSL's default is, and trust no other certificate.
 */
export function tlsOptions({ certificate }: Pick<Address, "certificate">): { secureContext?: SecureContext } {
  if (certificate === undefined) return {};
  let secureContext = contexts.get(certificate);
  if (!secureContext) {
    secureContext = createSecureContext({ ca: certificate, minVersion: "TLSv1.3", ecdhCurve: "X25519" });
    contexts.set(certificate, secureContext);
  }
  return { secureContext };
}

/**
 * The URL of an address, with this scheme or, where the address has a certificate, with the scheme over TLS ("https",
 * "wss").
 */
export function urlOf(scheme: "http" | "ws", { host, port, certificate }: Address): string {
  return `${scheme}${certificate === undefined ? "" : "s"}://${host}:${port}`;
}
