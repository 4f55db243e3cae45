import { createSecureContext, type SecureContext } from "node:tls";
import type { Address } from "../../../scenarios/contract.ts";

/** One for all connections to a server: making one takes longer than a handshake, and much memory. */
const contexts = new Map<string, SecureContext>();

/**
 * What `tls.connect`, and each library that hands its options on to it, has to be told to reach an address: nothing where it has no
 * certificate. Otherwise TLS 1.3 only, with the key exchange X25519 whatever OpenSSL would offer by itself, and the certificate as the only
 * one to trust.
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

/** The address as a URL of this scheme, such as "http", or of the one that says the same over TLS. */
export function urlOf(scheme: "http" | "ws", { host, port, certificate }: Address): string {
  return `${scheme}${certificate === undefined ? "" : "s"}://${host}:${port}`;
}
